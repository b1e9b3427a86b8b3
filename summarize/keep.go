package summarize

import (
	"regexp"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// What the rules know of a meeting holds for a model's minutes of it too: what they leave to a person, and
// what a care note must not hold.

// keptReasons are those for which what the rules leave to a person stays there, whoever writes the minutes.
var keptReasons = []norsk.Word{norsk.ReasonSilent, norsk.ReasonAbsent, norsk.ReasonHeadcount, norsk.ReasonInhabil,
	norsk.ReasonDose, norsk.ReasonSecret, norsk.ReasonOthers, norsk.ReasonDeviation}

// keepReview takes over what the rules have left to a person, unless the model's statement on the same words
// already waits for the same reason.
func (g *merger) keepReview() {
	own := g.out.NeedsReview
	for _, r := range g.builtin.NeedsReview {
		keep := slices.ContainsFunc(keptReasons, func(w norsk.Word) bool { return gives(r.Reason, w, g.form) })
		told := slices.ContainsFunc(own, func(o referent.ReviewItem) bool {
			return o.Reason == r.Reason && len(r.Evidence) > 0 && slices.Equal(o.Evidence, r.Evidence)
		})
		if keep && !told {
			g.out.NeedsReview = append(g.out.NeedsReview, r)
		}
	}
}

// blank is a place in a reason's words that is filled in.
var blank = regexp.MustCompile(`\{\w+\}`)

// gives reports whether a reason is w, whatever stands in its blanks.
func gives(reason string, w norsk.Word, form string) bool {
	pieces := blank.Split(w.In(form), -1)
	if !strings.HasPrefix(reason, pieces[0]) || !strings.HasSuffix(reason, pieces[len(pieces)-1]) {
		return false
	}
	for _, p := range pieces {
		_, after, ok := strings.Cut(reason, p)
		if !ok {
			return false
		}
		reason = after
	}
	return true
}

// discreet is a statement without what a care note must not hold, of which a person is told; "" for one that
// is no part of the note.
func (g *merger) discreet(text string, ids []string) string {
	if g.out.Kind != referent.KindCareNote || text == "" {
		return text
	}
	var said, before []string
	for i, s := range g.t.Segments {
		if !slices.Contains(ids, s.ID) {
			continue
		}
		if said = append(said, s.Text); i > 0 {
			before = append(before, g.t.Segments[i-1].Text)
		}
	}
	left, secret, others := extract.Private(text, strings.Join(said, " "), strings.Join(before, " "), g.form)
	if secret {
		g.review(left, norsk.ReasonSecret.In(g.form), ids)
	}
	if others {
		g.review(left, norsk.ReasonOthers.In(g.form), ids)
		return ""
	}
	return left
}
