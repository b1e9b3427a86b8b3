package referent

import "time"

// MinutesSchema names the version of minutes.json.
const MinutesSchema = "referent/minutes/1"

// Point is one statement of the minutes with the segments it rests on.
type Point struct {
	Text     string   `json:"text"`
	Evidence []string `json:"evidence"`           // segment ids
	Added    bool     `json:"added,omitempty"`    // a person put it in: nobody need be heard saying it
	Reworded bool     `json:"reworded,omitempty"` // a person gave it other words than were heard where it is said to be
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
	Added    bool     `json:"added,omitempty"`    // a person put it in: nobody need be heard saying it
	Reworded bool     `json:"reworded,omitempty"` // a person gave it other words than were heard where it is said to be
}

// ActionItem is who does what by when.
type ActionItem struct {
	Task     string   `json:"task"`
	Owner    string   `json:"owner"`
	Due      *string  `json:"due"`              // ISO date, or null when none was given
	Status   string   `json:"status,omitempty"` // as said: "påbegynt"; empty: open
	Evidence []string `json:"evidence"`
	Added    bool     `json:"added,omitempty"`    // a person put it in: nobody need be heard saying it
	Reworded bool     `json:"reworded,omitempty"` // a person gave it other words than were heard where it is said to be
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
	BlankMembers   []string `json:"blank_members,omitempty"`
	ForParties     []string `json:"for_parties,omitempty"` // said to have voted so as a party, as the roster writes them
	AgainstParties []string `json:"against_parties,omitempty"`
	Alternative    string   `json:"alternative,omitempty"` // the proposal it was set up against: Against are those for that one
	DoubleVote     bool     `json:"double_vote,omitempty"` // a tie that the chair's vote decided
	Faults         []string `json:"faults,omitempty"`      // what does not add up, in the document's form
	Evidence       []string `json:"evidence"`
	Added          bool     `json:"added,omitempty"`    // a person put it in: nobody need be heard saying it
	Reworded       bool     `json:"reworded,omitempty"` // a person gave it other words than were heard where it is said to be
	// Confirmed says who looked at the vote and answers for it; nil: nobody yet. A change of the vote takes it away.
	Confirmed *Approval `json:"confirmed,omitempty"`
}

// Proposal is a proposal put forward in a case.
type Proposal struct {
	Text     string   `json:"text"`
	By       []string `json:"by,omitempty"` // persons or parties, as the roster has them; empty: not said
	Evidence []string `json:"evidence"`
	Added    bool     `json:"added,omitempty"`    // a person put it in: nobody need be heard saying it
	Reworded bool     `json:"reworded,omitempty"` // a person gave it other words than were heard where it is said to be
}

// Case is one case of a body's meeting, as kommuneloven § 11-4 wants it recorded. Its votes and its
// resolution stand in Minutes.Votes and Minutes.Decisions under the same name.
type Case struct {
	Name           string     `json:"name"`                     // "PS 12/25 Skolestruktur"
	Recommendation *Point     `json:"recommendation,omitempty"` // the administration's innstilling
	Proposals      []Proposal `json:"proposals,omitempty"`
	Closed         *Closed    `json:"closed,omitempty"`
}

// Closed says that a case, or a part of it, was treated behind closed doors.
type Closed struct {
	Basis    string   `json:"basis"` // as said: "kommuneloven § 11-5 andre ledd bokstav a"; empty: not said
	Evidence []string `json:"evidence"`
}

// What a Movement tells of a member.
const (
	MovementArrived      = "arrived"      // came after the meeting began
	MovementLeft         = "left"         // left before it ended
	MovementDisqualified = "disqualified" // inhabil, and left for the case
	MovementSubstitute   = "substitute"   // took a seat for somebody
	MovementReturned     = "returned"
)

// Movement is a member who came, left, or had no seat in a case.
type Movement struct {
	Name     string   `json:"name"`
	What     string   `json:"what"`
	Case     string   `json:"case,omitempty"`  // Case.Name, when it was during one
	Clock    string   `json:"clock,omitempty"` // "18.40", when it was said
	Evidence []string `json:"evidence"`
	Added    bool     `json:"added,omitempty"`    // a person put it in: nobody need be heard saying it
	Reworded bool     `json:"reworded,omitempty"` // a person gave it other words than were heard where it is said to be
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

	Server       string         `json:"server,omitempty"`        // what answered: "llama.cpp b6423", as far as it tells
	Seconds      float64        `json:"seconds,omitempty"`       // how long the writing took
	Parts        int            `json:"parts,omitempty"`         // calls that the transcript was cut for
	PromptTokens int            `json:"prompt_tokens,omitempty"` // as the server counted
	AnswerTokens int            `json:"answer_tokens,omitempty"`
	Masks        map[string]int `json:"masks,omitempty"` // kind of thing that was masked -> how many different
	Template     string         `json:"template,omitempty"`
	TemplateSHA  string         `json:"template_sha256,omitempty"`
	Taken        []Taken        `json:"taken,omitempty"` // parts that a person took from another version, in the order that they did
}

// Taken is a part of the minutes that came from another version, and how that was written.
type Taken struct {
	Part     string    `json:"part"`           // "head", "items", "cases", "decisions", "actions", "next_meeting"
	Name     string    `json:"name,omitempty"` // of a theme or case: its heading in that version
	Version  int       `json:"version"`
	Writer   string    `json:"writer"` // as in Provenance, like the two after it
	Model    string    `json:"model,omitempty"`
	Template string    `json:"template,omitempty"`
	By       string    `json:"by"` // the person's name
	At       time.Time `json:"at"`
}

// Approval says who answers for a document.
type Approval struct {
	By string    `json:"by"` // the person's name
	At time.Time `json:"at"`
}

// Settled is a statement that was to be checked, or may have been forgotten, and what a person made of it.
type Settled struct {
	Text     string    `json:"text"`
	Reason   string    `json:"reason,omitempty"` // why it was to be checked
	Evidence []string  `json:"evidence"`
	How      string    `json:"how"`          // SettledAccepted, ...
	As       string    `json:"as,omitempty"` // the list that it was accepted into: "decisions", "actions", "points"
	By       string    `json:"by"`           // the person's name
	At       time.Time `json:"at"`
}

// What a person made of a statement.
const (
	SettledAccepted  = "accepted"  // it stands in the minutes, in these words or better ones
	SettledDismissed = "dismissed" // it was looked into and does not stand there
	SettledConfirmed = "confirmed" // it is a vote, and right
)

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
	Cases          []Case       `json:"cases,omitempty"`     // of a protocol
	Movements      []Movement   `json:"movements,omitempty"` // of members, in the meeting's order
	NextMeeting    *NextMeeting `json:"next_meeting"`
	NeedsReview    []ReviewItem `json:"needs_review"`
	PossiblyMissed []Point      `json:"possibly_missed"`
	Missing        []string     `json:"missing"`
	Provenance     Provenance   `json:"provenance"`
	Settled        []Settled    `json:"settled,omitempty"`  // what NeedsReview, PossiblyMissed and Missing held before a person looked
	Approval       *Approval    `json:"approval,omitempty"` // nil: nobody yet; Label is then DraftLabel
}
