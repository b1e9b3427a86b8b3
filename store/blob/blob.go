// Package blob keeps bytes: recordings and results, each encrypted to its meeting's key, named by the
// SHA-256 of what lies on disk, never changed once written.
//
// A [Bucket] is a place for sealed bytes (a folder now; package blobtest is the suite that every
// place must pass). [Vault] puts encryption on top with filippo.io/age: it makes keys for meetings,
// wraps them with the installation's key, seals and opens. What is not here: which meeting has which
// blob (package store).
package blob

import (
	"context"
	"io"
)

// Bucket is a place for immutable byte strings under names chosen by the caller: "<meeting>/<digest>".
// A name that is not there is store.ErrNotFound in a *referent.Error; a full disk is CodeDiskFull.
type Bucket interface {
	// Create starts a byte string in the meeting's folder. Nothing is visible until Commit.
	Create(ctx context.Context, meeting string) (Writer, error)
	Open(ctx context.Context, name string) (ReadAtCloser, error)
	Delete(ctx context.Context, name string) error
	// DeleteAll removes every byte string of the meeting, unfinished ones too.
	DeleteAll(ctx context.Context, meeting string) (count int, bytes int64, err error)
	List(ctx context.Context, meeting string) ([]string, error) // "" lists all
}

// Writer receives a byte string. Exactly one of Commit and Abort ends it.
type Writer interface {
	io.Writer
	// Commit makes the bytes durable and visible and returns their name. Equal bytes give equal names.
	Commit() (name string, err error)
	Abort() error
}

// ReadAtCloser reads anywhere in a byte string.
type ReadAtCloser interface {
	io.ReaderAt
	io.Closer
	Size() int64
}
