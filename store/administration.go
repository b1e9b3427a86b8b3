package store

import "time"

// What an Act can be.
const (
	ActUserMade       = "user_made"
	ActUserChanged    = "user_changed" // what they are called
	ActInvitationMade = "invitation_made"
	ActPasswordChosen = "password_chosen"
	ActUserDisabled   = "user_disabled"
	ActUserEnabled    = "user_enabled"
	ActSessionsEnded  = "sessions_ended"
	ActAdminMade      = "admin_made"
	ActAdminUnmade    = "admin_unmade"
	ActRoleGiven      = "role_given"
	ActRoleTaken      = "role_taken"
	ActDepartmentMade = "department_made"
	ActDepartment     = "department_changed" // its name
	ActHealthSet      = "health_set"
	ActHealthTaken    = "health_taken"  // roles for all reach it from now on
	ActWords          = "words_changed" // a word list, of the department, or of all
	// Of workers; the table of workers tells which, and who let it in.
	ActEnrolment      = "enrolment_made"
	ActWorkerEnrolled = "worker_enrolled"
	ActWorkerRevoked  = "worker_revoked"
	// Of readings: somebody looked at a user's, a meeting's or everybody's; and went through all up to a time.
	ActReadingsRead     = "readings_read"
	ActReadingsReviewed = "readings_reviewed"
	ActAuditExported    = "audit_exported" // the chain that proves the logs was taken out
)

// ActKinds lists what an Act can be.
var ActKinds = []string{ActUserMade, ActUserChanged, ActInvitationMade, ActPasswordChosen, ActUserDisabled, ActUserEnabled, ActSessionsEnded, ActAdminMade, ActAdminUnmade,
	ActRoleGiven, ActRoleTaken, ActDepartmentMade, ActDepartment, ActHealthSet, ActHealthTaken,
	ActWords, ActEnrolment, ActWorkerEnrolled, ActWorkerRevoked, ActReadingsRead, ActReadingsReviewed, ActAuditExported}

// Act is what somebody did to the installation's users, roles or departments. It holds ids and no names, and
// outlives whom it tells of.
type Act struct {
	ID         int64
	What       string    // ActUserMade, ...
	By         string    // user id; "": the provider's claims at a sign-in
	User       string    // id of whom it was done to; may be empty
	Department string    // id, or AllDepartments; may be empty
	Role       string    // may be empty
	Meeting    string    // of ActReadingsRead; may be empty
	Worker     string    // id, of ActWorkerEnrolled and ActWorkerRevoked; empty in what releases before this column wrote
	Until      time.Time // of ActReadingsReviewed
	At         time.Time
}

// ActFilter chooses acts. Zero fields choose everything.
type ActFilter struct {
	What   string
	User   string // who did it, or had it done
	Before int64  // only those with a lesser ID: the next page
	Limit  int    // 0 means 100
}
