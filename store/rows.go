package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/referent/referent"
)

// Sight is which meetings somebody sees. A nil *Sight is that of the program itself: everything. The zero
// one sees nothing.
type Sight struct {
	Owner       string   // meetings without a department that are this user's; "": nobody's
	Unassigned  bool     // meetings without a department, whoever they belong to
	Departments []string // meetings of these departments
}

// Sees reports whether a meeting of the owner and department is seen.
func (s *Sight) Sees(owner, department string) bool {
	switch {
	case s == nil:
		return true
	case department != "":
		return slices.Contains(s.Departments, department)
	}
	return s.Unassigned || s.Owner != "" && s.Owner == owner
}

// MeetingFilter chooses meetings. Zero fields choose everything.
type MeetingFilter struct {
	Seen   *Sight
	States []referent.State
	After  string // opaque, from the previous page
	Limit  int    // 0 means 50
}

// Part is one piece of an uploaded recording: a blob of its own, so that nothing received is lost when
// an upload stops. Parts in order of Offset make the file.
type Part struct {
	Meeting string
	Offset  int64 // of the first byte in the recording
	Size    int64 // bytes of plaintext
	Blob    string
}

// ArtifactKind is a kind of immutable result.
type ArtifactKind string

const (
	ArtifactAudio      ArtifactKind = "audio"      // 16 kHz s16le PCM, its channels interleaved
	ArtifactPlan       ArtifactKind = "plan"       // JSON of referent.PrepareResult
	ArtifactChunk      ArtifactKind = "chunk"      // JSON of referent.ChunkResult; one for each chunk
	ArtifactTranscript ArtifactKind = "transcript" // JSON of referent.Transcript
	ArtifactVoices     ArtifactKind = "voices"     // JSON of referent.Voices, stored with the transcript that it is of; goes with the audio
	ArtifactMinutes    ArtifactKind = "minutes"    // JSON of referent.Minutes
	ArtifactPeaks      ArtifactKind = "peaks"      // JSON of how loud the audio is, to draw it; goes with the audio
)

// Artifact is one version of a result: an immutable blob. Chunk is 0 except for ArtifactChunk, whose
// versions are counted for each chunk.
type Artifact struct {
	Meeting string
	Kind    ArtifactKind
	Chunk   int
	Version int // from 1
	Blob    string
	Size    int64  // bytes of plaintext
	Author  string // user id for a person's version, "" for a machine's
	Batch   string // the author's own name for the edits that it came of; "": none
	Created time.Time
}

// Checkpoint is what a job had done when it was saved: a blob under a key that says what it was made of.
// There is one of a key in a meeting.
type Checkpoint struct {
	Meeting string
	Key     string
	Blob    string
	Size    int64 // bytes of plaintext
	Created time.Time
}

// UnknownSize is the Size of an upload whose length its sender does not know yet.
const UnknownSize int64 = -1

// Upload is a resumable upload in progress (tus). The bytes received are Parts of its meeting.
type Upload struct {
	ID        string
	Meeting   string
	Owner     string
	Size      int64  // declared length, or UnknownSize
	Offset    int64  // bytes stored so far
	HashState []byte // marshalled SHA-256 state at Offset
	Expires   time.Time
	Created   time.Time
}

// Complete reports whether every byte has come. An upload of unknown length is never complete.
func (u *Upload) Complete() bool { return u.Size != UnknownSize && u.Offset >= u.Size }

// What a Receipt is for.
const (
	ErasedMeeting = "meeting" // all of it
	ErasedAudio   = "audio"   // the recording and all that was made of its sound but words
	// ErasedTranscript is the audio, and the words: only the minutes are left.
	ErasedTranscript = "transcript"
)

// Receipt proves that a meeting, or its audio, was erased. It says nothing of what the meeting held.
type Receipt struct {
	Meeting string    `json:"meeting"`
	What    string    `json:"what"` // ErasedMeeting, ErasedAudio or ErasedTranscript
	By      string    `json:"by"`   // user id, or ByRetention
	At      time.Time `json:"at"`
	Blobs   int       `json:"blobs"` // files removed
	Bytes   int64     `json:"bytes"`
	KeyGone bool      `json:"key_destroyed"`
}

// JobCount is how many jobs are in a state.
type JobCount struct {
	Stage referent.Stage
	State referent.JobState
	Count int
}

// Workload is the work of one stage and priority that is not done.
type Workload struct {
	Stage    referent.Stage
	Priority referent.Priority
	Waiting  int
	Running  int
	// Published counts those of Waiting whose message the queue is known to hold.
	Published int
	Oldest    time.Time // when the first of those that wait was asked for; zero: none waits
}

// Handed is how many jobs of a stage are out of the dispatcher's hands and not done.
type Handed struct {
	Published int // wait in the queue, as far as is known
	Running   int
}

