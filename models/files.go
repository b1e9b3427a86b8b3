package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/referent/referent"
	"golang.org/x/sys/unix"
)

// files is the part of a disk that can be full.
type files interface {
	// OpenFile opens a file for writing, like os.OpenFile.
	OpenFile(path string, flag int, mode os.FileMode) (file, error)
	// Free is the number of bytes that may still be written in a folder.
	Free(dir string) (int64, error)
}

// file is an *os.File as far as it is needed here.
type file interface {
	io.ReadWriteSeeker
	io.Closer
	Sync() error
	Truncate(size int64) error
}

type disk struct{}

func (disk) OpenFile(path string, flag int, mode os.FileMode) (file, error) {
	return os.OpenFile(path, flag, mode)
}

func (disk) Free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil // it is no int64 everywhere
}

// failed gives an error its code: a full disk and a cancelled context are their own kinds. Paths are
// dropped: errors are logged, and a path may hold a person's name.
func failed(op string, err error) error {
	var p *os.PathError
	var l *os.LinkError
	if errors.As(err, &p) {
		err = p.Err
	} else if errors.As(err, &l) {
		err = l.Err
	}
	var known *referent.Error
	switch {
	case errors.As(err, &known):
		return &referent.Error{Code: known.Code, Op: op, Err: err}
	case isFull(err):
		return referent.E(referent.CodeDiskFull, op, err).WithHint("free some space, or choose another folder with REFERENT_CACHE")
	case errors.Is(err, context.Canceled):
		return referent.E(referent.CodeCancelled, op, err)
	case errors.Is(err, context.DeadlineExceeded):
		return referent.E(referent.CodeTimeout, op, err)
	case errors.Is(err, os.ErrPermission):
		return referent.E(referent.CodeForbidden, op, err).WithHint("the folder of weights must be writable for whoever pulls")
	}
	return referent.E(referent.CodeInternal, op, err)
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// needSpace fails before anything is fetched when the folder cannot take size more bytes.
func (s *Store) needSpace(op string, size int64) error {
	free, err := s.files.Free(s.dir)
	if err != nil {
		return failed(op, err)
	}
	if size > free {
		return failed(op, &os.PathError{Op: "write", Err: syscall.ENOSPC})
	}
	return nil
}

// part is a file on its way: written under another name, hashed while it is written.
type part struct {
	f    file
	path string
	hash hash.Hash
	size int64
}

// newPart starts an empty part beside the file it will become.
func (s *Store) newPart(name string) (*part, error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, "."+name+".new")
	f, err := s.files.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	return &part{f: f, path: path, hash: sha256.New()}, nil
}

func (p *part) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.hash.Write(b[:n])
	p.size += int64(n)
	return n, err
}

func (p *part) sum() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// commit makes the part durable under its final name.
func (p *part) commit(to string) error {
	err := p.f.Sync()
	if closeErr := p.f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(p.path, to)
	}
	if err != nil {
		_ = os.Remove(p.path) // nothing is lost: it was never committed
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// discard throws the part away.
func (p *part) discard() {
	_ = p.f.Close() // its bytes are not wanted
	_ = os.Remove(p.path)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

// writeWhole replaces a small file in the folder at once.
func (s *Store) writeWhole(name string, content []byte) error {
	p, err := s.newPart(name)
	if err != nil {
		return failed("models: write "+name, err)
	}
	if _, err := p.Write(content); err != nil {
		p.discard()
		return failed("models: write "+name, err)
	}
	if err := p.commit(filepath.Join(s.dir, name)); err != nil {
		return failed("models: write "+name, err)
	}
	return nil
}

// hashFile hashes a whole file, telling how far it has come.
func hashFile(ctx context.Context, path string, tell func(done, total int64)) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	n, err := copyWith(ctx, h, f, func(done int64) { tell(done, info.Size()) })
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// newHash hashes what is left of a reader.
func newHash(ctx context.Context, r io.Reader, tell func(done int64)) (hash.Hash, int64, error) {
	h := sha256.New()
	n, err := copyWith(ctx, h, r, tell)
	return h, n, err
}

// copyWith copies until the end or until the context ends, telling after each block.
func copyWith(ctx context.Context, w io.Writer, r io.Reader, tell func(done int64)) (int64, error) {
	block := make([]byte, 1<<20)
	var done int64
	for {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		n, err := r.Read(block)
		if n > 0 {
			if _, err := w.Write(block[:n]); err != nil {
				return done, err
			}
			done += int64(n)
			tell(done)
		}
		if err == io.EOF {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
}
