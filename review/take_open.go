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
	other, concerns := d.from.Minutes, d.concerns(out, p)
	comes := d.comes(p)
	answered := func(text, reason string, evidence []string) bool {
		return settledBefore(out, text, reason, evidence) && !overlap(evidence, comes)
	}
	for _, r := range other.NeedsReview {
		if !ofAny(other.Votes, r) && concerns(r.Evidence) && !answered(r.Text, r.Reason, r.Evidence) {
			askReview(out, r)
		}
	}
	stands := cited(out)
	for _, m := range other.PossiblyMissed {
		covered := len(m.Evidence) > 0 && !slices.ContainsFunc(m.Evidence, func(id string) bool { return !stands[id] })
		if concerns(m.Evidence) && !covered && !answered(m.Text, "", m.Evidence) {
			askMissed(out, m)
		}
	}
}

// askReview puts what is to be checked in the list, once.
func askReview(out *referent.Minutes, r referent.ReviewItem) {
	there := func(x referent.ReviewItem) bool {
		return x.Text == r.Text && x.Reason == r.Reason && slices.Equal(x.Evidence, r.Evidence)
	}
	if !slices.ContainsFunc(out.NeedsReview, there) {
		out.NeedsReview = append(out.NeedsReview, r)
	}
}

// askMissed puts what may have been forgotten in the list, once.
func askMissed(out *referent.Minutes, m referent.Point) {
	there := func(x referent.Point) bool { return x.Text == m.Text && slices.Equal(x.Evidence, m.Evidence) }
	if !slices.ContainsFunc(out.PossiblyMissed, there) {
		out.PossiblyMissed = append(out.PossiblyMissed, m)
	}
}

// comes are the segments of what the part has that did not stand here: nobody who settled something of them had it
// before them.
func (d *division) comes(p part) map[string]bool {
	stood, out := byKey(d.now), map[string]bool{}
	for _, s := range statements(p.other) {
		if _, same := stood[s.key]; !same {
			for _, id := range s.evidence {
				out[id] = true
			}
		}
	}
	return out
}

func overlap(evidence []string, with map[string]bool) bool {
	return slices.ContainsFunc(evidence, func(id string) bool { return with[id] })
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
		same := func(x referent.Vote) bool { return d.sameVoting(x, v) && (x.Confirmed == nil) == (v.Confirmed == nil) }
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

// concerns tells what was said of the part in the other version: what either version of it rests on, since what is
// a statement in one may be a question in the other. Of a theme or case it is also what lies between and belongs to
// no other; of decisions and tasks all that nothing else here rests on, since they may lie anywhere. What was heard
// nowhere may be of any part.
func (d *division) concerns(out *referent.Minutes, p part) func(evidence []string) bool {
	of := cited(p.other)
	first, last := -1, -1
	for id := range of {
		if n, ok := segmentNumber(id); ok && (p.List == Items || p.List == Cases) {
			last = max(last, n)
			if first < 0 || n < first {
				first = n
			}
		}
	}
	for id := range cited(p.now) {
		of[id] = true
	}
	if p.List == Cases && !slices.ContainsFunc(p.pairs, func(q pairing) bool { return q.other >= 0 && d.b[q.other].name != "" }) {
		first, last = -1, -1 // what belongs to no case lies everywhere
	}
	others := map[string]bool{}
	for i, u := range d.b {
		if !slices.ContainsFunc(p.pairs, func(q pairing) bool { return q.other == i }) {
			for id := range cited(u.only(d.from.Minutes)) {
				others[id] = true
			}
		}
	}
	stands := cited(out)
	return func(evidence []string) bool {
		if len(evidence) == 0 || overlap(evidence, of) {
			return true
		}
		return slices.ContainsFunc(evidence, func(id string) bool {
			if p.List == Decisions || p.List == Actions {
				return !stands[id]
			}
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

// settledBefore reports whether a person has already taken a stand on something, asked for the same reason. To
// confirm a vote is none on its words.
func settledBefore(m *referent.Minutes, text, reason string, evidence []string) bool {
	return slices.ContainsFunc(m.Settled, func(s referent.Settled) bool {
		return s.How != referent.SettledConfirmed && s.Text == text && s.Reason == reason && slices.Equal(s.Evidence, evidence)
	})
}

// reopen asks again what was settled by taking a statement in, where something of it goes with the part and it is not
// certain that the statement still stands: else nothing of it would be left.
func (d *division) reopen(out *referent.Minutes, p part) {
	was, stand, stood := statements(d.now), statements(out), byKey(out)
	away := func(s statement) bool { _, same := stood[s.key]; return !same }
	gone := slices.DeleteFunc(statements(p.now), func(s statement) bool { return !away(s) })
	stands := func(x referent.Settled) bool {
		is := func(s statement) bool { return acceptedAs(x, s) }
		if slices.ContainsFunc(stand, func(s statement) bool { return is(s) && s.text == x.Text }) {
			return true
		}
		return slices.ContainsFunc(was, is) && !slices.ContainsFunc(was, func(s statement) bool { return is(s) && away(s) })
	}
	out.Settled = slices.DeleteFunc(out.Settled, func(x referent.Settled) bool {
		touches := func(s statement) bool {
			if len(x.Evidence) == 0 {
				return acceptedAs(x, s)
			}
			return slices.ContainsFunc(s.evidence, func(id string) bool { return slices.Contains(x.Evidence, id) })
		}
		if x.How != referent.SettledAccepted || !slices.ContainsFunc(gone, touches) || stands(x) {
			return false
		}
		if x.Reason != "" {
			askReview(out, referent.ReviewItem{Text: x.Text, Reason: x.Reason, Evidence: x.Evidence})
		} else {
			askMissed(out, referent.Point{Text: x.Text, Evidence: x.Evidence})
		}
		return true
	})
}

// acceptedAs reports whether a statement may be one that was to be checked, or perhaps forgotten, and was taken in: in
// its words, or in those of a person. Many may be heard in one segment.
func acceptedAs(x referent.Settled, s statement) bool {
	return x.How == referent.SettledAccepted && string(s.list) == x.As && slices.Equal(x.Evidence, s.evidence) && (s.text == x.Text || *s.reworded)
}
