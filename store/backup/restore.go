package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/sqldb"
)

// Restored is what a restore put back.
type Restored struct {
	Copy     string    `json:"copy"`
	Made     time.Time `json:"made"`
	Meetings int       `json:"meetings"`
	Erased   int       `json:"erased"` // meetings of the copy that were erased since, and stay so
	Blobs    int       `json:"blobs"`
	Missing  int       `json:"missing"` // blobs that rows name and that the copy does not have
	Damaged  int       `json:"damaged"` // blobs of the copy that are not what they were
}

// Whole reports whether nothing that should be there is missing.
func (r *Restored) Whole() bool { return r.Missing+r.Damaged == 0 }

// CheckKeys compares a copy of the keys with a copy of the data. Those of another installation are CodeConfig.
func (m *Manifest) CheckKeys(k *Keys) error {
	if !slices.ContainsFunc(k.Keyring, func(mark string) bool { return slices.Contains(m.Keyring, mark) }) {
		return referent.E(referent.CodeConfig, "backup: compare keys", errors.New("the keys are those of another installation"))
	}
	return nil
}

// OpenedBy checks whether keys open a copy; "" is the newest. Meetings that were erased, as the keys' receipts and further
// ones say, need none. Keys of another installation, and those that are older than the data, are CodeConfig.
func (p *Place) OpenedBy(copy string, k *Keys, further []store.Receipt) error {
	const op = "backup: compare keys"
	m, copy, err := p.Manifest(copy)
	if err != nil {
		return err
	}
	if err := m.CheckKeys(k); err != nil {
		return err
	}
	if err := p.sameCopy(copy, k); err != nil {
		return err
	}
	f, err := p.root.Open(filepath.Join(copy, fileRows))
	if err != nil {
		return blob.DiskError(op, err)
	}
	defer f.Close()
	gone := erased(slices.Concat(k.Receipts, further))
	for all := (&sections{r: bufio.NewReaderSize(f, 256<<10)}); ; {
		at, _, err := all.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if at.Meeting != "" && !gone[at.Meeting] && k.Wrapped[at.Meeting] == nil {
			return referent.E(referent.CodeConfig, op, errors.New("there is no key of a meeting that was not erased")).
				WithHint("the copy of the keys is older than that of the data: use the newest")
		}
	}
}

// sameCopy compares a copy with what the keys remember of it, if they do: the manifest vouches for all else, and they for
// the manifest.
func (p *Place) sameCopy(copy string, k *Keys) error {
	const op = "backup: compare manifest"
	data, err := fs.ReadFile(p.root.FS(), copy+"/"+fileManifest)
	if err != nil {
		return blob.DiskError(op, err)
	}
	sum := sha256.Sum256(data)
	known := false
	for _, c := range k.Copies {
		if c == (DataCopy{copy, hex.EncodeToString(sum[:])}) {
			return nil
		}
		known = known || c.Name == copy
	}
	if known {
		return damaged(op, errors.New("the manifest is not what was written"))
	}
	return nil
}

// Target is where the rows of a copy go, and what opens them.
type Target struct {
	Fill     func(ctx context.Context, schema int64) (*sqldb.Filling, error)
	Keys     *Keys
	Keyring  *blob.Keyring     // the one in Keys
	Receipts []store.Receipt   // beside those of Keys
	Forget   []string          // settings that do not come back
	Settings map[string]string // that the database gets with the rows
	Now      time.Time
}

