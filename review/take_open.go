package review

import (
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

// ask lets what is to be checked follow a part that was taken. What was asked before is asked still, but for the
// confirmation of votes that are gone; what was asked of the part in the other version comes with it.
func (d *division) ask(out *referent.Minutes, p part, votes []referent.Vote) {
	d.askVotes(out, p, votes)
	other, concerns := d.from.Minutes, d.concerns(p)
	for _, r := range other.NeedsReview {
		there := func(x referent.ReviewItem) bool {
			return x.Text == r.Text && x.Reason == r.Reason && slices.Equal(x.Evidence, r.Evidence)
		}
		if !ofAny(other.Votes, r) && concerns(r.Evidence) && !slices.ContainsFunc(out.NeedsReview, there) && !settledBefore(out, r.Text, r.Evidence) {
			out.NeedsReview = append(out.NeedsReview, r)
		}
	}
	stands := cited(out)
	for _, m := range other.PossiblyMissed {
		there := func(x referent.Point) bool { return x.Text == m.Text && slices.Equal(x.Evidence, m.Evidence) }
		covered := len(m.Evidence) > 0 && !slices.ContainsFunc(m.Evidence, func(id string) bool { return !stands[id] })
		if concerns(m.Evidence) && !covered && !slices.ContainsFunc(out.PossiblyMissed, there) && !settledBefore(out, m.Text, m.Evidence) {
			out.PossiblyMissed = append(out.PossiblyMissed, m)
		}
	}
}

// askVotes takes away what asks for the confirmation of votes that are gone, and asks for that of each taken vote that
// nobody has confirmed. A question that asks for a vote that stays is that vote's.
func (d *division) askVotes(out *referent.Minutes, p part, votes []referent.Vote) {
	if len(p.now.Votes)+len(votes) == 0 {
		return
	}
	asked := make([]int, len(out.NeedsReview)) // 0: nobody's, 1: a vote's that stays, 2: a vote's that is gone
	mark := func(v referent.Vote, as int) {
		exact := extract.VoteReview(v, string(out.Language)).Text
		k := -1
		for i, r := range out.NeedsReview {
			if asked[i] == 0 && extract.OfVote(r, v) && (k < 0 || r.Text == exact && out.NeedsReview[k].Text != exact) {
				k = i
			}
		}
		if k >= 0 {
			asked[k] = as
		}
	}
	gone := slices.Clone(p.now.Votes)
	for _, v := range d.now.Votes {
		same := func(x referent.Vote) bool { return sameVoting(x, v) && (x.Confirmed == nil) == (v.Confirmed == nil) }
		if k := slices.IndexFunc(gone, same); k >= 0 {
			gone = slices.Delete(gone, k, k+1)
		} else if v.Confirmed == nil {
			mark(v, 1)
		}
	}
	for _, v := range p.now.Votes {
		if v.Confirmed == nil {
			mark(v, 2)
		}
	}
	var more []referent.ReviewItem
	for _, v := range votes {
		if v.Confirmed != nil {
			continue
		}
		want := extract.VoteReview(v, string(out.Language))
		same := func(r referent.ReviewItem) bool {
			return r.Text == want.Text && r.Reason == want.Reason && slices.Equal(r.Evidence, want.Evidence)
		}
		k := -1
		for i, r := range out.NeedsReview {
			if asked[i] == 2 && same(r) {
				k = i
				break
			}
		}
		if k < 0 {
			more = append(more, want)
			continue
		}
		asked[k] = 1
	}
	var stay []referent.ReviewItem
	for i, r := range out.NeedsReview {
		if asked[i] != 2 {
			stay = append(stay, r)
		}
	}
	out.NeedsReview = append(stay, more...)
	present(&out.NeedsReview)
}

// concerns tells what was said of the part in the other version: what it rests on, and of a theme or case what lies
// between and belongs to no other. What was heard nowhere may be of any part.
func (d *division) concerns(p part) func(evidence []string) bool {
	of, others := cited(p.other), map[string]bool{}
	first, last := -1, -1
	if p.List == Items || p.List == Cases {
		for id := range of {
			if n, ok := segmentNumber(id); ok {
				last = max(last, n)
				if first < 0 || n < first {
					first = n
				}
			}
		}
	}
	if p.List == Cases && !slices.ContainsFunc(p.pairs, func(q pairing) bool { return q.other >= 0 && d.b[q.other].name != "" }) {
		first, last = -1, -1 // what belongs to no case lies everywhere
	}
	for i, u := range d.b {
		if !slices.ContainsFunc(p.pairs, func(q pairing) bool { return q.other == i }) {
			for id := range cited(u.only(d.from.Minutes)) {
				others[id] = true
			}
		}
	}
	return func(evidence []string) bool {
		if len(evidence) == 0 || slices.ContainsFunc(evidence, func(id string) bool { return of[id] }) {
			return true
		}
		return slices.ContainsFunc(evidence, func(id string) bool {
			n, ok := segmentNumber(id)
			return ok && first >= 0 && first <= n && n <= last && !others[id]
		})
	}
}

// segmentNumber is where a segment comes in the transcript, as far as its id tells.
func segmentNumber(id string) (int, bool) {
	digits := strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyz")
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// settledBefore reports whether a person has already taken a stand on something. To confirm a vote is none on its
// words.
func settledBefore(m *referent.Minutes, text string, evidence []string) bool {
	return slices.ContainsFunc(m.Settled, func(s referent.Settled) bool {
		return s.How != referent.SettledConfirmed && s.Text == text && slices.Equal(s.Evidence, evidence)
	})
}

// reopen asks again what was settled by taking a statement in that is gone with the part: else nothing of it would
// be left.
func (d *division) reopen(out *referent.Minutes, p part) {
	gone, stand := statements(p.now), statements(out)
	is := func(x referent.Settled) func(statement) bool {
		return func(s statement) bool { return acceptedAs(x, s) }
	}
	out.Settled = slices.DeleteFunc(out.Settled, func(x referent.Settled) bool {
		if !slices.ContainsFunc(gone, is(x)) || slices.ContainsFunc(stand, is(x)) {
			return false
		}
		if x.Reason != "" {
			out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: x.Text, Reason: x.Reason, Evidence: x.Evidence})
		} else {
			out.PossiblyMissed = append(out.PossiblyMissed, referent.Point{Text: x.Text, Evidence: x.Evidence})
		}
		return true
	})
}

// acceptedAs reports whether a statement is one that was to be checked, or perhaps forgotten, and was taken in.
func acceptedAs(x referent.Settled, s statement) bool {
	if x.How != referent.SettledAccepted || string(s.list) != x.As {
		return false
	}
	if len(x.Evidence) > 0 {
		return slices.Equal(x.Evidence, s.evidence)
	}
	return len(s.evidence) == 0 && x.Text == s.text
}
