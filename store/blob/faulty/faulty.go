// Package faulty is a blob.Bucket that fails on purpose: it wraps a real one and puts into its way
// what disks and networks do. It is for tests of those who use a bucket.
//
// What is not here: a bucket of its own. What no fault touches goes to the wrapped bucket unchanged.
package faulty

import (
	"context"
	"fmt"
	"io"
	"sync"
	"syscall"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

// Op is what is done to a bucket, for FailOnce.
type Op string

// The operations of a bucket, its writers and its readers.
const (
	OpCreate    Op = "create"
	OpWrite     Op = "write"
	OpCommit    Op = "commit"
	OpOpen      Op = "open"
	OpRead      Op = "read"
	OpDelete    Op = "delete"
	OpDeleteAll Op = "delete all"
	OpList      Op = "list"
)

// Bucket is a blob.Bucket with faults. It is safe for concurrent use.
type Bucket struct {
	inner blob.Bucket

	mu     sync.Mutex
	fail   map[Op][]failure // next first
	room   int64            // bytes left; -1: endless
	flips  []flip
	halves bool
}

var _ blob.Bucket = (*Bucket)(nil)

type failure struct {
	skip int // calls that go well before
	err  error
}

type flip struct {
	off int64 // from the end when negative
	bit uint
}

// Fault is one thing that goes wrong.
type Fault func(*Bucket)

// FailOnce makes the next call of op fail with err, and those after it go well.
func FailOnce(op Op, err error) Fault { return FailAt(op, 0, err) }

// FailAt lets n calls of op go well, makes the next fail with err, and those after it go well.
func FailAt(op Op, n int, err error) Fault {
	return func(b *Bucket) { b.fail[op] = append(b.fail[op], failure{n, err}) }
}

// DiskFull lets n more bytes be written over all writers, and then says that the disk is full
// (CodeDiskFull), like a file system does: what fits is written. What is deleted frees no room.
func DiskFull(n int64) Fault { return func(b *Bucket) { b.room = n } }

// FlipBit turns over one bit (0 to 7) of the byte at off, from the end when off is negative, in
// everything that is read.
func FlipBit(off int64, bit uint) Fault {
	return func(b *Bucket) { b.flips = append(b.flips, flip{off, bit % 8}) }
}

// ShortReads makes every read of more than one byte return half of what was asked, and no error:
// what io.ReaderAt forbids and broken storage does.
func ShortReads() Fault { return func(b *Bucket) { b.halves = true } }

// Wrap puts faults into b's way.
func Wrap(b blob.Bucket, faults ...Fault) *Bucket {
	f := &Bucket{inner: b}
	f.Heal()
	f.Break(faults...)
	return f
}

// Break adds faults.
func (b *Bucket) Break(faults ...Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range faults {
		f(b)
	}
}

// Heal takes all faults away.
func (b *Bucket) Heal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail, b.room, b.flips, b.halves = map[Op][]failure{}, -1, nil, false
}

// next is the error that op has to fail with now.
func (b *Bucket) next(op Op) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting := b.fail[op]
	if len(waiting) == 0 {
		return nil
	}
	if waiting[0].skip > 0 {
		waiting[0].skip--
		return nil
	}
	b.fail[op] = waiting[1:]
	return waiting[0].err
}

// take asks for room for n bytes and says how many fit.
func (b *Bucket) take(n int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.room < 0 {
		return n
	}
	n = int(min(int64(n), b.room))
	b.room -= int64(n)
	return n
}

// Create implements blob.Bucket.
func (b *Bucket) Create(ctx context.Context, meeting string) (blob.Writer, error) {
	if err := b.next(OpCreate); err != nil {
		return nil, err
	}
	w, err := b.inner.Create(ctx, meeting)
	if err != nil {
		return nil, err
	}
	return &writer{b: b, inner: w}, nil
}

// Open implements blob.Bucket.
func (b *Bucket) Open(ctx context.Context, name string) (blob.ReadAtCloser, error) {
	if err := b.next(OpOpen); err != nil {
		return nil, err
	}
	r, err := b.inner.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return &reader{ReadAtCloser: r, b: b}, nil
}

// Delete implements blob.Bucket.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if err := b.next(OpDelete); err != nil {
		return err
	}
	return b.inner.Delete(ctx, name)
}

// DeleteAll implements blob.Bucket.
func (b *Bucket) DeleteAll(ctx context.Context, meeting string) (int, int64, error) {
	if err := b.next(OpDeleteAll); err != nil {
		return 0, 0, err
	}
	return b.inner.DeleteAll(ctx, meeting)
}

// List implements blob.Bucket.
func (b *Bucket) List(ctx context.Context, meeting string) ([]string, error) {
	if err := b.next(OpList); err != nil {
		return nil, err
	}
	return b.inner.List(ctx, meeting)
}

// writer ends at its first error, as every blob.Writer does, and leaves nothing behind.
type writer struct {
	b     *Bucket
	inner blob.Writer
	err   error
}

func (w *writer) end(err error) error {
	w.err = err
	if e := w.inner.Abort(); e != nil {
		w.err = fmt.Errorf("%w; then: %w", err, e)
	}
	return w.err
}

func (w *writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if err := w.b.next(OpWrite); err != nil {
		return 0, w.end(err)
	}
	fits := w.b.take(len(p))
	n, err := w.inner.Write(p[:fits])
	if err == nil && fits < len(p) {
		err = w.end(referent.E(referent.CodeDiskFull, "faulty: write byte string", syscall.ENOSPC))
	}
	return n, err
}

func (w *writer) Commit() (string, error) {
	if w.err != nil {
		return "", w.err
	}
	if err := w.b.next(OpCommit); err != nil {
		return "", w.end(err)
	}
	return w.inner.Commit()
}

func (w *writer) Abort() error { return w.inner.Abort() }

type reader struct {
	blob.ReadAtCloser
	b *Bucket
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if err := r.b.next(OpRead); err != nil {
		return 0, err
	}
	r.b.mu.Lock()
	flips, halves := r.b.flips, r.b.halves
	r.b.mu.Unlock()
	if halves && len(p) > 1 {
		p = p[:len(p)/2]
	}
	n, err := r.ReadAtCloser.ReadAt(p, off)
	for _, f := range flips {
		at := f.off
		if at < 0 {
			at += r.Size()
		}
		if at >= off && at < off+int64(n) {
			p[at-off] ^= 1 << f.bit
		}
	}
	if halves && err == io.EOF {
		err = nil
	}
	return n, err
}
