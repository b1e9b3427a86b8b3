package backup

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/sqldb"
)

// Source is an installation that is copied.
type Source struct {
	Version  string
	Keyring  *blob.Keyring
	Bucket   blob.Bucket
	Snapshot func(ctx context.Context) (*sqldb.Snapshot, error)
	KeyFiles func() (map[string][]byte, error) // what lies in the folder of keys, by name
	// Begun are receipts of the erasures that are not over.
	Begun func(ctx context.Context, r store.Reader) ([]store.Receipt, error)
	Now   func() time.Time
}

// Options say where copies go, and which stay.
type Options struct {
	KeysTo      string        // folder of the keys
	ReplaceKeys bool          // see CopyKeys
	Keep        time.Duration // copies of the data that are older go; the newest never does
}

// largeSection is how much is gathered, in bytes, before rows of the installation are sealed.
const largeSection = 1 << 20

// Make copies the installation into the place, and the keys beside. A copy that it cannot finish is no copy, and what it
// has written of it goes with the next. Blobs that are missing or damaged in the installation do not keep the rest from
// being copied: the manifest counts them.
func (p *Place) Make(ctx context.Context, src Source, o Options) (m *Manifest, err error) {
	const op = "backup: make copy"
	vault := blob.NewVault(src.Bucket, src.Keyring)
	marks, err := src.Keyring.Marks()
	if err != nil {
		return nil, err
	}
	if err := p.sweepParts(); err != nil {
		return nil, err
	}
	temp := filepath.Join(p.dir, partPrefix+rand.Text())
	if err := os.Mkdir(temp, 0o700); err != nil {
		return nil, blob.DiskError(op, err)
	}
	m = &Manifest{Format: formatManifest, Made: src.Now().UTC().Truncate(time.Second), Version: src.Version, Keyring: marks, Files: map[string]File{}}
	named := filepath.Join(temp, "named")
	if err := p.copyRows(ctx, src, vault, m, temp, named); err != nil {
		return nil, err
	}
	if err := p.copyBlobs(ctx, src, m, temp, named); err != nil {
		return nil, err
	}
	if err := os.Remove(named); err != nil {
		return nil, blob.DiskError(op, err)
	}
	// The keys go last: what was erased since the rows were read must not be opened by them.
	receipts, err := CopyKeys(ctx, src, o.KeysTo, o.ReplaceKeys)
	if err != nil {
		return nil, err
	}
	for _, err := p.root.Stat(m.Made.Format(stampLayout)); err == nil; _, err = p.root.Stat(m.Made.Format(stampLayout)) {
		m.Made = m.Made.Add(time.Second) // one was made in the same second
	}
	if err := p.writeManifest(temp, m); err != nil {
		return nil, err
	}
	name := m.Made.Format(stampLayout)
	if err := errors.Join(os.Rename(temp, filepath.Join(p.dir, name)), syncDir(p.dir)); err != nil {
		return nil, blob.DiskError(op, err)
	}
	return m, p.expire(ctx, receipts, m.Made.Add(-o.Keep))
}

// copyRows writes the rows of one moment, and into the file named the names of the blobs, by meeting.
func (p *Place) copyRows(ctx context.Context, src Source, vault *blob.Vault, m *Manifest, temp, named string) (err error) {
	const op = "backup: copy rows"
	snap, err := src.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	m.Schema = snap.Schema
	rows, err := newSummed(filepath.Join(temp, fileRows))
	if err != nil {
		return blob.DiskError(op, err)
	}
	names, err := newSummed(named)
	if err != nil {
		return errors.Join(blob.DiskError(op, err), rows.f.Close())
	}
	c := &rowCopy{src: src, vault: vault, snap: snap, rows: bufio.NewWriterSize(rows, 256<<10), names: bufio.NewWriter(names)}
	err = c.run(ctx)
	m.Meetings = c.meetings
	m.Files[fileRows], err = finished(err, c.rows, rows)
	_, err = finished(err, c.names, names)
	if err != nil {
		return blob.DiskError(op, err)
	}
	return nil
}

func finished(err error, w *bufio.Writer, s *summed) (File, error) {
	if err == nil {
		err = w.Flush()
	}
	f, e := s.finish()
	return f, errors.Join(err, e)
}

// rowCopy copies rows.
type rowCopy struct {
	src      Source
	vault    *blob.Vault
	snap     *sqldb.Snapshot
	rows     *bufio.Writer
	names    *bufio.Writer
	sections int
	meetings int
}

