package store

import (
	"time"

	"github.com/referent/referent"
)

// Worker is a key that connects to the queue as a worker. A row is never deleted: it tells for good who let the key in,
// and who revoked it.
type Worker struct {
	ID        string
	Key       string           // public nkey
	Label     string           // what whoever let it in calls it
	Own       bool             // a server made it for the workers on its own machine
	Stages    []referent.Stage // whose jobs it may do; none: those of every stage
	By        string           // user id of who let it in; "" with Own
	Made      time.Time
	Seen      time.Time // it was last heard of, to the minute; zero: never
	Revoked   time.Time // zero: it is not
	RevokedBy string    // user id
}

// Admitted reports whether the key may connect.
func (w *Worker) Admitted() bool { return w.Revoked.IsZero() }

// Enrolment lets one worker hand in its key, once. Only the token's SHA-256 is stored.
type Enrolment struct {
	TokenHash string
	Label     string
	Stages    []referent.Stage
	By        string // user id
	Made      time.Time
	Expires   time.Time
}
