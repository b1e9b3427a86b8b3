package referent

import "time"

// MinutesSchema names the version of minutes.json.
const MinutesSchema = "referent/minutes/1"

// Point is one statement of the minutes with the segments it rests on.
type Point struct {
	Text     string   `json:"text"`
	Evidence []string `json:"evidence"` // segment ids
}

// Item is a theme or case with its points.
type Item struct {
	Heading string  `json:"heading"`
	Points  []Point `json:"points"`
}

// Decision is something that was decided.
type Decision struct {
	Text     string   `json:"text"`
	Case     string   `json:"case,omitempty"`
	Evidence []string `json:"evidence"`
}

// ActionItem is who does what by when.
type ActionItem struct {
	Task     string   `json:"task"`
	Owner    string   `json:"owner"`
	Due      *string  `json:"due"` // ISO date, or null when none was given
	Evidence []string `json:"evidence"`
}

// Vote is one vote and its result.
type Vote struct {
	Case           string   `json:"case"`
	Proposal       string   `json:"proposal"`
	For            *int     `json:"for"` // null: not said
	Against        *int     `json:"against"`
	Blank          *int     `json:"blank"`
	Outcome        string   `json:"outcome"` // "enstemmig vedtatt", "vedtatt", "falt", ... in the document's form
	ForMembers     []string `json:"for_members"`
	AgainstMembers []string `json:"against_members"`
	Evidence       []string `json:"evidence"`
}

// ReviewItem is a statement that a person must check before it may stand.
type ReviewItem struct {
	Text     string   `json:"text"`
	Reason   string   `json:"reason"`
	Evidence []string `json:"evidence"`
}

// NextMeeting is what was said of the next meeting.
type NextMeeting struct {
	Date     *string  `json:"date"` // ISO date or null
	Time     string   `json:"time,omitempty"`
	Place    string   `json:"place,omitempty"`
	Text     string   `json:"text"`
	Evidence []string `json:"evidence"`
}

// Provenance says how a document came to be.
type Provenance struct {
	Writer       string    `json:"writer"` // "builtin" or "llm"
	Model        string    `json:"model,omitempty"`
	PromptSHA256 string    `json:"prompt_sha256,omitempty"`
	Masked       bool      `json:"masked"`
	Created      time.Time `json:"created"`
}

// Minutes is the draft document. It is minutes.json as it stands.
type Minutes struct {
	Schema         string       `json:"schema"`
	Label          string       `json:"label"` // DraftLabel until approved
	Kind           Kind         `json:"kind"`
	Language       Language     `json:"language"`
	Title          string       `json:"title"`
	Date           string       `json:"date"` // ISO date, or empty when not known
	Place          string       `json:"place"`
	Present        []string     `json:"present"`
	Absent         []string     `json:"absent"`
	Items          []Item       `json:"items"`
	Decisions      []Decision   `json:"decisions"`
	Actions        []ActionItem `json:"actions"`
	Votes          []Vote       `json:"votes"`
	NextMeeting    *NextMeeting `json:"next_meeting"`
	NeedsReview    []ReviewItem `json:"needs_review"`
	PossiblyMissed []Point      `json:"possibly_missed"`
	Missing        []string     `json:"missing"`
	Provenance     Provenance   `json:"provenance"`
}
