package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/referent/referent"
)

// keptAnswers are a model's answers in a folder, as referent.Checkpoints: a measurement of hours goes on
// where it was stopped, and figures can be counted anew without asking again. The meetings are made up or
// public, so that nothing here must be hidden. The time of an answer that was found here is not counted.
type keptAnswers struct{ dir string }

func (k keptAnswers) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(k.dir, hex.EncodeToString(sum[:16])+".json")
}

// Load implements referent.Checkpoints.
func (k keptAnswers) Load(_ context.Context, key string) ([]byte, error) {
	data, err := os.ReadFile(k.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, referent.E(referent.CodeConfig, "eval minutes: read answer", err)
	}
	return data, nil
}

// Save implements referent.Checkpoints.
func (k keptAnswers) Save(_ context.Context, key string, data []byte) error {
	if err := os.MkdirAll(k.dir, 0o755); err != nil {
		return referent.E(referent.CodeConfig, "eval minutes: make folder", err)
	}
	return writeFile(k.path(key), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
