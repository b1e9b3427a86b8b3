package extract

import (
	"slices"
	"strconv"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

func itoa(n int) string { return strconv.Itoa(n) }

// vote is a vote with what the rules need to know beside it.
type vote struct {
	referent.Vote
	adopted    bool
	utterances []int // where its result was said
}

// result is what one sentence says of a vote.
type result struct {
	forVotes, against, blank *int
	unanimous, fell, adopted bool
	forMembers, againstNames []string
}

var (
	unanimous  = norsk.Phrases("enstemmig", "samrøystes", "einstemmig")
	fell       = norsk.Phrases("falt", "fall", "nedstemt", "nedrøysta", "forkastet", "forkasta", "ikke|ikkje vedtatt|vedteke|vedteken|flertall|fleirtal")
	votingWord = norsk.Phrases("stemme~", "stemte", "røyst~", "votering~", "vedta~", "vedte~", "falt", "fall", "flertall", "fleirtal")
	againstOf  = norsk.Phrase("# mot|imot #")
	forCount   = norsk.Phrases("# stemmer|stemte|røyster|røysta|representanter|representantar|medlemmer|medlemer for", "# stemte|røysta ja", "# for")
	notCount   = norsk.Phrases("# stemmer|stemte|røyster|røysta|representanter|representantar|medlemmer|medlemer i? mot|imot", "# stemte|røysta nei", "# imot", "mot # stemmer|røyster")
	blankCount = norsk.Phrases("# stemmer|stemte|røyster|røysta? blankt|blanke")
	gotCount   = norsk.Phrases("fikk|fekk # stemmer|røyster")
	notYet     = norsk.Phrases("hvis", "viss", "dersom", "når", "håper|håpar", "tror|trur", "kanskje", "bør", "burde", "kan|kunne bli", "blir det", "i fjor",
		"forrige|førre", "sist", "de|dei som", "den som")
)

// readVote reads what an utterance says of a vote's result.
func readVote(u *utterance, p *people) (result, bool) {
	var r result
	if u.question() || norsk.Has(notYet, u.tokens) {
		return r, false
	}
	voting := norsk.Has(votingWord, u.tokens)
	r.unanimous = norsk.Has(unanimous, u.tokens)
	if r.unanimous && norsk.Has(norsk.Phrases("ikke|ikkje enstemmig|samrøystes|einstemmig"), u.tokens) {
		return result{}, false
	}
	about := norsk.Has(norsk.Phrases("forslag~", "framlegg~", "innstilling~", "tilråding~", "det", "dette"), u.tokens)
	r.fell = norsk.Has(fell, u.tokens) && about && (voting || r.unanimous)
	_, _, settled := decides(u)
	r.adopted = settled && !r.fell

	if from, to, ok := againstOf.Find(u.tokens); ok && voting {
		r.forVotes, r.against = count(u.tokens[from]), count(u.tokens[to-1])
	} else {
		r.forVotes, r.against = counted(forCount, u.tokens, voting), counted(notCount, u.tokens, voting)
		if r.forVotes == nil {
			r.forVotes = counted(gotCount, u.tokens, voting)
		}
	}
	r.blank = counted(blankCount, u.tokens, voting)
	if r.fell && r.forVotes != nil && r.against != nil && *r.forVotes > *r.against {
		r.forVotes, r.against = r.against, r.forVotes // "falt med åtte mot tre": the eight were against
	}
	if p != nil && norsk.Has(norsk.Phrases("stemte", "stemmer", "røysta", "røyster"), u.tokens) {
		r.forMembers, r.againstNames = sides(u, p)
	}
	some := r.unanimous || r.fell && voting || r.forVotes != nil || r.against != nil || len(r.forMembers)+len(r.againstNames) > 0
	return r, some
}

// counted reads the number of the first of the phrases that stands in the text.
func counted(list []norsk.Pattern, tokens []norsk.Token, voting bool) *int {
	from, to, ok := norsk.FindAny(list, tokens)
	if !ok || !voting {
		return nil
	}
	for _, t := range tokens[from:to] {
		if n := count(t); n != nil {
			return n
		}
	}
	return nil
}

func count(t norsk.Token) *int {
	if n, ok := norsk.Number(t.Lower); ok {
		return &n
	}
	return nil
}

// sides reads "For stemte Kari og Ola, mot stemte Per" and "Per stemte mot": who is on which side.
func sides(u *utterance, p *people) (forMembers, against []string) {
	var waiting []string // names before their side is said
	side := ""
	for i := 0; i < len(u.tokens); {
		if n, ok := p.at(u.tokens, i); ok {
			switch side {
			case "for":
				forMembers = append(forMembers, n.name)
			case "mot":
				against = append(against, n.name)
			default:
				waiting = append(waiting, n.name)
			}
			i = n.to
			continue
		}
		w := u.tokens[i].Lower
		if w == "imot" {
			w = "mot"
		}
		near := slices.ContainsFunc(u.tokens[max(0, i-2):min(len(u.tokens), i+3)], func(t norsk.Token) bool {
			return slices.Contains([]string{"stemte", "stemmer", "røysta", "røyster"}, t.Lower)
		})
		if (w == "for" || w == "mot") && near {
			switch {
			case len(waiting) > 0 && w == "for":
				forMembers, waiting = append(forMembers, waiting...), nil
			case len(waiting) > 0:
				against, waiting = append(against, waiting...), nil
			default:
				side = w
			}
		}
		i++
	}
	return forMembers, against
}

// votes reads the votes of a theme. Sentences that tell of one vote ("Åtte stemte for, tre mot. Da er
// innstillingen vedtatt.") become one, unless the later names another proposal.
func votes(us []utterance, th theme, props []proposal, p *people, form string) []vote {
	var out []vote
	for i := th.from; i < th.to; i++ {
		u := &us[i]
		r, ok := readVote(u, p)
		if !ok {
			if _, _, settled := decides(u); settled && len(out) > 0 && i-last(out) <= 2 && !out[len(out)-1].adopted && !forInformation(u) &&
				out[len(out)-1].Outcome == "" {
				v := &out[len(out)-1] // the chair states what the count just said means
				v.adopted, v.Outcome = true, norsk.Adopted.In(form)
				v.utterances, v.Evidence = append(v.utterances, i), evidence(v.Evidence, u.evidence)
			}
			continue
		}
		about := subject(u, props, i, p)
		if n := len(out); n > 0 && i-last(out) <= 2 && joins(&out[n-1], r, about, props) {
			merge(&out[n-1], r, i, u, form)
			continue
		}
		v := vote{Vote: referent.Vote{Case: th.heading}, utterances: []int{i}}
		if about >= 0 {
			v.Proposal = matter(props[about].text)
			v.Evidence = props[about].evidence
			props[about].settled = true
		} else {
			v.Proposal = norsk.Clean(u.text)
		}
		v.ForMembers, v.AgainstMembers = []string{}, []string{}
		merge(&v, r, i, u, form)
		out = append(out, v)
	}
	return out
}

func last(list []vote) int {
	at := list[len(list)-1].utterances
	return at[len(at)-1]
}

// subject is the proposal a result is about: the one it names, else the last not yet voted on.
func subject(u *utterance, props []proposal, i int, p *people) int {
	recommendation := norsk.Has(norsk.Phrases("innstilling~", "tilråding~"), u.tokens)
	names := p.all(u.tokens)
	named := func(q proposal) bool {
		return slices.ContainsFunc(names, func(n named) bool { return n.name == q.by }) ||
			p.party[q.by] != "" && slices.ContainsFunc(u.tokens, func(t norsk.Token) bool { return sameParty(t.Text, p.party[q.by]) })
	}
	best := -1
	for j, q := range props {
		switch {
		case q.at > i:
		case recommendation && q.recommendation:
			best = j
		case recommendation:
		case named(q) && !q.recommendation:
			return j
		case !q.settled:
			best = j
		}
	}
	return best
}

// parties maps what parties are called to their common short form.
var parties = map[string]string{
	"ap": "ap", "arbeiderpartiet": "ap", "arbeidarpartiet": "ap", "h": "h", "høyre": "h", "høgre": "h", "sp": "sp", "senterpartiet": "sp",
	"frp": "frp", "fremskrittspartiet": "frp", "framstegspartiet": "frp", "sv": "sv", "v": "v", "venstre": "v", "krf": "krf",
	"r": "r", "rødt": "r", "raudt": "r", "mdg": "mdg", "inp": "inp", "pp": "pp",
}

func sameParty(a, b string) bool {
	x, y := norsk.Fold(a), norsk.Fold(b)
	return x == y && x != "" || parties[x] != "" && parties[x] == parties[y] && len(x) > 1
}

// joins reports whether a result belongs to the vote before it.
func joins(v *vote, r result, about int, props []proposal) bool {
	clash := func(a, b *int) bool { return a != nil && b != nil && *a != *b }
	if clash(v.For, r.forVotes) || clash(v.Against, r.against) || v.adopted && r.fell || v.Outcome != "" && !v.adopted && (r.adopted || r.unanimous) {
		return false
	}
	return about < 0 || props[about].settled && matter(props[about].text) == v.Proposal || !props[about].settled && r.forVotes == nil && r.against == nil && !r.unanimous && !r.fell
}

// merge takes what a sentence says into the vote.
func merge(v *vote, r result, i int, u *utterance, form string) {
	set := func(to **int, n *int) {
		if *to == nil {
			*to = n
		}
	}
	set(&v.For, r.forVotes)
	set(&v.Against, r.against)
	set(&v.Blank, r.blank)
	v.ForMembers = evidence(v.ForMembers, r.forMembers)
	v.AgainstMembers = evidence(v.AgainstMembers, r.againstNames)
	switch {
	case r.fell:
		v.Outcome = norsk.Fell.In(form)
	case r.unanimous:
		v.Outcome, v.adopted = norsk.Unanimous.In(form), true
	case r.adopted && v.Outcome == "":
		v.Outcome, v.adopted = norsk.Adopted.In(form), true
	}
	if !slices.Contains(v.utterances, i) {
		v.utterances = append(v.utterances, i)
	}
	v.Evidence = evidence(v.Evidence, u.evidence)
}
