package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/referent/referent"
)

// Pull brings an entry to this machine: from its sources in turn, resuming what an earlier attempt left,
// until one gives a file with the right digest. It does nothing when a verified file is there, and
// replaces one that is corrupt. Two pulls of one entry wait for each other.
//
// CodeDiskFull ends it at once, as does the context. CodeUnavailable when no source answers,
// CodeModelCorrupt when what they gave was wrong.
//
// What the entry needs is brought before it, so that an entry that is there can be used.
func (s *Store) Pull(ctx context.Context, name string, p Progress) error {
	e, _, err := s.entry(name)
	if err != nil {
		return err
	}
	for _, need := range e.Needs {
		if err := s.Pull(ctx, need, p); err != nil {
			return err
		}
	}
	release, err := s.hold(ctx, e.File)
	if err != nil {
		return err
	}
	defer release()
	// Another process may have brought it while this one waited.
	e, rec, err := s.entry(name)
	if err != nil {
		return err
	}
	st, err := s.status(e, rec)
	if err != nil {
		return err
	}
	if st.Present && !st.Verified && len(e.Digests) > 0 {
		if _, err := s.verify(ctx, name, p); err == nil {
			st.Verified = true
		} else if referent.CodeOf(err) != referent.CodeModelCorrupt {
			return err
		}
	}
	if !st.Verified {
		if err := s.pull(ctx, e, p); err != nil {
			return err
		}
	}
	p.tell(Event{Name: name, Step: StepDone})
	return nil
}

func (s *Store) pull(ctx context.Context, e Entry, p Progress) error {
	op := "models: pull " + e.Name
	if e.Local {
		return referent.E(referent.CodeModelMissing, op, fmt.Errorf("it was imported here and has no source")).
			WithHint("import it again: referent models import SOURCE --name %s", e.Name)
	}
	var tried []error
	hint := "without a network: referent models bundle on a machine that has one, then referent models unbundle here"
	for _, src := range append(append([]Source(nil), s.first...), e.Sources...) {
		got, err := s.fetch(ctx, e, src, p)
		if errors.Is(err, errPassedOver) {
			continue
		}
		if err == nil {
			if e.Role == RoleRecognition {
				if got.Tensors, err = s.checkTensors(op, e, Digest{Tensors: got.Tensors}); err != nil {
					return err
				}
			}
			return s.remember(ctx, got)
		}
		switch code := referent.CodeOf(err); code {
		case referent.CodeDiskFull, referent.CodeCancelled, referent.CodeTimeout, referent.CodeForbidden:
			return failed(op, err)
		}
		if h := referent.HintOf(err); h != "" {
			hint = h
		}
		tried = append(tried, withoutHint(err))
	}
	if len(tried) == 0 {
		return referent.E(referent.CodeUnavailable, op, fmt.Errorf("no source for this machine"))
	}
	// A wrong file matters more than a server that does not answer.
	code := referent.CodeUnavailable
	for _, err := range tried {
		if referent.CodeOf(err) == referent.CodeModelCorrupt {
			code = referent.CodeModelCorrupt
		}
	}
	return referent.E(code, op, errors.Join(tried...)).WithHint("%s", hint)
}

// withoutHint drops the hint from an error whose hint is said once for all of them.
func withoutHint(err error) error {
	var known *referent.Error
	if !errors.As(err, &known) {
		return err
	}
	return &referent.Error{Code: known.Code, Op: known.Op, Err: known.Err}
}

// errPassedOver is given by a source that does not apply here.
var errPassedOver = errors.New("source does not apply")

// fetch brings a file from one source and puts it in place if it is what it must be.
func (s *Store) fetch(ctx context.Context, e Entry, src Source, p Progress) (record, error) {
	switch src.Kind {
	case KindFile:
		return s.fetchFile(ctx, e, src, p)
	case KindHTTPS:
		return s.fetchHTTPS(ctx, e, src, p)
	case KindWheels:
		return s.fetchWheels(ctx, e, src, p)
	}
	return record{}, referent.E(referent.CodeInternal, "models: pull "+e.Name, fmt.Errorf("source of unknown kind %q", src.Kind))
}

// settle holds a finished part against what the entry must be, and puts it in place.
func (s *Store) settle(op string, e Entry, digests []Digest, pt *part, from string) (record, error) {
	e.Digests = digests
	d, ok := e.accepts(pt.sum())
	if !ok || d.Size != pt.size {
		sum := pt.sum()
		pt.discard()
		return record{}, corrupt(op, e.Name, sum)
	}
	if err := pt.commit(filepath.Join(s.dir, e.File)); err != nil {
		return record{}, failed(op, err)
	}
	return record{File: e.File, SHA256: d.SHA256, Size: d.Size, Tensors: d.Tensors, From: from}, nil
}

// fetchFile copies from a folder on this machine, or from a mounted share.
func (s *Store) fetchFile(ctx context.Context, e Entry, src Source, p Progress) (record, error) {
	op := "models: copy " + e.Name
	path, ok := expand(strings.ReplaceAll(src.Path, "{file}", e.File))
	if !ok || len(e.Digests) == 0 {
		return record{}, errPassedOver
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return record{}, errPassedOver
	}
	if err != nil {
		return record{}, failed(op, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return record{}, failed(op, err)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return record{}, failed(op, err)
	}
	if err := s.needSpace(op, info.Size()); err != nil {
		return record{}, err
	}
	pt, err := s.newPart(e.File)
	if err != nil {
		return record{}, failed(op, err)
	}
	_, err = copyWith(ctx, pt, f, func(done int64) {
		p.tell(Event{Name: e.Name, Step: StepFetch, Source: "file", Done: done, Total: info.Size()})
	})
	if err != nil {
		pt.discard()
		return record{}, failed(op, err)
	}
	return s.settle(op, e, e.Digests, pt, "file")
}

// expand fills in ${VARIABLES}, and reports false when one of them is empty.
func expand(path string) (string, bool) {
	ok := true
	out := os.Expand(path, func(name string) string {
		v := os.Getenv(name)
		ok = ok && v != ""
		return v
	})
	return out, ok
}
