package blob

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"filippo.io/age"

	"github.com/referent/referent"
)

// ErrDamaged says that stored bytes are not what was written: the disk, a restore or somebody changed
// them. It is found with errors.Is.
var ErrDamaged = errors.New("the stored bytes are damaged")

// Vault keeps byte strings sealed in a Bucket. Its methods are safe for concurrent use.
type Vault struct {
	bucket  Bucket
	keyring *Keyring
}

// NewVault seals into b with keys that k wraps.
func NewVault(b Bucket, k *Keyring) *Vault { return &Vault{b, k} }

// Bucket is where the sealed bytes are.
func (v *Vault) Bucket() Bucket { return v.bucket }

// NewKey makes a meeting's key. wrapped, about 2 KB, is what to store; only the keyring opens it.
func (v *Vault) NewKey() (key *Key, wrapped []byte, err error) {
	if key, wrapped, err = v.keyring.newKey(); err != nil {
		return nil, nil, referent.E(referent.CodeInternal, "blob: make key", err)
	}
	return key, wrapped, nil
}

// Unwrap opens a key that NewKey wrapped. With another keyring it is CodeConfig.
func (v *Vault) Unwrap(wrapped []byte) (*Key, error) {
	const op = "blob: unwrap key"
	key, err := v.keyring.unwrap(wrapped)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, referent.E(referent.CodeConfig, op, errors.New("another keyring wrapped the key")).
			WithHint("put the keyring back that belongs to this database")
	}
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, errors.Join(ErrDamaged, err))
	}
	return key, nil
}

// Create starts a byte string that is sealed to key as it is written. Commit returns its name.
func (v *Vault) Create(ctx context.Context, meeting string, key *Key) (Writer, error) {
	w, err := v.bucket.Create(ctx, meeting)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(w, sealBuffer)
	sealed, err := age.Encrypt(out, key.recipient)
	if err != nil {
		return nil, errors.Join(sealError("blob: seal byte string", err), w.Abort())
	}
	return &sealer{sealed: sealed, out: out, dst: w}, nil
}

// sealBuffer joins age's writes of 64 KiB and a few bytes into larger ones.
const sealBuffer = 256 << 10

// sealer is a Writer that seals.
type sealer struct {
	sealed io.WriteCloser // plaintext in
	out    *bufio.Writer
	dst    Writer
}

func (s *sealer) Write(p []byte) (int, error) {
	n, err := s.sealed.Write(p)
	return n, sealError("blob: write sealed byte string", err)
}

func (s *sealer) Commit() (string, error) {
	err := s.sealed.Close()
	if err == nil {
		err = s.out.Flush()
	}
	if err != nil {
		return "", errors.Join(sealError("blob: commit sealed byte string", err), s.dst.Abort())
	}
	return s.dst.Commit()
}

func (s *sealer) Abort() error { return s.dst.Abort() }

// Open opens a byte string for reading its plaintext anywhere; Size is the plaintext's. Every byte
// that is returned has been authenticated; damaged ones are ErrDamaged with CodeInternal, here or at
// the read that meets them. A key of another meeting is CodeForbidden.
func (v *Vault) Open(ctx context.Context, name string, key *Key) (ReadAtCloser, error) {
	const op = "blob: open sealed byte string"
	src, err := v.bucket.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	plain, size, err := age.DecryptReaderAt(src, src.Size(), key.identity)
	if err == nil {
		return &unsealer{plain, size, src}, nil
	}
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		err = referent.E(referent.CodeForbidden, op, errors.New("sealed to another key"))
	} else {
		err = unsealError(op, err)
	}
	return nil, errors.Join(err, src.Close())
}

// unsealer reads plaintext.
type unsealer struct {
	plain io.ReaderAt
	size  int64
	src   io.Closer
}

func (u *unsealer) ReadAt(p []byte, off int64) (int, error) {
	const op = "blob: read sealed byte string"
	if off < 0 {
		return 0, referent.E(referent.CodeInvalid, op, errors.New("an offset below zero"))
	}
	if off >= u.size {
		return 0, io.EOF
	}
	n, err := u.plain.ReadAt(p, off)
	if err != nil && err != io.EOF {
		return n, unsealError(op, err)
	}
	return n, err
}

func (u *unsealer) Size() int64  { return u.size }
func (u *unsealer) Close() error { return u.src.Close() }

// Verify reads a whole byte string as it is stored and compares it with the digest that names it; it
// needs no key. A difference is ErrDamaged. It is for restores and for checking a disk.
func (v *Vault) Verify(ctx context.Context, name string) error {
	const op = "blob: verify byte string"
	src, err := v.bucket.Open(ctx, name)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(h, WithContext(ctx, io.NewSectionReader(src, 0, src.Size())))
	if err = errors.Join(err, src.Close()); err != nil {
		return DiskError(op, err)
	}
	if _, digest, _ := strings.Cut(name, "/"); n != src.Size() || digest != hex.EncodeToString(h.Sum(nil)) {
		return referent.E(referent.CodeInternal, op, ErrDamaged)
	}
	return nil
}

// WithContext reads from r until ctx ends, which is its error then.
func WithContext(ctx context.Context, r io.Reader) io.Reader { return contextReader{ctx, r} }

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// sealError keeps what the bucket said, a full disk above all, and gives a code to the rest.
func sealError(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*referent.Error](err); ok {
		return err
	}
	return referent.E(referent.CodeInternal, op, err)
}

// unsealError tells a bucket that cannot be read, which may pass, from bytes that are wrong.
func unsealError(op string, err error) error {
	if _, ok := errors.AsType[*referent.Error](err); ok {
		return err
	}
	return referent.E(referent.CodeInternal, op, errors.Join(ErrDamaged, err)).
		WithHint("restore the file from a backup, or delete the meeting")
}
