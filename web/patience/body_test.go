package patience_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/referent/referent/web/patience"
)

// read answers how the body of a request ended that brings a byte every gap, so many of them, and then nothing more.
func read(t *testing.T, bytes int, gap, most time.Duration, begun func(*patience.Body)) (n int64, err error) {
	t.Helper()
	type end struct {
		n   int64
		err error
	}
	ended := make(chan end, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := patience.NewBody(r.Body, w, most)
		if begun != nil {
			begun(b)
		}
		n, err := io.Copy(io.Discard, b)
		ended <- end{n, err}
	}))
	t.Cleanup(srv.Close)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for range bytes {
		time.Sleep(gap)
		if _, err := c.Write([]byte{'x'}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case e := <-ended:
		return e.n, e.err
	case <-time.After(20 * time.Second):
		t.Fatal("the body never ended")
		return 0, nil
	}
}

// A line that takes longer than the patience in all, but never between two bytes, loses nothing; one that falls
// silent ends.
func TestBodyEndsWhenNothingComes(t *testing.T) {
	const most = 2 * time.Second
	n, err := read(t, 6, most/4, most, nil)
	if n != 6 || !errors.Is(err, patience.ErrSlow) {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

func TestInterruptedBodyEndsSoon(t *testing.T) {
	n, err := read(t, 3, 0, time.Minute, func(b *patience.Body) {
		time.AfterFunc(200*time.Millisecond, b.Interrupt)
	})
	if n != 3 || !errors.Is(err, patience.ErrInterrupted) {
		t.Errorf("got %d bytes, %v", n, err)
	}
}
