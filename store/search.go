package store

import (
	"time"

	"github.com/referent/referent"
)

// Found is what a search finds.
type Found string

const (
	FoundSaid     Found = "said"     // a segment of the transcript
	FoundDecision Found = "decision" // of the minutes that are shown
	FoundTask     Found = "task"     // of the minutes that are shown
)

// Choice is which meetings' contents are looked through. Zero fields but Seen choose everything.
type Choice struct {
	Seen *Sight
	// Approved are departments whose approved and exported meetings are looked through, beside what Seen sees.
	Approved   []string
	Body       string
	Kind       referent.Kind
	Department string // an ID
	States     []referent.State
	From, To   time.Time // of when the meeting was held, or else made: from From on, and before To
}

// SearchQuery searches what is found in meetings. One without words, a speaker and kinds other than FoundSaid finds
// nothing.
type SearchQuery struct {
	Text    string  // words, all of which must occur in a passage; the last may be a prefix
	Speaker string  // words of the name of who said it, or is to do it, likewise
	What    []Found // none: all
	In      Choice
	After   string // opaque, from the previous page
	Limit   int    // 0 means 50
}

// Hit is a passage that matches.
type Hit struct {
	Meeting string
	Title   string         // the meeting's
	Held    time.Time      // when it was held; zero: not known
	Created time.Time      // the meeting
	State   referent.State // the meeting's
	What    Found
	Segment string  // what was said, or where the minutes first heard it; "": nowhere
	Start   float64 // of the segment, in seconds
	Speaker string  // who said it; "": not known
	Text    string
	Marks   []Mark // the words that were searched for
	Place   int    // of FoundDecision: among the decisions
	Task    *Task  // of FoundTask
}

// Mark is a stretch of a text, in bytes from From and before To.
type Mark struct{ From, To int }

// Statement is a decision of the minutes.
type Statement struct {
	Text     string
	Evidence []string // segments
}

// Task is an action item of the minutes that are shown.
type Task struct {
	Meeting  string
	ID       string // in the meeting; stays when an edit rewords or moves the item
	Place    int    // in the minutes; -1: they no longer have it
	Text     string
	Owner    string
	Due      string // ISO date; "": none
	Status   string // as said
	Evidence []string
	DoneBy   string    // user id
	DoneAt   time.Time // zero: it is open

	// Only read, by Tasks:
	Title   string    // the meeting's
	Held    time.Time // as in Hit
	Created time.Time
	State   referent.State
	Start   float64 // of the first segment of the evidence
	Speaker string  // of that segment
}

// Done reports whether somebody said so.
func (t *Task) Done() bool { return !t.DoneAt.IsZero() }

// TaskQuery chooses tasks.
type TaskQuery struct {
	In      Choice
	Owner   string // compared without case; "": anybody's
	Unowned bool   // only those that are nobody's
	Before  string // ISO date: only those with a deadline before that day; "": all
	Without bool   // only those without a deadline
	Done    bool   // those that are done, in the place of the open ones
	After   string // opaque, from the previous page
	Limit   int    // 0 means 50
}
