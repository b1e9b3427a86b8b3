package store

import "time"

// WordList is names and words that recordings are likely to hold, of all meetings or of some.
type WordList struct {
	Department string   // whose meetings; "": everybody's
	Body       string   // whose meetings, compared without case, and without regard to spaces; "": any body's, and those of none
	Words      []string // in the order that they were written in
	By         string   // user id of who wrote it last
	Changed    time.Time
}
