package summarize

import (
	"github.com/referent/referent"
	"github.com/referent/referent/summarize/injection"
	"github.com/referent/referent/summarize/norsk"
)

// heard is the transcript as writers get it: without the segments in which somebody speaks to the machine
// and not to the meeting. A writer gets byte for byte what it would have got had they not been said, so
// that they change nothing. aside are their ids.
func heard(t *referent.Transcript) (_ *referent.Transcript, aside []string) {
	var segments []referent.Segment
	for _, s := range t.Segments {
		if injection.Addressed(s.Text) {
			aside = append(aside, s.ID)
		} else {
			segments = append(segments, s)
		}
	}
	if len(aside) == 0 {
		return t, nil
	}
	out := *t
	out.Segments = segments
	return &out, aside
}

// tellAside leaves to a person what no writer was shown. It says where to listen, and repeats nothing.
func tellAside(out *referent.Minutes, aside []string) {
	form := string(out.Language)
	for _, id := range aside {
		out.NeedsReview = append(out.NeedsReview, referent.ReviewItem{Text: norsk.Aside.In(form), Reason: norsk.ReasonAside.In(form), Evidence: []string{id}})
	}
}
