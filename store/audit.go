package store

import (
	"context"

	"github.com/referent/referent/audit"
)

// What a link of the chain can be, beside those of package audit. Each write of a Tx that somebody answers for adds one,
// in its own transaction; storetest.Run holds the methods against this list.
const (
	AuditAct        = "act"     // AddAct
	AuditDeed       = "deed"    // AddDeed
	AuditReading    = "reading" // AddReading: when it begins
	AuditErased     = "erased"  // AddReceipt, DeleteMeeting
	AuditUser       = "user"    // PutUser, of what decides over who may do what; not of a language or a sign-in
	AuditRoleGiven  = "role_given"
	AuditRoleTaken  = "role_taken"
	AuditDepartment = "department"
	AuditWords      = "words"
	AuditWorker     = "worker"     // PutWorker: let in, or shut out
	AuditInvitation = "invitation" // made, used or taken back
	AuditTokenMade  = "token_made"
	AuditTokenGone  = "token_deleted"
	AuditSignIn     = "sign_in"        // a session began
	AuditSignOut    = "sign_out"       // one, or all of a user, ended
	AuditNoSignIn   = "sign_in_failed" // AddFailedSignIn
	AuditStrangers  = "strangers_deleted"
	AuditMeeting    = "meeting_made"
	AuditChanged    = "meeting_changed" // by somebody: its details, or its state
	AuditMoved      = "meeting_moved"
	AuditVersion    = "version" // of a transcript or minutes
	AuditTask       = "task"
	AuditHeld       = "held"
	AuditReleased   = "released"
	AuditKey        = "key_destroyed"
	AuditRecording  = "recording_deleted"
)

type actorKey struct{}

// WithActor says who asks for what is done with the context, by their user id. Links of the chain tell it.
func WithActor(ctx context.Context, user string) context.Context {
	return context.WithValue(ctx, actorKey{}, user)
}

// Actor is who asks; "": nobody, or nobody who is known.
func Actor(ctx context.Context) string {
	user, _ := ctx.Value(actorKey{}).(string)
	return user
}

// FailedSignIn is that somebody was not let in. What they wrote in the place of a name is not kept: it may be a password.
type FailedSignIn struct {
	User   string // whose name or subject it was; "": nobody's
	Issuer string // of the provider; "": with a password
	Locked bool   // whoever tries next must wait
}

// Auditor is what a store keeps of the chain.
type Auditor interface {
	// AuditHead is the newest link. ErrNotFound: there is none.
	AuditHead(ctx context.Context) (audit.Head, error)
	// AuditLinks lists links after a number, the oldest first; limit 0 means 1000.
	AuditLinks(ctx context.Context, after int64, limit int) ([]audit.Link, error)
	// VerifyAudit checks the chain, and holds the logs against it, in one state of the database. It takes some ten
	// seconds for a million links, and keeps nobody from writing; Scrub waits for it.
	VerifyAudit(ctx context.Context, noted *audit.Head) (*audit.Report, error)
}
