package models

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/models/checkpoint"
)

// Import converts a checkpoint on this machine to whisper.cpp's form, in 16 bits, and keeps it under a
// name of the caller's choice, which then works wherever a catalogue name does. src is a folder or file
// that [checkpoint.Open] knows. Importing again under the same name replaces the file.
//
// CodeNotFound when src is not there, CodeInvalid when it cannot be converted or the name is of another
// form than the catalogue's, CodeConflict when the name is one of the catalogue's, CodeDiskFull.
func (s *Store) Import(ctx context.Context, src, name string, p Progress) (Entry, error) {
	const op = "models: import checkpoint"
	if !nameForm.MatchString(name) {
		return Entry{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("a name has lower-case letters, digits, dots and dashes")).
			WithHint("for example --name nb-small-2026")
	}
	if slices.ContainsFunc(s.entries, func(e Entry) bool { return e.Name == name }) {
		return Entry{}, referent.E(referent.CodeConflict, op, fmt.Errorf("%q is a name of the catalogue", name)).
			WithHint("choose another name")
	}
	e := Entry{Name: name, Role: RoleRecognition, Languages: "multi", File: "ggml-import-" + name + ".bin", Local: true}
	release, err := s.hold(ctx, e.File)
	if err != nil {
		return Entry{}, err
	}
	defer release()
	c, err := checkpoint.Open(src)
	if err != nil {
		return Entry{}, unreadable(op, err)
	}
	defer c.Close()
	pt, err := s.newPart(e.File)
	if err != nil {
		return Entry{}, failed(op, err)
	}
	// The writer makes many small writes at first.
	out := bufio.NewWriterSize(pt, 1<<20)
	err = c.WriteGGML(ctx, out, func(done, total int64) {
		p.tell(Event{Name: name, Step: StepConvert, Source: c.Format, Done: done, Total: total})
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		pt.discard()
		return Entry{}, unreadable(op, err)
	}
	sum, size := pt.sum(), pt.size
	if err := pt.commit(filepath.Join(s.dir, e.File)); err != nil {
		return Entry{}, failed(op, err)
	}
	tensors, err := TensorDigest(filepath.Join(s.dir, e.File))
	if err != nil {
		return Entry{}, err
	}
	from := "imported from " + c.Format
	e.Size, e.SHA256 = size, sum
	e.Digests = []Digest{{SHA256: sum, Size: size, Tensors: tensors, From: from}}
	if err := s.remember(ctx, record{File: e.File, SHA256: sum, Size: size, Tensors: tensors, From: from, Entry: &e}); err != nil {
		return Entry{}, err
	}
	p.tell(Event{Name: name, Step: StepDone})
	return e, nil
}

// unreadable gives a checkpoint's error its code and its hint.
func unreadable(op string, err error) error {
	switch {
	case errors.Is(err, checkpoint.ErrVocabulary):
		return referent.E(referent.CodeInvalid, op, err).WithHint("put the vocabulary beside the weights, as one of %v", checkpoint.VocabularyFiles)
	case errors.Is(err, checkpoint.ErrFormat):
		return referent.E(referent.CodeInvalid, op, err).
			WithHint("a folder in CTranslate2's or Hugging Face's form is needed, with float weights")
	case errors.Is(err, os.ErrNotExist):
		return referent.E(referent.CodeNotFound, op, err)
	}
	return failed(op, err)
}
