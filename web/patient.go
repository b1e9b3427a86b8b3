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

// patientReader reads a request body for as long as bytes come: each read has its own deadline, so
// that a slow line may take all day and a dead one ends soon.
type patientReader struct {
	r           io.Reader
	rc          *http.ResponseController
	patience    time.Duration
	interrupted atomic.Bool
}

func (p *patientReader) Read(b []byte) (int, error) {
	if err := setDeadline(p.rc.SetReadDeadline, time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	if p.interrupted.Load() { // after the deadline was set, so that it cannot undo an interruption
		return 0, errInterrupted
	}
	n, err := p.r.Read(b)
	switch {
	case err == nil || err == io.EOF:
	case p.interrupted.Load():
		err = errInterrupted
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSlow
	}
	return n, err
}

// interrupt makes the read that goes on, and all later ones, fail. It may be called from any goroutine.
func (p *patientReader) interrupt() {
	p.interrupted.Store(true)
	p.rc.SetReadDeadline(time.Unix(1, 0)) // where deadlines are not supported the flag ends the next read
}

// done takes the deadline away, for the next request on the connection.
func (p *patientReader) done() {
	if !p.interrupted.Load() {
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
