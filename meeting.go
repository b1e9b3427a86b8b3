package referent

import "time"

// Kind is the kind of document that a meeting becomes.
type Kind string

const (
	KindReferat  Kind = "referat"             // internal meeting
	KindProtocol Kind = "moteprotokoll"       // council or committee, kommuneloven § 11-4
	KindCareNote Kind = "hjemmetjenestenotat" // dictated note from a home visit
	KindDictate  Kind = "diktat"              // cleaned text without summary
)

// Kinds lists the built-in kinds in the order a person chooses from.
var Kinds = []Kind{KindReferat, KindProtocol, KindCareNote, KindDictate}

// Interactive reports whether a person waits for the result, so that its jobs go before bulk work.
func (k Kind) Interactive() bool { return k == KindCareNote || k == KindDictate }

// Language is the written form of the minutes.
type Language string

const (
	Bokmal  Language = "nb"
	Nynorsk Language = "nn"
)

// State is where a meeting is in its life:
//
//	received -> prepared -> transcribed -> draft -> reviewed -> approved -> exported -> purged
//
// failed (with a cause and a retry) and cancelled are reached from anywhere before approved.
type State string

const (
	StateUploading   State = "uploading" // made, its recording not yet complete
	StateReceived    State = "received"
	StatePrepared    State = "prepared"
	StateTranscribed State = "transcribed"
	StateDraft       State = "draft" // minutes exist; a person has not looked yet
	StateReviewed    State = "reviewed"
	StateApproved    State = "approved"
	StateExported    State = "exported"
	StatePurged      State = "purged"
	StateFailed      State = "failed"
	StateCancelled   State = "cancelled"
)

// States lists every state once, in the order of a meeting's life.
var States = []State{StateUploading, StateReceived, StatePrepared, StateTranscribed, StateDraft,
	StateReviewed, StateApproved, StateExported, StatePurged, StateFailed, StateCancelled}

// Final reports whether nothing more happens by itself: no job of the meeting is or will be queued.
func (s State) Final() bool {
	switch s {
	case StateUploading, StateReceived, StatePrepared, StateTranscribed:
		return false
	}
	return true
}

// Approved reports whether somebody answers for the minutes: they, and the transcript under them, are locked.
func (s State) Approved() bool { return s == StateApproved || s == StateExported }

// Participant is somebody expected at the meeting.
type Participant struct {
	Name   string `json:"name"`
	Role   string `json:"role,omitempty"` // e.g. "møteleder", "ordfører", "varamedlem"
	Party  string `json:"party,omitempty"`
	Absent bool   `json:"absent,omitempty"` // sent apologies beforehand
}

// AgendaItem is one case or theme of the agenda.
type AgendaItem struct {
	Number string `json:"number,omitempty"` // as written, e.g. "PS 12/25"
	Title  string `json:"title"`
}

// Mode is how hard recognition tries.
type Mode string

const (
	ModeFast     Mode = "rask"    // greedy
	ModeThorough Mode = "grundig" // greedy first, then beam search for what is doubtful
	ModeBeam     Mode = "beam"    // beam search for everything
)

// Modes lists every mode, the fastest first.
var Modes = []Mode{ModeFast, ModeThorough, ModeBeam}

// Options are a meeting's choices for how it is processed. The zero value means the server's defaults.
type Options struct {
	Mode     Mode   `json:"mode,omitempty"`
	Spoken   string `json:"spoken,omitempty"`   // spoken language: "no", "nn", "sv", "da", "en"; empty: the server's default
	Speakers string `json:"speakers,omitempty"` // "auto", "N", "N-M", "off"
	Writer   string `json:"writer,omitempty"`   // "llm", "builtin"; empty: llm when an endpoint is configured
}

// Meeting is one meeting, recording or dictation, and where it is in its life.
type Meeting struct {
	ID    string `json:"id"`
	Owner string `json:"owner"` // user id
	// Department is the id of the department that the meeting belongs to; "": it is its owner's alone.
	Department   string        `json:"department,omitempty"`
	Title        string        `json:"title"`
	Start        time.Time     `json:"start,omitzero"` // when it was held; zero: not known
	Place        string        `json:"place,omitempty"`
	Body         string        `json:"body,omitempty"` // e.g. "Formannskapet"
	Kind         Kind          `json:"kind"`           // one of Kinds, or the ID of a Template
	Language     Language      `json:"language"`
	Participants []Participant `json:"participants,omitempty"`
	Agenda       []AgendaItem  `json:"agenda,omitempty"`
	Options      Options       `json:"options,omitzero"`
	Purpose      string        `json:"purpose,omitempty"`     // what the recording is for
	LegalBasis   string        `json:"legal_basis,omitempty"` // in law, of processing what is said
	Told         *Told         `json:"told,omitempty"`        // nil: nobody has confirmed it
	// Template is the organisation's own form that Kind names, while minutes are written; Kind is then its
	// Base. It is not stored with the meeting. nil: Kind is a built-in one.
	Template *Template `json:"-"`

	State     State      `json:"state"`
	Failure   *Failure   `json:"failure,omitempty"` // set in StateFailed, and beside a result that is incomplete
	Progress  float64    `json:"progress"`          // 0 to 1 over all stages
	Recording *Recording `json:"recording,omitempty"`
	Created   time.Time  `json:"created"`
	Updated   time.Time  `json:"updated"`
}

// Told is the confirmation that those present were told that they are recorded, and what for.
type Told struct {
	By string    `json:"by"` // user id of whoever confirms it
	At time.Time `json:"at"` // when it was confirmed
}

// Priority is the queue class of the meeting's jobs.
func (m *Meeting) Priority() Priority {
	if m.Kind.Interactive() {
		return PriorityInteractive
	}
	return PriorityBulk
}

// Recording describes the uploaded file of a meeting.
type Recording struct {
	SHA256   string  `json:"sha256"`             // of the uploaded bytes, lower-case hex
	Size     int64   `json:"size"`               // bytes
	Duration float64 `json:"duration,omitempty"` // seconds; 0 until prepared, and for transcripts without times
}

// Failure is why a meeting stopped, in terms that lead to a sentence and a retry.
type Failure struct {
	Code  Code      `json:"code"`
	Stage Stage     `json:"stage"`
	At    time.Time `json:"at"`
}
