package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// atOnce is how many blobs are copied side by side: most are small, and an object store answers slowly.
const atOnce = 4

// named is a line of the list of blobs.
type named struct {
	Blob  string `json:"blob"`
	Size  int64  `json:"size,omitempty"` // in bytes, sealed
	State string `json:"state,omitempty"`
}

// What became of a blob that the rows name, if it was not copied.
const (
	stateErased  = "erased"  // meanwhile, and no row names it any more
	stateMissing = "missing" // it was not there
	stateDamaged = "damaged" // it was not what it had been
)

// copyBlobs copies what the file names and the pool does not have, meeting by meeting, and writes the list.
func (p *Place) copyBlobs(ctx context.Context, src Source, m *Manifest, temp, names string) error {
	const op = "backup: copy blobs"
	list, err := newSummed(filepath.Join(temp, fileBlobs))
	if err != nil {
		return blob.DiskError(op, err)
	}
	out := bufio.NewWriter(list)
	err = groups(p.root, names, func(s string) (string, string) { meeting, _, _ := strings.Cut(s, "/"); return meeting, s }, func(meeting string, all []string) error {
		done, err := p.copyMeeting(ctx, src, meeting, all)
		if err != nil {
			return err
		}
		for _, b := range done {
			m.count(b)
			line, err := json.Marshal(b)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(line, '\n')); err != nil {
				return err
			}
		}
		return nil
	})
	m.Files[fileBlobs], err = finished(err, out, list)
	if err != nil {
		return blob.DiskError(op, err)
	}
	return nil
}

func (m *Manifest) count(b named) {
	switch b.State {
	case stateErased:
		m.Erased++
	case stateMissing:
		m.Missing++
	case stateDamaged:
		m.Damaged++
	default:
		m.Blobs++
		m.Bytes += b.Size
	}
}

func (p *Place) copyMeeting(ctx context.Context, src Source, meeting string, names []string) ([]named, error) {
	done := make([]named, len(names))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, name := range names {
		group.Go(func() (err error) {
			done[i], err = p.copyBlob(gctx, src.Bucket, meeting, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var still map[string]bool
	for i := range done {
		if done[i].State != stateMissing {
			continue
		}
		if still == nil {
			var err error
			if still, err = stillNamed(ctx, src, meeting); err != nil {
				return nil, err
			}
		}
		if !still[done[i].Blob] {
			done[i].State = stateErased
		}
	}
	return done, nil
}

// stillNamed lists the blobs that rows of a meeting name now.
func stillNamed(ctx context.Context, src Source, meeting string) (_ map[string]bool, err error) {
	snap, err := src.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	all := map[string]bool{}
	for _, t := range snap.Tables {
		at := t.Column("blob")
		if t.Meeting == "" || at < 0 {
			continue
		}
		if err := snap.Rows(ctx, &t, meeting, meeting, func(row []any) error { all[fmt.Sprint(row[at])] = true; return nil }); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// copyBlob copies a blob as it lies there, unless the pool has it as it should be.
func (p *Place) copyBlob(ctx context.Context, from blob.Bucket, meeting, name string) (named, error) {
	have, err := p.pool.Open(ctx, name)
	if err == nil {
		size := have.Size()
		if err := have.Close(); err != nil {
			return named{}, err
		}
		if p.rotten[name] {
			err = blob.NewVault(p.pool, nil).Verify(ctx, name)
		}
		if err == nil {
			return named{Blob: name, Size: size}, nil
		}
	}
	if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, blob.ErrDamaged) {
		return named{}, err
	}
	src, err := from.Open(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return named{Blob: name, State: stateMissing}, nil
	}
	if err != nil {
		return named{}, err
	}
	got, size, err := transfer(ctx, src, p.pool, meeting)
	switch {
	case errors.Is(err, store.ErrNotFound): // erased while it was read
		return named{Blob: name, State: stateMissing}, nil
	case err != nil:
		return named{}, err
	case got != name:
		return named{Blob: name, State: stateDamaged}, p.pool.Delete(ctx, got)
	}
	return named{Blob: name, Size: size}, nil
}

// readDamaged reads which blobs were found damaged. A list that cannot be read is none: the next look finds them again.
func (p *Place) readDamaged() error {
	var names []string
	if err := p.readList(fileDamaged, &names); err != nil && !errors.Is(err, blob.ErrDamaged) {
		return err
	}
	p.rotten = set(names)
	return nil
}

// writeDamaged leaves in the list what is damaged still: the installation had none that was better.
func (p *Place) writeDamaged(ctx context.Context) error {
	if len(p.rotten) == 0 {
		return nil
	}
	still := []string{}
	for _, name := range slices.Sorted(maps.Keys(p.rotten)) {
		err := blob.NewVault(p.pool, nil).Verify(ctx, name)
		switch {
		case errors.Is(err, blob.ErrDamaged):
			still = append(still, name)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	return p.writeList(fileDamaged, still)
}

// transfer writes what src holds into a bucket, and gives the name that it has there: its SHA-256. src is closed.
func transfer(ctx context.Context, src blob.ReadAtCloser, to blob.Bucket, meeting string) (name string, size int64, err error) {
	defer func() { err = errors.Join(err, src.Close()) }()
	w, err := to.Create(ctx, meeting)
	if err != nil {
		return "", 0, err
	}
	size, err = io.Copy(w, io.NewSectionReader(src, 0, src.Size()))
	if err != nil {
		return "", 0, errors.Join(err, w.Abort())
	}
	name, err = w.Commit()
	return name, size, err
}