// QueuedFilter chooses among queued jobs. What is zero chooses all.
type QueuedFilter struct {
	Published    bool      // those whose message the queue is known to hold; false: those for which it is not
	Due          time.Time // their NotBefore has passed then
	PausedBeyond time.Time // their NotBefore is later
	Stage        referent.Stage
	Meeting      string
	Priority     referent.Priority
	Newest       bool // the whole order is reversed
}

// Offer is the bulk work of one stage of a meeting of which something waits for the dispatcher.
type Offer struct {
	Stage      referent.Stage
	Meeting    string
	Department string // "": none
	Recording  *referent.Recording
	Options    referent.Options
	Waiting    int       // jobs that are not published and could be done now, at least one
	Out        int       // jobs that are published, or that somebody is at
	Since      time.Time // the oldest of its open jobs was made
}

// Usage is how much room things take up, in bytes.
type Usage struct {
	Database   int64 // as it lies on the disk, without its log
	Recordings int64 // as they were sent
	Results    int64 // decoded sound, transcripts, minutes and what they are made of
}

// Unfinished is a meeting that has open jobs, hearing it while it arrives not counted.
type Unfinished struct {
	Meeting    string
	Owner      string
	Department string
	State      referent.State
	Progress   float64
	Recording  *referent.Recording
	Options    referent.Options
	Priority   referent.Priority
	Stage      referent.Stage // of the open jobs, the one that workers look for first
	Leased     int            // open jobs that somebody is at
	Since      time.Time      // the oldest open job was made
	NotBefore  time.Time      // no open job is tried before; zero: one can be now
	Code       referent.Code  // why an open job was put back, of any; "": none was
}

// Event is something that happened to a meeting, for people who watch. It carries no text and no name.
type Event struct {
	ID         int64          `json:"id"`
	Meeting    string         `json:"meeting"`
	Owner      string         `json:"-"`
	Department string         `json:"-"`    // of the meeting, as it is now while it is there
	Type       string         `json:"type"` // "state", "progress", "partial", "failed", "transcript", "minutes", "deleted", EventLeft
	State      referent.State `json:"state"`
	Stage      referent.Stage `json:"stage,omitempty"`
	Progress   float64        `json:"progress"`
	Code       referent.Code  `json:"code,omitempty"`
	At         time.Time      `json:"at"`
}

// EventLeft is the type of an event that tells a department, or the owner, that the meeting is elsewhere now. It stays where
// the meeting was, and says nothing of how the meeting is.
const EventLeft = "left"

// User is someone who can sign in: with a password, or, when Issuer is not "", at that OpenID provider.
type User struct {
	ID           string
	Name         string // unique, compared without case
	DisplayName  string // what the person is called; may be empty
	PasswordHash string // argon2id, PHC string; "": no password opens it
	Admin        bool   // by hand
	AdminByClaim bool   // by what the provider said at the last sign-in
	Disabled     bool   // cannot sign in, and is nobody to any session or token
	Issuer       string // of the provider that knows the person; "": a local user
	Subject      string // who the person is to the issuer; unique with it
	Locale       string // "nb", "nn", "en"
	Created      time.Time
	LastSignIn   time.Time // zero: never
}

// Administrator reports whether the user is one, by hand or by claim.
func (u *User) Administrator() bool { return u.Admin || u.AdminByClaim }

// Called is what other people know the user as.
func (u *User) Called() string { return cmp.Or(u.DisplayName, u.Name) }

// Invitation lets a user choose a password, once. Only the token's SHA-256 is stored.
type Invitation struct {
	User      string
	TokenHash string
	Expires   time.Time
}

// Department is a part of the organisation whose meetings its members share.
type Department struct {
	ID      string
	Name    string // unique, compared without case
	Health  bool   // need to know: no role that holds for all departments reaches it
	Created time.Time
}

// AllDepartments in the place of a department's ID means each that is not one of health.
const AllDepartments = "*"

// Membership is a role that a user has in a department. What roles there are is package access's to say.
//
// One that came by claim and one given by hand are two, and each goes without the other.
type Membership struct {
	User       string
	Department string // an ID, or AllDepartments
	Role       string
	ByClaim    bool // by what the provider said at the last sign-in
	Created    time.Time
}

// Session is a signed-in browser. Only the token's SHA-256 is stored.
type Session struct {
	TokenHash string
	User      string
	Issuer    string // of the provider that the person signed in at; "": with a password
	Created   time.Time
	Expires   time.Time
}

// Scope is what an API token allows.
type Scope string

const (
	ScopeRead  Scope = "read"  // list, show, results, events
	ScopeWrite Scope = "write" // create, upload, cancel, retry, delete
	ScopeAdmin Scope = "admin" // users, tokens, dead letters, workers
)

// Token is an API token. Only its SHA-256 is stored.
type Token struct {
	ID        string
	TokenHash string
	User      string
	Name      string
	Scopes    []Scope
	Created   time.Time
	Expires   time.Time // zero: never
}
