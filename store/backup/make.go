package backup

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

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

// fileNamed lists, while a copy is made, the blobs that the rows name.
const fileNamed = "named"

// largeSection is how much is gathered, in bytes, before rows of the installation are sealed.
const largeSection = 1 << 20

// Make copies the installation into the place, and the keys beside. A copy that it cannot finish is no copy; the blobs
// that it brought are there for the next. CodeConflict: the copies in the place are another installation's, or of a time
// that is yet to come; and what is a conflict to CopyKeys, which is known before anything is copied. Blobs that are missing or damaged in the installation do not keep the rest from
// being copied: the manifest counts them.
func (p *Place) Make(ctx context.Context, src Source, o Options) (m *Manifest, err error) {
	const op = "backup: make copy"
	vault := blob.NewVault(src.Bucket, src.Keyring)
	marks, err := src.Keyring.Marks()
	if err != nil {
		return nil, err
	}
	last, err := p.ours(marks, src.Now())
	if err != nil {
		return nil, err
	}
	receipts, err := CheckKeys(ctx, src, o.KeysTo, o.ReplaceKeys)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.readDamaged(), p.sweepParts(), p.makeRoom(ctx, receipts, src.Now().Add(-o.Keep))); err != nil {
		return nil, err
	}
	part := partPrefix + rand.Text()
	temp := filepath.Join(p.dir, part)
	if err := os.Mkdir(temp, 0o700); err != nil {
		return nil, blob.DiskError(op, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.root.RemoveAll(part)) // which a copy that is one is not called any more
		}
	}()
	m = &Manifest{Format: formatManifest, Made: src.Now().UTC().Truncate(time.Second), Version: src.Version, Keyring: marks, Files: map[string]File{}}
	named := filepath.Join(temp, fileNamed)
	if err := p.copyRows(ctx, src, vault, m, temp, named); err != nil {
		return nil, err
	}
	if err := p.copyBlobs(ctx, src, m, temp, filepath.Join(part, fileNamed)); err != nil {
		return nil, err
	}
	if err := os.Remove(named); err != nil {
		return nil, blob.DiskError(op, err)
	}
	if !m.Made.After(last) {
		m.Made = last.Add(time.Second) // one was made in the same second, or the clock was set back a little
	}
	written, err := p.writeManifest(temp, m)
	if err != nil {
		return nil, err
	}
	name := m.Made.Format(stampLayout)
	// The keys go last: what was erased since the rows were read must not be opened by them.
	receipts, err = copyKeys(ctx, src, o.KeysTo, o.ReplaceKeys, DataCopy{name, written.SHA256})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Rename(temp, filepath.Join(p.dir, name)), syncDir(p.dir)); err != nil {
		return nil, blob.DiskError(op, err)
	}
	return m, errors.Join(p.expire(ctx, receipts, m.Made.Add(-o.Keep)), p.writeDamaged(ctx))
}

// ahead is how far the clocks of those that make copies may be apart.
const ahead = 5 * time.Minute

// ours finds out whether the copies in the place are of the keyring with the marks, and gives the time of the newest.
func (p *Place) ours(marks []string, now time.Time) (newest time.Time, err error) {
	const op = "backup: look at the copies"
	all, err := p.Copies()
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	var m *Manifest
	for _, name := range slices.Backward(all) {
		if m, _, err = p.Manifest(name); err == nil || !errors.Is(err, blob.ErrDamaged) {
			break
		}
	}
	if err != nil {
		return time.Time{}, err
	}
	if !slices.ContainsFunc(m.Keyring, func(mark string) bool { return slices.Contains(marks, mark) }) {
		return time.Time{}, referent.E(referent.CodeConflict, op, errors.New("the folder has the copies of another installation")).
			WithHint("give each installation a folder of its own for its data")
	}
	last := all[len(all)-1]
	if newest, err = time.Parse(stampLayout, last); err != nil {
		return time.Time{}, referent.E(referent.CodeConflict, op, errors.New("a copy's name is no time"))
	}
	if newest.After(now.Add(ahead)) {
		return time.Time{}, referent.E(referent.CodeConflict, op, errors.New("the newest copy is of a time that is yet to come")).
			WithHint("set the clock; or if it was wrong when the copy was made, move the folder %s away", last)
	}
	return newest, nil
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

func (p *Place) writeManifest(temp string, m *Manifest) (File, error) {
	const op = "backup: write manifest"
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return File{}, referent.E(referent.CodeInternal, op, err)
	}
	f, err := newSummed(filepath.Join(temp, fileManifest))
	if err != nil {
		return File{}, blob.DiskError(op, err)
	}
	_, err = f.Write(append(data, '\n'))
	written, e := f.finish()
	if err = errors.Join(err, e, syncDir(temp)); err != nil {
		return File{}, blob.DiskError(op, err)
	}
	return written, nil
}
