package decode

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// source is the recording as it is read: it remembers the first failure, how far reading has come and
// when it last moved, which a decoder in another process cannot tell.
type source struct {
	r    io.ReaderAt
	size int64

	far  atomic.Int64 // the furthest byte read
	last atomic.Int64 // time of the last completed read, Unix nanoseconds

	mu  sync.Mutex
	err error
}

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(p, off)
	s.last.Store(time.Now().UnixNano())
	for end := off + int64(n); ; {
		far := s.far.Load()
		if end <= far || s.far.CompareAndSwap(far, end) {
			break
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		if s.err == nil {
			s.err = err
		}
		s.mu.Unlock()
	}
	return n, err
}

// full fills p from off, which must lie inside the recording.
func (s *source) full(p []byte, off int64) error {
	n, err := s.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // shorter than its size: the store's failure, not the recording's
	}
	return err
}

// failure is the first error of the bytes themselves.
func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// share is how much of the recording has been read, 0 to 1.
func (s *source) share() float64 { return float64(s.far.Load()) / float64(s.size) }
