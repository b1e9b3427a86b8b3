// Package patience gives what comes from and goes to a client its time: as long as bytes move, and no longer.
package patience

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Why a body ended before its end.
var (
	ErrSlow        = errors.New("no bytes arrived in time")
	ErrInterrupted = errors.New("a newer request took over")
)

// lastWords is how long a request that is taken over may still read: what has reached this machine by
// then counts, and the newcomer need not send it again.
const lastWords = 500 * time.Millisecond

// Body is a request's body that is read for as long as bytes come: each read has its own deadline, so
// that a slow line may take all day and a dead one ends soon.
type Body struct {
	r    io.Reader
	rc   *http.ResponseController
	most time.Duration
	end  atomic.Int64 // Unix nanoseconds after which nothing is read; 0: not interrupted
}

// NewBody reads r, the body of the request that w answers, and waits at most so long for its next byte.
func NewBody(r io.Reader, w http.ResponseWriter, most time.Duration) *Body {
	return &Body{r: r, rc: http.NewResponseController(w), most: most}
}

func (p *Body) Read(b []byte) (int, error) {
	if err := SetDeadline(p.rc.SetReadDeadline, time.Now().Add(p.most)); err != nil {
		return 0, err
	}
	if end := p.end.Load(); end != 0 { // after the deadline was set, so that it cannot undo an interruption
		at := time.Unix(0, end)
		if !time.Now().Before(at) {
			return 0, ErrInterrupted
		}
		if err := SetDeadline(p.rc.SetReadDeadline, at); err != nil {
			return 0, err
		}
	}
	n, err := p.r.Read(b)
	switch {
	case err == nil || err == io.EOF:
	case p.end.Load() != 0:
		err = ErrInterrupted
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = ErrSlow
	}
	return n, err
}

// Interrupt makes reads fail soon. It may be called from any goroutine, and more than once.
func (p *Body) Interrupt() {
	at := time.Now().Add(lastWords)
	if p.end.CompareAndSwap(0, at.UnixNano()) {
		p.rc.SetReadDeadline(at) // where deadlines are not supported the next read ends it
	}
}

// Done takes the deadline away, for the next request on the connection.
func (p *Body) Done() {
	if p.end.Load() == 0 {
		p.rc.SetReadDeadline(time.Time{}) // the connection may be gone already; then nothing is lost
	}
}

// SetDeadline sets a deadline where the connection supports it.
func SetDeadline(set func(time.Time) error, at time.Time) error {
	if err := set(at); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
