package review

import (
	"fmt"

	"github.com/referent/referent"
)

// Approved makes the minutes that a person answers for: without the label of machine-made text, and without what
// they might have held. What may have been forgotten and nobody took in is left out with that; what was settled is
// told of by the versions before. CodeUnchecked: something is still to be checked or confirmed.
func Approved(m *referent.Minutes, who Person) (*referent.Minutes, error) {
	if n := Left(m).Review; n > 0 {
		return nil, referent.E(referent.CodeUnchecked, "review: approve minutes", fmt.Errorf("%d statements are not checked", n)).
			WithHint("accept, correct or dismiss each statement under needs_review, and confirm each vote")
	}
	out, err := clone(m)
	if err != nil {
		return nil, err
	}
	out.PossiblyMissed, out.Settled = []referent.Point{}, nil
	out.Label, out.Approval = "", &referent.Approval{By: who.Name, At: who.At}
	return out, nil
}

// Reopened makes a draft of approved minutes, to be corrected.
func Reopened(m *referent.Minutes) (*referent.Minutes, error) { return clone(m) }

// Restored makes a draft that is as another version was, whoever approved that.
func Restored(old *referent.Minutes) (*referent.Minutes, error) { return clone(old) }
