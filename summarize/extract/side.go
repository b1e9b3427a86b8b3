package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// side is who is said to have voted one way.
type side struct {
	names   []string
	parties []string // as the roster writes them
	rest    bool     // "resten", "alle andre"
	someOf  []string // parties of which some did, without names
	except  []string // "Høyre unntatt Anne Moen"
}

func (d *side) empty() bool { return len(d.names)+len(d.parties)+len(d.someOf) == 0 && !d.rest }

func (d *side) add(o side) {
	d.names = appendNew(d.names, o.names...)
	d.parties = appendNew(d.parties, o.parties...)
	d.someOf = appendNew(d.someOf, o.someOf...)
	d.except = appendNew(d.except, o.except...)
	d.rest = d.rest || o.rest
}

// split is what a sentence says of who voted how.
type split struct {
	of   [3]side     // for, against, blank
	near [][2]string // as heard -> the name that was taken for it
}

const (
	forSide = iota
	againstSide
	blankSide
)

func (x *split) empty() bool { return x.of[0].empty() && x.of[1].empty() && x.of[2].empty() }

var (
	votedWords   = []string{"stemte", "stemt", "røysta", "røystene", "stemmene", "stemme", "stemmer", "røyst", "røyster", "røystar"}
	pastVoting   = []string{"stemte", "røysta", "stemmene", "røystene"}
	proposalWord = norsk.Phrases("forslag~", "framlegg~", "tilleggsforslag~", "endringsforslag~", "utsettelsesforslag~", "fellesforslag~", "motforslag~", "tilleggsframlegg~", "endringsframlegg~", "fellesframlegg~", "motframlegg~", "utsetjingsframlegg~", "oversendelsesforslag~", "oversendingsforslag~", "oversendingsframlegg~", "alternativforslag~", "innstilling~", "tilråding~", "tillegg|tillegget", "uttalelse|uttalelsen", "fråsegn|fråsegna")
)

func sideOf(w string) (int, bool) {
	switch w {
	case "for", "ja":
		return forSide, true
	case "mot", "imot", "nei":
		return againstSide, true
	case "blankt", "blanke", "blank":
		return blankSide, true
	}
	return 0, false
}

// splitOf reads "For stemte Kari og Ola, mot stemte Per", "Ap og SV for, Høyre mot", "mot Sps to stemmer". While
// a side is asked for, a list of names alone answers; asked is -1 when none is.
func (s *sitting) splitOf(u *utterance, i int, open bool, asked int) split {
	var x split
	past := slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return slices.Contains(pastVoting, t.Lower) })
	voting := past || open && slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return slices.Contains(votedWords, t.Lower) })
	calls := open && s.callsOut(u.tokens)
	if !voting && !calls && (asked < 0 || !s.listOnly(u.tokens)) {
		return x
	}
	if !past && asked >= 0 && !s.listOnly(u.tokens) {
		asked = -1
	}
	var waiting side
	at, excepted := -1, false
	put := func(d side) {
		switch {
		case excepted:
			waiting.except = appendNew(waiting.except, d.names...)
			if at >= 0 {
				x.of[at].except = appendNew(x.of[at].except, d.names...)
			}
		case at >= 0:
			x.of[at].add(d)
		default:
			waiting.add(d)
		}
	}
	t := u.tokens
	for j := 0; j < len(t); {
		if _, ok := namesProposal(t, j); ok {
			j = s.afterOwners(t, j+1)
			excepted = false
			continue
		}
		if end, ok := startsWith(exceptWords, t[j:]); ok {
			excepted = true
			j += end
			continue
		}
		if end, ok := startsWith(restWords, t[j:]); ok {
			if slices.ContainsFunc(t[j:j+end], func(w norsk.Token) bool {
				return slices.Contains([]string{"unntatt", "utenom", "utanom", "unnateke", "bortsett", "unntak", "unnatak"}, w.Lower)
			}) {
				put(side{rest: true}) // "alle unntatt Egil"
				excepted = true
				j += end
				continue
			}
			j += end
			if next, isParty := s.partyAfter(t, j); isParty {
				put(side{parties: []string{next.label}})
				j = next.to
			} else {
				put(side{rest: true})
			}
			continue
		}
		if n, near, ok := s.people.nearAt(t, j); ok && !s.ownsProposal(t, n.to) {
			if n.ambiguous {
				n.name = s.oneMember(t[j].Lower)
			}
			if n.name != "" && (past || !s.known(n.name) || s.standingOf(n.name) != guest) {
				put(side{names: []string{n.name}})
				if near {
					x.near = append(x.near, [2]string{joined(t[n.from:n.to]), n.name})
				}
			}
			j = s.afterParty(t, n)
			continue
		}
		if pn, ok := s.parties.at(t, j); ok {
			switch {
			case s.ownsProposal(t, pn.to) && pn.possessive:
			case j >= 2 && slices.Contains([]string{"fra", "frå", "i", "av"}, t[j-1].Lower) && count(t[j-2]) != nil && t[j-1].Mark == 0:
				put(s.someOf(pn.label, *count(t[j-2]), i))
			default:
				put(side{parties: []string{pn.label}})
			}
			j = pn.to
			continue
		}
		if selfNamed(t, j) && (asked >= 0 || voting) {
			if name := s.people.known(u.speaker); s.known(name) && s.standingOf(name) != guest {
				put(side{names: []string{name}})
			}
			j++
			continue
		}
		if k, ok := sideOf(t[j].Lower); ok && sideHere(t, j) {
			before, after := j > 0 && count(t[j-1]) != nil, j+1 < len(t) && count(t[j+1]) != nil
			pair := k == againstSide && after && pairBefore(t, j)
			switch {
			case pair: // "åtte stemmer fra Ap og H mot tre"
				x.of[forSide].add(waiting)
				waiting, at = side{}, againstSide
			case at < 0 && !waiting.empty() || at >= 0 && !waiting.empty():
				x.of[k].add(waiting)
				waiting, at = side{}, -1
			case before && !after && j > 1: // "og fire mot": counts, no list
				if t[j].Mark != ',' && s.listFollows(t, j+1) {
					at = k
				}
			case j >= 2 && slices.Contains(votedWords, t[j-1].Lower) && count(t[j-2]) != nil && (t[j].Mark == ',' || !s.listFollows(t, j+1)):
				at = -1 // "sju stemte for innstillingen, Høyre stemte mot"
			default:
				at = k
			}
			excepted = false
			j++
			continue
		}
		j++
	}
	if asked >= 0 && !waiting.empty() {
		x.of[asked].add(waiting)
	}
	return x
}

