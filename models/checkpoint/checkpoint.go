// Package checkpoint opens Whisper weights as others publish them and writes them as whisper.cpp wants
// them.
//
// It reads CTranslate2's model.bin (whole or in parts), Hugging Face folders with safetensors (one file
// or several) or pytorch_model.bin, and OpenAI's own .pt files. Whatever the format, a [Checkpoint] is
// the same thing: tensors under OpenAI's names, with their numbers still on disk, and the tokens. So
// equal weights give equal bytes from [Checkpoint.WriteGGML], wherever they came from. Of other networks'
// PyTorch files it reads the tensors alone: [TorchTensors].
//
// What is not here: quantisation, the file format that is written (package ggml), where checkpoints are
// fetched from (package models).
package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrFormat is returned for bytes that are not a checkpoint this package can convert.
var ErrFormat = errors.New("not a checkpoint that can be converted")

// ErrVocabulary is returned when weights were found, but nothing that says what their tokens are.
var ErrVocabulary = errors.New("no vocabulary beside the weights")

func badFormat(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrFormat)
}

// Checkpoint is an open set of weights. Close it when it has been written.
type Checkpoint struct {
	Format  string            // "ctranslate2", "safetensors" or "pytorch"
	Tensors map[string]Tensor // by OpenAI's names, e.g. "encoder.blocks.0.attn.query.weight"
	Tokens  [][]byte          // ordinary tokens by rank, without the special ones

	encoderHeads, decoderHeads int // 0 when the checkpoint does not say
	closers                    []io.Closer
}

// Close closes the files behind the tensors.
func (c *Checkpoint) Close() error {
	var errs []error
	for _, f := range c.closers {
		errs = append(errs, f.Close())
	}
	c.closers = nil
	return errors.Join(errs...)
}

// Open opens a checkpoint: a folder (CTranslate2 or Hugging Face), or a file (model.bin or its first
// part, .safetensors, pytorch_model.bin, .pt). The vocabulary is looked for beside the weights, under
// the names of [VocabularyFiles].
func Open(path string) (*Checkpoint, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: open: %w", bare(err))
	}
	folder, file := filepath.Dir(path), path
	if info.IsDir() {
		folder = path
		if file, err = weightsIn(path); err != nil {
			return nil, err
		}
	}
	c := &Checkpoint{}
	if err := c.load(file); err != nil {
		c.Close()
		return nil, fmt.Errorf("checkpoint: open: %w", err)
	}
	if c.Tokens, err = vocabularyIn(folder); err != nil {
		c.Close()
		return nil, fmt.Errorf("checkpoint: open: %w", err)
	}
	if c.Format != "ctranslate2" { // which carries them in model.bin
		c.encoderHeads, c.decoderHeads, err = headsIn(folder)
		if err != nil {
			c.Close()
			return nil, fmt.Errorf("checkpoint: open: %w", err)
		}
	}
	return c, nil
}

// weightsIn finds the file to start from in a folder, in the order in which one would choose.
func weightsIn(folder string) (string, error) {
	for _, name := range []string{
		"model.safetensors", "model.safetensors.index.json",
		"model.bin", "model.bin.part1", "model.bin.part01",
		"pytorch_model.bin", "pytorch_model.bin.index.json",
	} {
		if file := filepath.Join(folder, name); isFile(file) {
			return file, nil
		}
	}
	return "", fmt.Errorf("checkpoint: open folder: %w", badFormat("no model.safetensors, model.bin or pytorch_model.bin in it"))
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// load finds out by content what a file is, and reads its table of tensors.
func (c *Checkpoint) load(path string) error {
	if strings.HasSuffix(path, ".index.json") {
		return c.loadSharded(path)
	}
	f, size, err := c.open(path)
	if err != nil {
		return err
	}
	var head [16]byte
	if _, err := f.ReadAt(head[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return bare(err)
	}
	switch {
	case string(head[:4]) == "PK\x03\x04":
		return c.loadTorch(f, size)
	case looksLikeCTranslate2(head[:]):
		return c.loadCTranslate2Parts(path, f, size)
	case strings.HasSuffix(path, ".safetensors"):
		return c.loadSafetensors(f, size)
	}
	return badFormat("its first bytes are of no known format; an old PyTorch file must be saved again as safetensors")
}

func (c *Checkpoint) open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, bare(err)
	}
	c.closers = append(c.closers, f)
	info, err := f.Stat()
	if err != nil {
		return nil, 0, bare(err)
	}
	return f, info.Size(), nil
}

// add takes a tensor under OpenAI's name; a name that comes twice is a broken checkpoint.
func (c *Checkpoint) add(name string, t Tensor) error {
	if c.Tensors == nil {
		c.Tensors = map[string]Tensor{}
	}
	if _, twice := c.Tensors[name]; twice {
		return badFormat("tensor %q occurs twice", name)
	}
	c.Tensors[name] = t
	return nil
}

// Names lists the tensors in alphabetical order.
func (c *Checkpoint) Names() []string { return slices.Sorted(maps.Keys(c.Tensors)) }

// bare drops the path from a file error: errors are logged, and a path may hold a person's name.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
