package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// partyNames are what the parties are called, in both forms of Norwegian, the short form first.
var partyNames = [][]string{
	{"ap", "arbeiderpartiet", "arbeidarpartiet"}, {"h", "høyre", "høgre"}, {"sp", "senterpartiet"},
	{"frp", "fremskrittspartiet", "framstegspartiet"}, {"sv", "sosialistisk venstreparti"}, {"v", "venstre"},
	{"krf", "kristelig folkeparti", "kristeleg folkeparti"}, {"r", "rødt", "raudt"},
	{"mdg", "miljøpartiet", "miljøpartiet de grønne", "miljøpartiet dei grøne"}, {"inp", "industri- og næringspartiet", "industri og næringspartiet"},
	{"pp", "pensjonistpartiet"},
}

// parties knows the parties of a meeting by all their names.
type parties struct {
	label map[string]string // folded name -> the party as the roster writes it
	words int               // of the longest name
}

func newParties(m *referent.Meeting) *parties {
	b := &parties{label: map[string]string{}, words: 1}
	for _, names := range partyNames {
		for _, n := range names {
			b.add(n, shown(names[0]))
		}
	}
	for _, p := range m.Participants {
		own := strings.TrimSpace(p.Party)
		key := norsk.Fold(own)
		if key == "" {
			continue
		}
		b.add(key, own)
		for _, names := range partyNames {
			if slices.Contains(names, key) {
				for _, n := range names {
					b.add(n, own)
				}
			}
		}
	}
	return b
}

// shown writes a party that the roster does not know by its short form.
func shown(short string) string {
	switch short {
	case "ap", "sp":
		return norsk.Capitalise(short)
	case "frp":
		return "FrP"
	case "krf":
		return "KrF"
	}
	return strings.ToUpper(short)
}

func (b *parties) add(name, label string) {
	key := norsk.Fold(name)
	b.label[key] = label
	b.words = max(b.words, len(strings.Fields(key)))
}

// of is the party as the roster writes it.
func (b *parties) of(name string) string { return b.label[norsk.Fold(name)] }

// partyNamed is a party found in a text.
type partyNamed struct {
	label      string
	to         int  // after its last token
	possessive bool // "Høyres", "SV sine"
}

// at reads a party at token i: "Høyre", "Arbeiderpartiets", "SV sitt", "Høyre-gruppa". Lower-case "høyre" and
// "venstre" are directions.
func (b *parties) at(tokens []norsk.Token, i int) (partyNamed, bool) {
	for n := min(b.words, len(tokens)-i); n > 0; n-- {
		var words []string
		for j := i; j < i+n; j++ {
			words = append(words, tokens[j].Lower)
		}
		key := strings.Join(words, " ")
		last := tokens[i].Text
		for _, suffix := range []string{"-gruppa", "-gruppen", "-gruppe", "gruppa", "gruppen"} {
			key = strings.TrimSuffix(key, suffix)
		}
		found := partyNamed{label: b.label[key], to: i + n}
		if found.label == "" && len(key) > 2 {
			if short, ok := strings.CutSuffix(key, "s"); ok {
				found.label, found.possessive = b.label[short], true
			}
		}
		if found.label == "" || !tokens[i].Capitalised() && !strings.Contains(key, "partiet") || len(key) == 1 && last != strings.ToUpper(last) {
			continue
		}
		if found.to < len(tokens) && tokens[found.to-1].Mark == 0 && slices.Contains([]string{"sitt", "sin", "sine", "si"}, tokens[found.to].Lower) {
			found.to++
			found.possessive = true
		}
		return found, true
	}
	return partyNamed{}, false
}

// all returns the parties of a text in order, each once.
func (b *parties) all(tokens []norsk.Token) []string {
	var out []string
	for i := 0; i < len(tokens); {
		if p, ok := b.at(tokens, i); ok {
			if !slices.Contains(out, p.label) {
				out = append(out, p.label)
			}
			i = p.to
			continue
		}
		i++
	}
	return out
}

// isParty reports whether a word alone is a party's name.
func isParty(word string) bool {
	return slices.ContainsFunc(partyNames, func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return n == word || len(n) > 1 && n+"s" == word })
	})
}
