package store

import "time"

// What a Deed can be, beside the edits of package review, which name themselves.
const (
	DeedSaved    = "save"    // a whole version was handed in
	DeedApproved = "approve" // a version became the one that somebody answers for
	DeedReopened = "reopen"  // approved minutes were taken up again, to be corrected
	DeedHeld     = "hold"    // a legal hold was put on the meeting
	DeedReleased = "release" // and lifted

	DeedTaskDone = "task_done" // a task was done; the minutes stay as they are, so Version is 0
	DeedTaskOpen = "task_open" // it was not done after all
)

// Deed is what somebody did with a meeting's minutes, with what they say is to be done, or to keep them. It is kept as
// long as the meeting and says no word of what they hold.
type Deed struct {
	ID      int64
	Meeting string
	What    string // DeedSaved, ..., or an edit
	Part    string // of the minutes, for an edit: "decisions"; may be empty
	Version int    // of the minutes that came of it
	From    int    // the version that it was made from; 0: none
	Source  int    // another version that something was taken from, or that was gone back to; 0: none, or not known
	By      string // user id
	At      time.Time
}
