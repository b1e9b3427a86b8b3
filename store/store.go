// Package store is the truth: what meetings there are, where each is, whose turn it is, who may look.
// It says what a database must do as one interface; packages store/sqlite and store/postgres do it, and package
// store/storetest is the suite that every implementation must pass. Package store/blob keeps the bytes.
//
// What is not here: what should happen next. The rules of a meeting's life are in package pipeline,
// which composes the small operations below inside one transaction.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/referent/referent"
)

// Errors that callers tell apart with errors.Is. Implementations wrap them in *referent.Error.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("changed by someone else")
	ErrFenced   = errors.New("the lease belongs to someone else")
	// ErrUnknown says that a transaction may have been committed, or not: what its rows may name must stay.
	ErrUnknown = errors.New("it is not known whether it was committed")
)

// Store is a database. All methods are safe for concurrent use. Reads see the last committed state.
type Store interface {
	Reader
	// Tx runs fn in the single writer's transaction and commits when fn returns nil. fn must not
	// keep tx, must not call Tx, and must be quick: there is one writer, of all processes that share the database.
	// After a write that failed it must return an error: some databases commit nothing of such a transaction.
	Tx(ctx context.Context, fn func(tx Tx) error) error
	// Ping fails when the database cannot be written.
	Ping(ctx context.Context) error
	// Scrub makes deleted rows unreadable in the files: it checkpoints and truncates what logs there are.
	Scrub(ctx context.Context) error
	Close() error
}