// listOnly reports whether a sentence is a list of members and parties, with a count at most: an answer to
// "de som er for?".
func (s *sitting) listOnly(t []norsk.Token) bool {
	rest := s.withoutNames(t)
	if len(rest) == len(t) {
		return false
	}
	return !slices.ContainsFunc(rest, func(w norsk.Token) bool {
		_, side := sideOf(w.Lower)
		return !side && count(w) == nil && !answerWords[w.Lower]
	})
}

// selfNamed reports whether the word at j is the speaker as one of those who voted: "Rune og jeg", "meg selv",
// "jeg stemte". "Jeg teller seks" is not.
func selfNamed(t []norsk.Token, j int) bool {
	switch t[j].Lower {
	case "meg":
		return true
	case "jeg", "eg":
		return j > 0 && t[j-1].Lower == "og" || j+1 < len(t) && (slices.Contains(pastVoting, t[j+1].Lower) || ownVote(t[j+1:])) || j > 0 && t[j-1].Mark == 0 && slices.Contains(pastVoting, t[j-1].Lower)
	}
	return false
}

// ownVote tells "er imot", "røystar for" after "jeg": how a member says that he votes.
func ownVote(t []norsk.Token) bool {
	if !slices.Contains([]string{"er", "var", "stemmer", "røystar", "røyster", "e"}, t[0].Lower) || len(t) < 2 {
		return false
	}
	_, ok := sideOf(t[1].Lower)
	return ok && (t[1].Lower != "for" || t[1].Mark != 0 || len(t) == 2)
}

// sideHere tells "ja" and "nei" as sides of a vote from the little words that they mostly are.
func sideHere(t []norsk.Token, j int) bool {
	if w := t[j].Lower; w != "ja" && w != "nei" {
		return true
	}
	if t[j].Mark == ':' || j > 0 && slices.Contains([]string{"stemte", "svarte", "røysta", "svara", "sa", "stemmer"}, t[j-1].Lower) {
		return true
	}
	return j+1 < len(t) && t[j].Mark == 0 && slices.Contains([]string{"fra", "frå", "stemte", "røysta", "svarte", "svara"}, t[j+1].Lower)
}

// callsOut reports whether a sentence reads out who voted one way: "Ja fra Kari Lie, Ola Vik og Per Moe".
func (s *sitting) callsOut(t []norsk.Token) bool {
	for j := range t {
		if _, ok := sideOf(t[j].Lower); !ok || !sideHere(t, j) || j > 8 {
			continue
		}
		k := j + 1
		if k < len(t) && slices.Contains([]string{"fra", "frå"}, t[k].Lower) {
			k++
		}
		if k < len(t) {
			if n, ok := s.people.at(t, k); ok && s.standingOf(n.name) != guest && (k > j+1 || t[j].Mark == ':') {
				return true
			}
		}
	}
	return false
}

