package backup

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// sweepParts removes what was begun and not finished, and copies that were about to be removed.
func (p *Place) sweepParts() error {
	const op = "backup: remove unfinished copy"
	whole, err := p.Copies()
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(p.root.FS(), ".")
	if err != nil {
		return blob.DiskError(op, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partPrefix) || isStamp(e.Name()) && !slices.Contains(whole, e.Name()) {
			if err := p.root.RemoveAll(e.Name()); err != nil {
				return blob.DiskError(op, err)
			}
		}
	}
	return nil
}

// expire removes the copies made before a time, but not the newest; the blobs that no copy names any more; and what was
// erased, which older copies still name.
func (p *Place) expire(ctx context.Context, receipts []store.Receipt, before time.Time) error {
	const op = "backup: remove old copies"
	if err := p.writeErased(receipts); err != nil {
		return err
	}
	all, err := p.Copies()
	if err != nil {
		return err
	}
	var kept []string
	for i, name := range all {
		made, err := time.Parse(stampLayout, name)
		if err != nil || i == len(all)-1 || !made.Before(before) {
			kept = append(kept, name)
			continue
		}
		// The manifest first: without it there is no copy, should this be interrupted.
		if err := errors.Join(p.root.Remove(filepath.Join(name, fileManifest)), p.root.RemoveAll(name)); err != nil {
			return blob.DiskError(op, err)
		}
	}
	return p.sweepBlobs(ctx, receipts, kept)
}

// sweepBlobs removes blobs that none of the copies names. Of a meeting of which a part was erased, only the newest copy
// counts, and of one that is erased none does.
func (p *Place) sweepBlobs(ctx context.Context, receipts []store.Receipt, copies []string) (err error) {
	const op = "backup: remove old blobs"
	gone, partly := erased(receipts), map[string]bool{}
	for _, r := range receipts {
		partly[r.Meeting] = true
	}
	lists := make([]*grouped[named], 0, len(copies))
	defer func() {
		for _, l := range lists {
			err = errors.Join(err, l.close())
		}
	}()
	for _, name := range copies {
		l, err := openGroups(filepath.Join(p.dir, name, fileBlobs), byMeeting)
		if err != nil {
			return blob.DiskError(op, err)
		}
		lists = append(lists, l)
	}
	meetings, err := fs.ReadDir(p.root.FS(), dirBlobs) // in the order of their names, as the lists are
	if err != nil {
		return blob.DiskError(op, err)
	}
	for _, m := range meetings {
		if blob.CheckMeeting(op, m.Name()) != nil || !m.IsDir() {
			continue
		}
		used := map[string]bool{}
		for i, l := range lists {
			for l.more && l.key <= m.Name() {
				key := l.key
				all, err := l.take()
				if err != nil {
					return blob.DiskError(op, err)
				}
				if key != m.Name() || partly[key] && i < len(lists)-1 {
					continue
				}
				for _, b := range all {
					used[b.Blob] = true
				}
			}
		}
		if err := p.sweepMeeting(ctx, m.Name(), used, gone[m.Name()] || len(used) == 0); err != nil {
			return err
		}
	}
	return nil
}

func (p *Place) sweepMeeting(ctx context.Context, meeting string, used map[string]bool, whole bool) error {
	if whole {
		_, _, err := p.pool.DeleteAll(ctx, meeting)
		return err
	}
	names, err := p.pool.List(ctx, meeting)
	if err != nil {
		return err
	}
	for _, name := range names {
		if used[name] {
			continue
		}
		if err := p.pool.Delete(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// writeErased notes of which meetings something was erased, so that what older copies lack of them is not missed.
func (p *Place) writeErased(receipts []store.Receipt) error {
	const op = "backup: note erasures"
	ids := make([]string, 0, len(receipts))
	for _, r := range receipts {
		ids = append(ids, r.Meeting)
	}
	slices.Sort(ids)
	data, err := json.Marshal(slices.Compact(ids))
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	temp := filepath.Join(p.dir, partPrefix+fileErased)
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return blob.DiskError(op, err)
	}
	f, err := newSummed(temp)
	if err != nil {
		return blob.DiskError(op, err)
	}
	_, err = f.Write(data)
	_, e := f.finish()
	if err = errors.Join(err, e); err == nil {
		err = errors.Join(os.Rename(temp, filepath.Join(p.dir, fileErased)), syncDir(p.dir))
	}
	if err != nil {
		return blob.DiskError(op, err)
	}
	return nil
}

// readErased gives what writeErased wrote.
func (p *Place) readErased() (map[string]bool, error) {
	const op = "backup: read erasures"
	data, err := fs.ReadFile(p.root.FS(), fileErased)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	if err == nil {
		err = json.Unmarshal(data, &ids)
	}
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	all := map[string]bool{}
	for _, id := range ids {
		all[id] = true
	}
	return all, nil
}