func (c *rowCopy) run(ctx context.Context) error {
	if err := c.installation(ctx); err != nil {
		return err
	}
	if err := pages(ctx, c.snap, func(from, to string, ids []string) error { return c.page(ctx, from, to, ids) }); err != nil {
		return err
	}
	return c.announce(section{End: c.sections + 1})
}

// installation copies the rows that go with no meeting, sealed to the keyring.
func (c *rowCopy) installation(ctx context.Context) error {
	var p packing
	counters, err := c.snap.Counters(ctx)
	if err != nil {
		return err
	}
	if err := p.line(heading{Counters: counters}); err != nil {
		return err
	}
	for _, t := range c.snap.Tables {
		if t.Meeting != "" {
			continue
		}
		err := c.snap.Rows(ctx, &t, "", "", func(row []any) error {
			if err := p.row(&t, row); err != nil || p.plain.Len() < largeSection {
				return err
			}
			return c.write(&p, "", c.src.Keyring)
		})
		if err != nil {
			return err
		}
	}
	return c.write(&p, "", c.src.Keyring)
}

// page copies the rows of some meetings, each sealed to the meeting's key. Those without one are being erased.
func (c *rowCopy) page(ctx context.Context, from, to string, ids []string) error {
	of := make(map[string]*meetingRows, len(ids))
	for _, id := range ids {
		of[id] = new(meetingRows)
	}
	for _, t := range c.snap.Tables {
		if t.Meeting == "" {
			continue
		}
		at, blobAt := t.Column(t.Meeting), t.Column("blob")
		err := c.snap.Rows(ctx, &t, from, to, func(row []any) error {
			m := of[fmt.Sprint(row[at])]
			switch {
			case m == nil:
				return referent.E(referent.CodeInternal, "backup: copy rows", errors.New("a row of a meeting that is not there"))
			case t.Name == sqldb.TableKeys:
				m.wrapped, _ = row[t.Column("wrapped")].([]byte)
				return nil
			}
			if blobAt >= 0 {
				m.blobs = append(m.blobs, fmt.Sprint(row[blobAt]))
			}
			return m.rows.row(&t, row)
		})
		if err != nil {
			return err
		}
	}
	for _, id := range ids {
		m := of[id]
		if m.wrapped == nil {
			continue
		}
		key, err := c.vault.Unwrap(m.wrapped)
		if err != nil {
			return err
		}
		if err := c.write(&m.rows, id, key); err != nil {
			return err
		}
		c.meetings++
		slices.Sort(m.blobs)
		for _, name := range slices.Compact(m.blobs) {
			if _, err := c.names.WriteString(name + "\n"); err != nil {
				return err
			}
		}
	}
	return nil
}

type meetingRows struct {
	rows    packing
	wrapped []byte
	blobs   []string
}

func (c *rowCopy) write(p *packing, meeting string, with sealer) error {
	s, sealed, err := p.seal(meeting, with)
	if err != nil {
		return err
	}
	if err := c.announce(s); err != nil {
		return err
	}
	_, err = c.rows.Write(sealed)
	return err
}

func (c *rowCopy) announce(s section) error {
	if c.sections == 0 {
		s.Format = formatRows
	}
	c.sections++
	line, err := json.Marshal(s)
	if err == nil {
		_, err = c.rows.Write(append(line, '\n'))
	}
	return err
}

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
	err = groups(names, func(s string) (string, string) { meeting, _, _ := strings.Cut(s, "/"); return meeting, s }, func(meeting string, all []string) error {
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

// copyBlob copies a blob as it lies there, unless the pool has it.
func (p *Place) copyBlob(ctx context.Context, from blob.Bucket, meeting, name string) (named, error) {
	have, err := p.pool.Open(ctx, name)
	if err == nil {
		return named{Blob: name, Size: have.Size()}, have.Close()
	}
	if !errors.Is(err, store.ErrNotFound) {
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

func (p *Place) writeManifest(temp string, m *Manifest) error {
	const op = "backup: write manifest"
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	f, err := newSummed(filepath.Join(temp, fileManifest))
	if err != nil {
		return blob.DiskError(op, err)
	}
	_, err = f.Write(append(data, '\n'))
	_, e := f.finish()
	if err = errors.Join(err, e, syncDir(temp)); err != nil {
		return blob.DiskError(op, err)
	}
	return nil
}