// answerWords are the words that an answer to a chair's question can hold beside numbers and names.
var answerWords = wordSet("jeg eg du det er var vi me får teller tel talde ser til ja jo da då altså stemmer røyster røystar stykker stykk stykke stk kort hender også òg og hender blir vert nei bare berre kun der her så akkurat takk stemme røyst ha ut eh har representanter medlemmer medlemer fikk fekk ok igjen fra frå ble vart den de dei alle hele heile samt selv sjølv resten andre øvrige unntatt utenom utanom unnateke bortsett med unntak unnatak gruppa stemte røysta medlem representant")

var (
	exceptWords = norsk.Phrases("med unntak av|for", "med unnatak av|for", "unntatt", "unnateke", "bortsett fra", "bortsett frå", "utenom", "utanom", "minus", "untatt")
	restWords   = norsk.Phrases("alle|samtlige|samtlege unntatt|utenom|utanom|unnateke", "alle|samtlige|samtlege bortsett fra|frå", "alle|samtlige med unntak|unnatak av|for", "resten av|i|fra|frå?", "resten", "alle andre", "alle dei|de andre|øvrige", "de|dei øvrige|andre|resterende|resterande", "det øvrige")
)

// namesProposal reports whether the word at j names a proposal.
func namesProposal(t []norsk.Token, j int) (int, bool) { return startsWith(proposalWord, t[j:]) }

// afterOwners skips "fra Høyre og SV" after a word for a proposal.
func (s *sitting) afterOwners(t []norsk.Token, j int) int {
	if j >= len(t) || t[j-1].Mark != 0 || !slices.Contains([]string{"fra", "frå", "til", "av"}, t[j].Lower) {
		return j
	}
	for j++; j < len(t); {
		if n, _, ok := s.people.nearAt(t, j); ok {
			j = n.to
		} else if p, ok := s.parties.at(t, j); ok {
			j = p.to
		} else if t[j].Lower == "og" {
			j++
		} else {
			break
		}
	}
	return j
}

// ownsProposal reports whether what ends before j is whose proposal it is: "Høyres forslag", "Sissel Haug sitt".
func (s *sitting) ownsProposal(t []norsk.Token, j int) bool {
	for k := j; k < min(len(t), j+3); k++ {
		if _, ok := namesProposal(t, k); ok {
			return k == j || t[k-1].Mark == 0 && !slices.ContainsFunc(t[j:k], func(w norsk.Token) bool {
				return slices.Contains(votedWords, w.Lower) || w.Lower == "for" || w.Lower == "mot" || w.Lower == "imot"
			})
		}
	}
	return false
}

// afterParty skips the party that says whose member a name is: "Nils Øverby fra Senterpartiet", "(H)".
func (s *sitting) afterParty(t []norsk.Token, n named) int {
	j := n.to
	if j < len(t) && slices.Contains([]string{"fra", "frå", "i", "for"}, t[j].Lower) {
		j++
	}
	if j < len(t) {
		if p, ok := s.parties.at(t, j); ok && s.parties.of(s.people.party[n.name]) == p.label {
			return p.to
		}
	}
	return n.to
}

func (s *sitting) partyAfter(t []norsk.Token, j int) (partyNamed, bool) {
	if j < len(t) && slices.Contains([]string{"av", "i", "fra", "frå"}, t[j].Lower) {
		j++
	}
	if j >= len(t) {
		return partyNamed{}, false
	}
	return s.parties.at(t, j)
}

// someOf is a number of a party's members: all of them, when it has no more.
func (s *sitting) someOf(label string, n, i int) side {
	there, _ := s.entitled(i, s.us[i].theme)
	if of := s.ofParty(label, there); len(of) == n {
		return side{parties: []string{label}}
	}
	return side{someOf: []string{label}}
}

// oneMember is the only member with a vote that a first or last name can mean.
func (s *sitting) oneMember(key string) string {
	found := ""
	for _, name := range s.people.short[key] {
		if s.standingOf(name) == guest || !s.known(name) || slices.Contains(s.absent, name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}

func pairBefore(t []norsk.Token, j int) bool {
	for k := j - 1; k >= max(0, j-10); k-- {
		if count(t[k]) != nil {
			return true
		}
		if strings.ContainsRune(".;", t[k].Mark) && t[k].Mark != 0 {
			return false
		}
	}
	return false
}

func (s *sitting) listFollows(t []norsk.Token, j int) bool {
	for k := j; k < min(len(t), j+3); k++ {
		if _, _, ok := s.people.nearAt(t, k); ok {
			return true
		}
		if _, ok := s.parties.at(t, k); ok {
			return true
		}
		if t[k].Mark != 0 {
			break
		}
	}
	return false
}