// Reader is what can be read, inside and outside a transaction. A thing that is not there is ErrNotFound.
type Reader interface {
	Auditor
	Meeting(ctx context.Context, id string) (*referent.Meeting, error)
	// Meetings lists newest first. next is "" at the end, else the After of the following page.
	Meetings(ctx context.Context, f MeetingFilter) (page []referent.Meeting, next string, err error)
	// Bodies lists the bodies of meetings that are seen, whoever met last first. limit 0 means 100.
	Bodies(ctx context.Context, seen *Sight, limit int) ([]string, error)
	// LastOf is the newest meeting of a body that is seen and says who took part, else the newest that is seen.
	LastOf(ctx context.Context, seen *Sight, body string) (*referent.Meeting, error)
	MeetingKey(ctx context.Context, meeting string) (wrapped []byte, err error)
	Parts(ctx context.Context, meeting string) ([]Part, error)
	Artifact(ctx context.Context, meeting string, kind ArtifactKind, version int) (*Artifact, error) // version 0: the newest
	Artifacts(ctx context.Context, meeting string) ([]Artifact, error)
	Checkpoint(ctx context.Context, meeting, key string) (*Checkpoint, error)
	Checkpoints(ctx context.Context, meeting string) ([]Checkpoint, error) // by key
	// Search lists the newest meeting's passages first; of one meeting its decisions, its tasks and what was said, in
	// order. next is "" at the end, else the After of the following page.
	Search(ctx context.Context, q SearchQuery) (page []Hit, next string, err error)
	// Tasks lists by deadline, those without one last. next is as with Search.
	Tasks(ctx context.Context, q TaskQuery) (page []Task, next string, err error)
	TasksOf(ctx context.Context, meeting string) ([]Task, error)                 // in order; first those that the minutes no longer have
	TaskOwners(ctx context.Context, in Choice, done bool) ([]string, error)      // of tasks that are done, or open; by name, at most 500
	BodiesIn(ctx context.Context, in Choice) ([]string, error)                   // of meetings, by name, at most 500
	StaleIndexes(ctx context.Context, after string, limit int) ([]string, error) // meetings whose results Search does not know yet, by ID
	Receipts(ctx context.Context, limit int) ([]Receipt, error)
	History(ctx context.Context, meeting string) ([]Deed, error) // in order
	Hold(ctx context.Context, meeting string) (*Hold, error)
	Keeping(ctx context.Context, meeting string) (*Keeping, error)
	// Keepings lists meetings by id, those after the one given; limit 0 means 500.
	Keepings(ctx context.Context, after string, limit int) ([]Keeping, error)
	// Acts lists what administrators did, newest first.
	Acts(ctx context.Context, f ActFilter) ([]Act, error)
	// LastAct is the last act of the same kind that the same user did to the same user and meeting. ErrNotFound: none.
	LastAct(ctx context.Context, like Act) (*Act, error)
	// Readings lists who read what, what began last first.
	Readings(ctx context.Context, f ReadingFilter) ([]Reading, error)
	// CountReadings counts what users read in a day, whoever read of most meetings first; limit 0 means 100.
	CountReadings(ctx context.Context, d ReadingDay, limit int) ([]ReadCount, error)

	Upload(ctx context.Context, id string) (*Upload, error)
	UploadsOf(ctx context.Context, meeting string) ([]Upload, error) // the oldest first
	ExpiredUploads(ctx context.Context, now time.Time) ([]Upload, error)

	Job(ctx context.Context, id string) (*referent.Job, error)
	JobsOf(ctx context.Context, meeting string) ([]referent.Job, error) // by stage order, chunk
	DeadJobs(ctx context.Context, limit int) ([]referent.Job, error)    // newest first
	// Queued lists queued jobs, interactive first, oldest first.
	Queued(ctx context.Context, f QueuedFilter, limit int) ([]referent.Job, error)
	// Offers lists what of a stage's bulk work waits for the dispatcher and could be done now, by meeting, the oldest first.
	Offers(ctx context.Context, stage referent.Stage, now time.Time) ([]Offer, error)
	// Published lists the queued jobs of a stage whose message the queue is thought to hold, by ID, those after the one given.
	Published(ctx context.Context, stage referent.Stage, after string, limit int) ([]referent.Job, error)
	// Handed counts the bulk jobs of each stage that the queue was given or somebody is at; stages without any are left out.
	Handed(ctx context.Context) (map[referent.Stage]Handed, error)
	ExpiredLeases(ctx context.Context, now time.Time) ([]referent.Job, error)
	LeasesOf(ctx context.Context, workerPrefix string) ([]referent.Job, error)
	CountJobs(ctx context.Context) ([]JobCount, error)
	Workloads(ctx context.Context) ([]Workload, error) // by stage order, interactive first
	Usage(ctx context.Context) (*Usage, error)
	// Backlog lists the meetings that work is left on, in the order in which each department's are come to: interactive
	// before bulk, those that are worked on before those that wait, then those that are furthest, and the oldest first.
	Backlog(ctx context.Context) ([]Unfinished, error)

	// EventsAfter lists events with ID > after in order, of the meetings that are seen; meeting "" means all of them.
	EventsAfter(ctx context.Context, meeting string, seen *Sight, after int64, limit int) ([]Event, error)
	LastEvent(ctx context.Context) (id int64, err error) // the newest event's; 0: there is none

	User(ctx context.Context, id string) (*User, error)
	UserByName(ctx context.Context, name string) (*User, error)
	UserBySubject(ctx context.Context, issuer, subject string) (*User, error) // issuer is not ""
	Users(ctx context.Context) ([]User, error)
	Session(ctx context.Context, tokenHash string) (*Session, error)
	Token(ctx context.Context, tokenHash string) (*Token, error)
	Tokens(ctx context.Context, user string) ([]Token, error)
	Invitation(ctx context.Context, tokenHash string) (*Invitation, error) // also an expired one
	Setting(ctx context.Context, key string) (string, error)

	Department(ctx context.Context, id string) (*Department, error)
	Departments(ctx context.Context) ([]Department, error) // by name
	// Memberships lists a user's, or with user "" everybody's, by user, department and role, by hand before by claim.
	Memberships(ctx context.Context, user string) ([]Membership, error)

	// WordList is the list of exactly that department and body.
	WordList(ctx context.Context, department, body string) (*WordList, error)
	WordLists(ctx context.Context) ([]WordList, error) // by department and body
	// WordListsFor lists those that count for a meeting of the department and body, what is said of fewest meetings first.
	WordListsFor(ctx context.Context, department, body string) ([]WordList, error)

	Worker(ctx context.Context, key string) (*Worker, error) // by its public key
	Workers(ctx context.Context) ([]Worker, error)           // the oldest first, those revoked last
	Enrolment(ctx context.Context, tokenHash string) (*Enrolment, error)
	Servers(ctx context.Context) ([]Server, error) // by ID
	Duty(ctx context.Context, name string) (*Duty, error)
	SignInFailures(ctx context.Context, id string) (*SignInFailures, error)
	Creation(ctx context.Context, id string) (upload string, err error) // what a creation has made
}

