package extract

import (
	"github.com/referent/referent/summarize/norsk"
)

// proposal is something put forward: a recommendation from the administration or a member's proposal.
type proposal struct {
	text           string
	by             string // who put it forward; "" when not known
	recommendation bool
	evidence       []string
	at             int // utterance
	settled        bool
}

var recommends = norsk.Phrases(
	"innstilling~|tilråding~ ..2 er|går ut? på? at|å|som|slik|følgende|følgjande",
	"innstilling~|tilråding~ ..2 lyder|lyd",
	"kommunedirektøren|rådmannen|administrasjonen|utvalget|utvalet innstiller|tilrår|rår|foreslår|føreslår|anbefaler|tilrår",
	"innstiller|tilrår på? at|å",
)

var proposes = norsk.Phrases(
	"jeg|eg|vi|me vil? ..1 foreslår|føreslår|foreslå|føreslå",
	"foreslår|føreslår jeg|eg|vi|me",
	"jeg|eg|vi|me vil? ..1 fremmer|fremje|fremme|fremjar|legger|legg|setter|set ..4 forslag|framlegg|endringsforslag|tilleggsforslag|fellesforslag",
	"mitt|vårt|vårt forslag|framlegg er|går|lyder|lyd",
	"forslaget|framlegget|endringsforslaget|tilleggsforslaget ..3 er at|å|som",
	"forslaget|framlegget|endringsforslaget|tilleggsforslaget ..3 lyder|lyd",
	"på vegne|vegner av ..6 fremmer|fremjar|foreslår|føreslår|legger|legg",
	"gjer|gjør ..2 framlegg om",
)

// withdraws takes a proposal back; it is then not voted on.
var withdraws = norsk.Phrases("jeg|eg|vi|me trekker|trekk ..2 forslag~|framlegg~", "forslaget|framlegget er|blir trukket|trekt|trekkes", "trekker|trekk jeg|eg|vi|me ..2 forslag~|framlegg~")

// follows tells the sentence that gives the words of a proposal just announced.
func follows(u *utterance) bool {
	_, ok := startsWith(norsk.Phrases("forslaget|framlegget|det|dette ..2 er|lyder|lyd|går"), u.tokens)
	return ok
}

// proposals finds what was put forward in a range of utterances.
func proposals(us []utterance, from, to int) []proposal {
	var out []proposal
	for i := from; i < to; i++ {
		u := &us[i]
		if u.question() {
			continue
		}
		if norsk.Has(withdraws, u.tokens) {
			for j := range out {
				if out[j].by == u.speaker && !out[j].recommendation {
					out[j].settled = true
				}
			}
			continue
		}
		_, end, isRecommendation := norsk.FindAny(recommends, u.tokens)
		if !isRecommendation {
			var ok bool
			if _, end, ok = norsk.FindAny(proposes, u.tokens); !ok {
				continue
			}
		}
		if _, _, ok := decides(u); ok {
			continue // the result of a vote on it, not the proposal
		}
		if n := len(out) - 1; n >= 0 && out[n].at == i-1 && us[i-1].voice == u.voice && follows(u) {
			// "Jeg fremmer et forslag. Forslaget lyder: ...": one proposal
			out[n].text, out[n].at, out[n].evidence = u.text, i, evidence(out[n].evidence, u.evidence)
			continue
		}
		p := proposal{recommendation: isRecommendation, evidence: u.evidence, at: i, by: u.speaker}
		p.text = u.text
		if len(u.tokens)-end < 3 && i+1 < to && us[i+1].voice == u.voice {
			// "Forslaget lyder:" and then the proposal itself
			p.text, p.evidence = us[i+1].text, evidence(u.evidence, us[i+1].evidence)
		}
		out = append(out, p)
	}
	return out
}

// latest is the last proposal before utterance i, or -1.
func latest(props []proposal, i int) int {
	at := -1
	for j, p := range props {
		if p.at < i {
			at = j
		}
	}
	return at
}

