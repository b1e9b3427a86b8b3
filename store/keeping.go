package store

import (
	"time"

	"github.com/referent/referent"
)

// ByRetention stands as the one who asked for it in the receipt of an erasure that the calendar asked for.
const ByRetention = "retention"

// Hold is a legal hold: while there is one, nothing of the meeting is erased.
type Hold struct {
	Meeting string
	Reason  string // e.g. the number of the case that needs it
	By      string // user id
	At      time.Time
}

// Keeping is what the calendar of erasures must know of a meeting.
type Keeping struct {
	Meeting    string
	Kind       referent.Kind
	State      referent.State
	Changed    time.Time // when its row, or one of its results, last was
	Approved   time.Time // when its minutes last were, also if they were taken up again since; zero: never
	Released   time.Time // when a hold was last lifted; zero: never
	Audio      bool      // the recording or anything made of its sound is there
	Transcript bool
	Held       bool
}