// Tx adds what can be written. An update of a row that is not there is ErrNotFound. What somebody answers for adds a link
// to the audit chain by itself, see AuditAct and the others.
type Tx interface {
	Reader

	CreateMeeting(ctx context.Context, m *referent.Meeting, wrappedKey []byte) error
	// UpdateMeeting writes every field of m but ID, Owner, Department and Created, and sets Updated.
	UpdateMeeting(ctx context.Context, m *referent.Meeting) error
	// MoveMeeting puts a meeting and its events, but for those of [EventLeft], into a department, or with "" into none.
	MoveMeeting(ctx context.Context, meeting, department string) error
	DestroyKey(ctx context.Context, meeting string) error
	// DeleteMeeting removes every row of the meeting, its search text included, and writes r.
	DeleteMeeting(ctx context.Context, meeting string, r Receipt) error
	AddPart(ctx context.Context, p Part) error
	// PutArtifact adds a version; the version number is a.Version+1 of the newest, and is set in a.
	PutArtifact(ctx context.Context, a *Artifact) error
	// PutCheckpoint adds c, or puts it in the place of the one with its key. It sets c.Created when it is not set.
	PutCheckpoint(ctx context.Context, c *Checkpoint) error
	// DeleteCheckpoint removes the one with the key. That there is none is no error.
	DeleteCheckpoint(ctx context.Context, meeting, key string) error
	DeleteCheckpoints(ctx context.Context, meeting string) error
	// DeleteRecording removes the rows of the meeting's parts, and of its artifacts of these kinds.
	DeleteRecording(ctx context.Context, meeting string, kinds []ArtifactKind) error
	// AddReceipt writes what DeleteMeeting writes by itself.
	AddReceipt(ctx context.Context, r Receipt) error
	AddDeed(ctx context.Context, d *Deed) error       // sets d.ID, and d.At when it is not set
	AddAct(ctx context.Context, a *Act) error         // sets a.ID, and a.At when it is not set
	AddReading(ctx context.Context, r *Reading) error // sets r.ID
	// ExtendReading says how long a reading went on. That it has had its time is no error.
	ExtendReading(ctx context.Context, id int64, last time.Time, times int) error
	DeleteReadings(ctx context.Context, before time.Time) error // those that ended before then
	// PruneAudit removes the oldest links of the chain, those from before that day, some at a time, and adds one that
	// says what the others stand on; more: there are others. audit.ErrFaulty: something is not what they say it is, and
	// nothing is removed.
	PruneAudit(ctx context.Context, before time.Time) (more bool, err error)
	// PutHold adds a hold, or puts it in the place of the one that there is. A meeting that is held cannot be deleted.
	PutHold(ctx context.Context, h *Hold) error // sets h.At when it is not set
	DeleteHold(ctx context.Context, meeting string) error
	// IndexTranscript replaces what Search finds of what was said in the meeting; nil: nothing.
	IndexTranscript(ctx context.Context, meeting string, t *referent.Transcript) error
	// IndexMinutes replaces what Search and Tasks find in the meeting's minutes. Tasks that are done keep being so
	// as far as tasks says it.
	IndexMinutes(ctx context.Context, meeting string, decisions []Statement, tasks []Task) error
	// SettleTask says that a task is done, or with a zero at that it is open again.
	SettleTask(ctx context.Context, meeting, task, by string, at time.Time) error
	// MarkIndexed takes a meeting from StaleIndexes.
	MarkIndexed(ctx context.Context, meeting string) error

	CreateUpload(ctx context.Context, u *Upload) error
	UpdateUpload(ctx context.Context, u *Upload) error
	DeleteUpload(ctx context.Context, id string) error

	// AddJob inserts a queued job; one with the same meeting, stage, chunk and not yet ended is ErrConflict.
	AddJob(ctx context.Context, j *referent.Job) error
	// UpdateJob writes the job if its epoch is still fence, else ErrFenced. A job put back to
	// JobQueued counts as unpublished again.
	UpdateJob(ctx context.Context, j *referent.Job, fence int64) error
	// MarkPublished says that the queue holds the message of the job's current epoch.
	MarkPublished(ctx context.Context, job string, epoch int64) error
	// UnmarkPublished takes that back, and reports whether it was so: the job may have been claimed meanwhile, or be gone.
	UnmarkPublished(ctx context.Context, job string, epoch int64) (bool, error)
	// UnmarkAllPublished makes every queued job unpublished: the queue was lost.
	UnmarkAllPublished(ctx context.Context) (int, error)

	AddEvent(ctx context.Context, e *Event) error // sets e.ID
	TrimEvents(ctx context.Context, before time.Time) error

	PutUser(ctx context.Context, u *User) error
	// DeleteStrangers deletes the users of OpenID providers who were made before then, have never signed in, and
	// for whom nobody has done anything: no role, not administrator, not disabled.
	DeleteStrangers(ctx context.Context, before time.Time) error
	PutSession(ctx context.Context, s *Session) error
	DeleteSession(ctx context.Context, tokenHash string) error
	DeleteSessionsOf(ctx context.Context, user string) error
	DeleteExpiredSessions(ctx context.Context, now time.Time) error
	PutToken(ctx context.Context, t *Token) error
	DeleteToken(ctx context.Context, id string) error
	// AddFailedSignIn adds a link to the chain, and nothing else.
	AddFailedSignIn(ctx context.Context, f FailedSignIn) error
	PutInvitation(ctx context.Context, i *Invitation) error // in the place of an earlier one of the user
	DeleteInvitation(ctx context.Context, user string) error
	PutSetting(ctx context.Context, key, value string) error

	// PutDepartment adds a department, or changes Name and Health of the one with the ID. A name that is taken
	// is ErrConflict.
	PutDepartment(ctx context.Context, d *Department) error
	// PutMembership gives a role. That it is held already is no error; a department or user that is not there
	// is ErrNotFound.
	PutMembership(ctx context.Context, m Membership) error
	// DeleteMembership takes a role away. That it is not held is no error.
	DeleteMembership(ctx context.Context, m Membership) error

	// PutWordList writes the list in the place of the one that there is. One without words is removed.
	PutWordList(ctx context.Context, l *WordList) error // sets l.Changed when it is not set

	// PutWorker adds a worker, or changes Label, Stages and what is said of its end of the one with the ID. A key that
	// another has is ErrConflict.
	PutWorker(ctx context.Context, w *Worker) error // sets w.Made when it is not set
	SeeWorker(ctx context.Context, key string, at time.Time) error
	PutEnrolment(ctx context.Context, e *Enrolment) error // sets e.Made when it is not set
	// DeleteEnrolment uses one up. ErrNotFound: somebody has already.
	DeleteEnrolment(ctx context.Context, tokenHash string) error
	DeleteEnrolments(ctx context.Context, before time.Time) error // those that had run out by then
	Beat(ctx context.Context, server string) error                // adds one to a server's beats; the first makes it one of the servers
	DeleteServer(ctx context.Context, server string) error        // that it is not there is no error
	PutDuty(ctx context.Context, d *Duty) error
	PutSignInFailures(ctx context.Context, f *SignInFailures) error
	DeleteSignInFailures(ctx context.Context, id string) error // that there are none is no error
	// TrimSignInFailures deletes those whose last was before then, and all but the newest most; 0: however many there are.
	TrimSignInFailures(ctx context.Context, before time.Time, most int) error
	// AddCreation notes what a creation has made, unless it has made something already: that is returned.
	AddCreation(ctx context.Context, id, upload string, at time.Time) (first string, err error)
	DeleteCreation(ctx context.Context, id string) error // that there is none is no error
	DeleteCreations(ctx context.Context, before time.Time) error
}
