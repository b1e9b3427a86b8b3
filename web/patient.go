package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

var (
	errSlow        = errors.New("no bytes arrived in time")
	errInterrupted = errors.New("a newer request took over")
)

// lastWords is how long a request that is taken over may still read: what has reached this machine by
// then counts, and the newcomer need not send it again.
const lastWords = 500 * time.Millisecond

// patientReader reads a request body for as long as bytes come: each read has its own deadline, so
// that a slow line may take all day and a dead one ends soon.
type patientReader struct {
	r        io.Reader
	rc       *http.ResponseController
	patience time.Duration
	end      atomic.Int64 // Unix nanoseconds after which nothing is read; 0: not interrupted
}

func (p *patientReader) Read(b []byte) (int, error) {
	if err := setDeadline(p.rc.SetReadDeadline, time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	if end := p.end.Load(); end != 0 { // after the deadline was set, so that it cannot undo an interruption
		at := time.Unix(0, end)
		if !time.Now().Before(at) {
			return 0, errInterrupted
		}
		if err := setDeadline(p.rc.SetReadDeadline, at); err != nil {
			return 0, err
		}
	}
	n, err := p.r.Read(b)
	switch {
	case err == nil || err == io.EOF:
	case p.end.Load() != 0:
		err = errInterrupted
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSlow
	}
	return n, err
}

// interrupt makes reads fail soon. It may be called from any goroutine, and more than once.
func (p *patientReader) interrupt() {
	at := time.Now().Add(lastWords)
	if p.end.CompareAndSwap(0, at.UnixNano()) {
		p.rc.SetReadDeadline(at) // where deadlines are not supported the next read ends it
	}
}

// done takes the deadline away, for the next request on the connection.
func (p *patientReader) done() {
	if p.end.Load() == 0 {
		p.rc.SetReadDeadline(time.Time{}) // the connection may be gone already; then nothing is lost
	}
}

// setDeadline sets a deadline where the connection supports it.
func setDeadline(set func(time.Time) error, at time.Time) error {
	if err := set(at); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
