package store

import "time"

// Server is one of several servers over a database.
type Server struct {
	ID    string
	Beats int64 // grows for as long as it lives
}

// Duty is what one server does for all.
type Duty struct {
	Name   string
	Holder string // a server's ID; one that is not among the servers holds nothing
	Epoch  int64  // grows when the holder changes
}

// How long these are of use.
const (
	SignInFailuresKept = time.Hour
	CreationsKept      = time.Hour // whoever got no answer asks again within seconds
)

// SignInFailures is how often a sign-in has failed in a row.
type SignInFailures struct {
	ID    string // a hash of a name or an address
	Times int
	Last  time.Time
	Until time.Time // nobody may try before; zero: at any time
}
