package speakers

import (
	"errors"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/names"
)

// Revert takes the correction at the index of t.Corrections back: what was heard stands in the text again.
// It is the one edit here that changes words. CodeNotFound: there is no such correction. CodeInvalid:
// its words have been changed since.
func Revert(t *referent.Transcript, index int) (*referent.Transcript, error) {
	const op = "speakers: revert correction"
	if index < 0 || index >= len(t.Corrections) {
		return nil, referent.E(referent.CodeNotFound, op, errors.New("no such correction"))
	}
	c := clone(t)
	for i := range c.Segments { // names.Revert works in place
		if s := &c.Segments[i]; s.ID == t.Corrections[index].Segment {
			s.Words, s.Confirmed = slices.Clone(s.Words), false // nobody has answered for what comes now
		}
	}
	if err := names.Revert(c, index); err != nil {
		return nil, err
	}
	return c, nil
}
