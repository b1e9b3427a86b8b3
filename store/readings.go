package store

import "time"

// What a Reading can be of.
const (
	ReadMeeting    = "meeting" // its page, or its details
	ReadTranscript = "transcript"
	ReadMinutes    = "minutes"
	ReadAudio      = "audio"
	ReadExport     = "export" // a document or the recording, taken out
	ReadSearch     = "search" // passages of it, among what a search found
	ReadTasks      = "tasks"  // tasks of it, in the list of tasks
)

// ReadKinds lists what a Reading can be of.
var ReadKinds = []string{ReadMeeting, ReadTranscript, ReadMinutes, ReadAudio, ReadExport, ReadSearch, ReadTasks}

// Reading is that somebody read something of a meeting, once or for as long as they went on with it. It holds ids, and
// neither names nor words, and outlives the meeting and whoever read it.
type Reading struct {
	ID         int64
	User       string
	Meeting    string
	Department string // the meeting's when it was read; "": none
	Own        bool   // the user had made the meeting
	What       string // ReadMeeting, ...
	Format     string // of ReadExport: the file, as minutes.docx or recording
	Ground     string // why it was allowed: owner, role, administrator
	Token      bool   // with an API token, not signed in
	First      time.Time
	Last       time.Time
	Times      int // requests
}

// ReadingFilter chooses readings. Zero fields choose everything.
type ReadingFilter struct {
	User       string
	Meeting    string
	Department string
	What       string
	From       time.Time // only those that began then or later
	To         time.Time // only those that began before
	Before     int64     // only those after this one in the list: the next page
	Limit      int       // 0 means 100
}

// ReadingDay is a day whose readings are counted, by when they began: from Begin to End, and its night is what is
// before Morning, and from Evening on.
type ReadingDay struct{ Begin, Morning, Evening, End time.Time }

// ReadCount is what one user read in a day.
type ReadCount struct {
	User     string
	Meetings int // different ones, but for those that were only in a list over many: ReadSearch, ReadTasks
	Others   int // of these, that the user had not made
	Readings int
	Night    int // of the readings
}
