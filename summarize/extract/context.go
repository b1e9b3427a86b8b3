package extract

import (
	"slices"
	"strings"

	"github.com/referent/referent/summarize/norsk"
)

// namesBack is how many sentences back a name may stand that "han" or "du" means.
const namesBack = 3

// pointed gives each sentence whom its "du" and its "han" can mean: "du" the one that its speaker has just spoken
// to by name, "han" the participant who was spoken of last.
func pointed(us []utterance, p *people) {
	for i := range us {
		u := &us[i]
		u.you, u.they = named{}, named{}
		for j := i - 1; j >= max(0, i-namesBack) && us[j].voice == u.voice && us[j].theme == u.theme; j-- {
			if who, ok := spokenTo(&us[j], p); ok {
				u.you = who
				break
			}
		}
		for j := i; j >= max(0, i-namesBack); j-- {
			if j < i && strangerIn(us[j].tokens) {
				break
			}
			if who, ok := mentioned(&us[j], p); ok {
				u.they = who
				break
			}
		}
	}
}

// spokenTo is the person that a sentence speaks to: by name in it, or as nothing but a name at its end
// ("Status på bygget, Stein.").
func spokenTo(u *utterance, p *people) (named, bool) {
	if who, ok := addressee(u, p); ok {
		return who, true
	}
	all := p.all(u.tokens)
	if len(all) == 1 && all[0].to == len(u.tokens) && len(u.tokens)-all[0].from == all[0].to-all[0].from && all[0].from == 0 {
		return all[0], true
	}
	return named{}, false
}

// mentioned is the one participant that a sentence names and does not speak to.
func mentioned(u *utterance, p *people) (named, bool) {
	all := slices.DeleteFunc(p.all(u.tokens), func(n named) bool { return isVocative(u, n) || n.ambiguous || p.voice(u).name == n.name })
	if len(all) != 1 {
		return named{}, false
	}
	return all[0], true
}

// strangerIn tells words for people who are not in the meeting, whom "han" may then mean.
func strangerIn(tokens []norsk.Token) bool {
	return slices.ContainsFunc(tokens, func(t norsk.Token) bool {
		w := t.Lower
		return len([]rune(w)) > 6 && slices.ContainsFunc([]string{"eren", "øren", "aren", "mannen", "sjefen", "mesteren", "meisteren", "legen", "kjæresten", "naboen", "broren", "søsteren", "sønnen", "datteren"}, func(e string) bool { return strings.HasSuffix(w, e) })
	})
}
