package models

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/referent/referent"
	"github.com/referent/referent/models/ggml"
)

// TensorDigest names the content of a whisper.cpp model file regardless of the order that its tensors
// stand in: equal models have equal digests. See [ggml.Digest].
func TensorDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", failed("models: digest tensors", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", failed("models: digest tensors", err)
	}
	digest, err := ggml.Digest(f, info.Size())
	if err != nil {
		return "", referent.E(referent.CodeModelCorrupt, "models: digest tensors", err)
	}
	return digest, nil
}

// Verify hashes a file and holds it against what it must be. CodeModelMissing, CodeModelCorrupt; CodeInvalid
// when nothing is known to hold it against. What was found is remembered, so that [Store.Status] need not
// hash again.
func (s *Store) Verify(ctx context.Context, name string) error {
	_, err := s.verify(ctx, name, nil)
	return err
}

func (s *Store) verify(ctx context.Context, name string, p Progress) (record, error) {
	op := "models: verify " + name
	path, err := s.Path(name)
	if err != nil {
		return record{}, err
	}
	e, old, err := s.entry(name)
	if err != nil {
		return record{}, err
	}
	sum, size, err := hashFile(ctx, path, func(done, total int64) {
		p.tell(Event{Name: name, Step: StepVerify, Done: done, Total: total})
	})
	if err != nil {
		return record{}, failed(op, err)
	}
	if len(e.Digests) == 0 {
		return record{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("its digest is not known here")).
			WithHint("referent models pull %s learns it from where the file is published", name)
	}
	d, ok := e.accepts(sum)
	if !ok || d.Size != size {
		return record{}, corrupt(op, name, sum)
	}
	rec := record{File: e.File, SHA256: sum, Size: size, Tensors: d.Tensors, From: d.From, Entry: old.Entry}
	if old.SHA256 == sum && old.From != "" {
		rec.From = old.From
	}
	if e.Role == RoleRecognition {
		if rec.Tensors, err = s.checkTensors(op, e, d); err != nil {
			return record{}, err
		}
	}
	return rec, s.remember(ctx, rec)
}

// checkTensors makes sure that what recognises speech can be read as such.
func (s *Store) checkTensors(op string, e Entry, d Digest) (string, error) {
	tensors, err := TensorDigest(filepath.Join(s.dir, e.File))
	if err != nil {
		return "", failed(op, err)
	}
	if d.Tensors != "" && d.Tensors != tensors {
		return "", corrupt(op, e.Name, tensors)
	}
	return tensors, nil
}

func corrupt(op, name, sum string) error {
	return referent.E(referent.CodeModelCorrupt, op, fmt.Errorf("SHA-256 is %.16s…, which is not what it should be", sum)).
		WithHint("referent models pull %s fetches it anew", name)
}
