package backup

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
)

// groups reads a file line by line, and calls each with those that follow each other and have the same key, as split
// gives key and value of a line.
func groups[T any](root *os.Root, path string, split func(line string) (string, T), each func(key string, all []T) error) error {
	g, err := openGroups(root, path, split)
	if err != nil {
		return err
	}
	for err == nil && g.more {
		key := g.key
		var all []T
		if all, err = g.take(); err == nil {
			err = each(key, all)
		}
	}
	return errors.Join(err, g.close())
}

// grouped is such a file that is read a group at a time.
type grouped[T any] struct {
	f     *os.File
	lines *bufio.Reader
	split func(line string) (string, T)
	more  bool
	key   string // of what comes next
	value T
}

func openGroups[T any](root *os.Root, path string, split func(line string) (string, T)) (*grouped[T], error) {
	f, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	g := &grouped[T]{f: f, lines: bufio.NewReader(f), split: split}
	if err := g.advance(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return g, nil
}

func (g *grouped[T]) advance() error {
	line, err := g.lines.ReadString('\n')
	if g.more = err == nil; g.more {
		g.key, g.value = g.split(line[:len(line)-1])
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

// take gives the next group.
func (g *grouped[T]) take() (all []T, err error) {
	for key := g.key; g.more && g.key == key; {
		all = append(all, g.value)
		if err := g.advance(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (g *grouped[T]) close() error { return g.f.Close() }

// byMeeting splits a line of the list of blobs. One that cannot be read is nobody's.
func byMeeting(line string) (string, named) {
	var b named
	_ = json.Unmarshal([]byte(line), &b) // whose hash was checked
	meeting, _, _ := strings.Cut(b.Blob, "/")
	return meeting, b
}
