package pipeline

import (
	"context"
	"errors"
	"io"
	"slices"
	"sort"
	"sync"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// maxOpenParts is how many parts of one recording are open at once: a recording of hundreds of parts
// must not take hundreds of files.
const maxOpenParts = 4

// recording reads an upload's parts as the one file that they are. Parts are opened when they are
// needed and the one unused for longest is closed.
type recording struct {
	vault *blob.Vault
	key   *blob.Key
	parts []store.Part
	size  int64

	mu   sync.Mutex
	open []openPart // most recently used last
}

type openPart struct {
	index int
	r     blob.ReadAtCloser
}

// newRecording checks that the parts are a file without holes.
func newRecording(v *blob.Vault, key *blob.Key, parts []store.Part) (*recording, error) {
	r := &recording{vault: v, key: key, parts: parts}
	for _, p := range parts {
		if p.Offset != r.size {
			return nil, referent.E(referent.CodeInternal, "pipeline: open recording", errors.New("parts do not join"))
		}
		r.size += p.Size
	}
	return r, nil
}

// grow takes in the parts that have come since.
func (r *recording) grow(parts []store.Part) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range parts[min(len(r.parts), len(parts)):] {
		if p.Offset != r.size {
			return referent.E(referent.CodeInternal, "pipeline: open recording", errors.New("parts do not join"))
		}
		r.parts = append(r.parts, p)
		r.size += p.Size
	}
	return nil
}

func (r *recording) Size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size
}

func (r *recording) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, referent.E(referent.CodeInvalid, "pipeline: read recording", errors.New("negative offset"))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) && off < r.size {
		i := sort.Search(len(r.parts), func(i int) bool { return r.parts[i].Offset > off }) - 1
		part, err := r.part(i)
		if err != nil {
			return n, err
		}
		in := off - r.parts[i].Offset
		want := int(min(int64(len(p)-n), r.parts[i].Size-in))
		got, err := part.ReadAt(p[n:n+want], in)
		n, off = n+got, off+int64(got)
		if got < want {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return n, referent.E(referent.CodeInternal, "pipeline: read recording", err)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// part returns part i open. mu is held.
func (r *recording) part(i int) (blob.ReadAtCloser, error) {
	if at := slices.IndexFunc(r.open, func(o openPart) bool { return o.index == i }); at >= 0 {
		o := r.open[at]
		r.open = append(slices.Delete(r.open, at, at+1), o)
		return o.r, nil
	}
	opened, err := r.vault.Open(context.Background(), r.parts[i].Blob, r.key)
	if err != nil {
		return nil, err
	}
	r.open = append(r.open, openPart{i, opened})
	if len(r.open) > maxOpenParts {
		oldest := r.open[0]
		r.open = slices.Delete(r.open, 0, 1)
		if err := oldest.r.Close(); err != nil {
			return nil, err
		}
	}
	return opened, nil
}

func (r *recording) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, o := range r.open {
		errs = append(errs, o.r.Close())
	}
	r.open = nil
	return errors.Join(errs...)
}