// Rows fills an empty database with the rows of a copy, all or none; "" is the newest copy. Meetings that were erased, as
// receipts say, are left out. Another one that the keys do not open is CodeConfig: the keys are older than the data.
func (p *Place) Rows(ctx context.Context, copy string, to Target) (_ *Restored, err error) {
	const op = "backup: restore rows"
	m, copy, err := p.checked(ctx, copy)
	if err != nil {
		return nil, err
	}
	if err := p.OpenedBy(copy, to.Keys, to.Receipts); err != nil {
		return nil, err
	}
	r := &rowRestore{k: to.Keys, keyring: to.Keyring, vault: blob.NewVault(nil, to.Keyring), gone: erased(slices.Concat(to.Keys.Receipts, to.Receipts)),
		pool: p.pool, loose: map[string]bool{}, counters: map[string]int64{}, told: &Restored{Copy: copy, Made: m.Made}}
	err = groups(p.root, filepath.Join(copy, fileBlobs), byMeeting, func(_ string, all []named) error {
		for _, b := range all {
			if b.State == stateErased {
				r.loose[b.Blob] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	f, err := p.root.Open(filepath.Join(copy, fileRows))
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	defer f.Close()
	if r.to, err = to.Fill(ctx, m.Schema); err != nil {
		return nil, err
	}
	if err = r.run(ctx, &sections{r: bufio.NewReaderSize(f, 256<<10)}); err == nil {
		err = r.to.Renew(ctx, r.counters, to.Forget, to.Now)
	}
	for name, value := range to.Settings {
		if err == nil {
			err = r.to.PutSetting(ctx, name, value)
		}
	}
	if err != nil {
		return nil, errors.Join(err, r.to.Abort())
	}
	return r.told, r.to.Commit()
}

// rowRestore puts rows back.
type rowRestore struct {
	k        *Keys
	keyring  *blob.Keyring
	vault    *blob.Vault
	pool     *blob.Folder
	gone     map[string]bool // meetings that were erased
	loose    map[string]bool // blobs that were erased while the copy was made
	counters map[string]int64
	to       *sqldb.Filling
	told     *Restored
}

func (r *rowRestore) run(ctx context.Context, all *sections) error {
	for {
		at, sealed, err := all.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		with, wrapped := sealer(r.keyring), []byte(nil)
		if at.Meeting != "" {
			if r.gone[at.Meeting] {
				r.told.Erased++
				continue
			}
			wrapped = r.k.Wrapped[at.Meeting]
			if with, err = r.vault.Unwrap(wrapped); err != nil {
				return err
			}
		}
		err = unpack(ctx, sealed, with, func(c map[string]int64) { r.counters = c }, func(t *sqldb.Table, row []any) error {
			if i := t.Column("blob"); i >= 0 {
				if leave, err := r.leave(ctx, t.Name, fmt.Sprint(row[i])); leave || err != nil {
					return err
				}
			}
			return r.to.Insert(ctx, t.Name, t.Columns, row)
		})
		if err != nil {
			return err
		}
		if at.Meeting != "" {
			r.told.Meetings++
			columns := []sqldb.Column{{Name: "meeting", Kind: sqldb.KindText}, {Name: "wrapped", Kind: sqldb.KindBytes}}
			if err := r.to.Insert(ctx, sqldb.TableKeys, columns, []any{at.Meeting, wrapped}); err != nil {
				return err
			}
		}
	}
}

// leave reports whether a row that names a blob stays out: the blob was erased while the copy was made, or it is a
// checkpoint that is not there, without which the work is done again.
func (r *rowRestore) leave(ctx context.Context, table, name string) (bool, error) {
	if r.loose[name] || table != sqldb.TableCheckpoints {
		return r.loose[name], nil
	}
	f, err := r.pool.Open(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, f.Close()
}

// Blobs copies the blobs that the rows of the snapshot name into a bucket, and counts in told. One that the copy does not
// have, or that is damaged, does not keep the rest from being restored.
func (p *Place) Blobs(ctx context.Context, snap *sqldb.Snapshot, to blob.Bucket, told *Restored) error {
	return blobsOf(ctx, snap, func(meeting string, names []string) error {
		results := make([]error, len(names))
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for i, name := range names {
			group.Go(func() error {
				results[i] = p.restoreBlob(gctx, meeting, name, to)
				if errors.Is(results[i], store.ErrNotFound) || errors.Is(results[i], blob.ErrDamaged) {
					return nil
				}
				return results[i]
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for _, err := range results {
			switch {
			case err == nil:
				told.Blobs++
			case errors.Is(err, store.ErrNotFound):
				told.Missing++
			default:
				told.Damaged++
			}
		}
		return nil
	})
}

func (p *Place) restoreBlob(ctx context.Context, meeting, name string, to blob.Bucket) error {
	src, err := p.pool.Open(ctx, name)
	if err != nil {
		return err
	}
	got, _, err := transfer(ctx, src, to, meeting)
	if err != nil {
		return err
	}
	if got != name {
		return errors.Join(referent.E(referent.CodeInternal, "backup: restore blob", blob.ErrDamaged), to.Delete(ctx, got))
	}
	return nil
}

// Check opens every blob that the rows of a snapshot name with its meeting's key, and reads all of it. It gives how many
// there are, and how many cannot be read.
func Check(ctx context.Context, snap *sqldb.Snapshot, vault *blob.Vault) (good, bad int, err error) {
	err = blobsOf(ctx, snap, func(meeting string, names []string) error {
		wrapped, err := snap.MeetingKey(ctx, meeting)
		if errors.Is(err, store.ErrNotFound) {
			return nil // it is being erased
		}
		if err != nil {
			return err
		}
		key, err := vault.Unwrap(wrapped)
		if err != nil {
			return err
		}
		for _, name := range names {
			err := readThrough(ctx, vault, name, key)
			switch {
			case err == nil:
				good++
			case errors.Is(err, store.ErrNotFound), errors.Is(err, blob.ErrDamaged):
				bad++
			default:
				return err
			}
		}
		return nil
	})
	return good, bad, err
}

func readThrough(ctx context.Context, vault *blob.Vault, name string, key *blob.Key) error {
	if err := vault.Verify(ctx, name); err != nil {
		return err
	}
	r, err := vault.Open(ctx, name, key)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, blob.WithContext(ctx, io.NewSectionReader(r, 0, r.Size())))
	return errors.Join(err, r.Close())
}

// blobsOf calls each with the names of the blobs that rows name, by meeting.
func blobsOf(ctx context.Context, snap *sqldb.Snapshot, each func(meeting string, names []string) error) error {
	return pages(ctx, snap, func(from, to string, ids []string) error {
		of := map[string][]string{}
		for _, t := range snap.Tables {
			meeting, at := t.Column(t.Meeting), t.Column("blob")
			if meeting < 0 || at < 0 {
				continue
			}
			err := snap.Rows(ctx, &t, from, to, func(row []any) error {
				id := fmt.Sprint(row[meeting])
				of[id] = append(of[id], fmt.Sprint(row[at]))
				return nil
			})
			if err != nil {
				return err
			}
		}
		for _, id := range ids {
			slices.Sort(of[id])
			if names := slices.Compact(of[id]); len(names) > 0 {
				if err := each(id, names); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
