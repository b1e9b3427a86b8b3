package backup

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
	kept, _, err := p.removeOld(before)
	if err != nil {
		return err
	}
	return p.sweepBlobs(ctx, receipts, kept)
}

// makeRoom does so before a copy is made. Where no copy goes all blobs stay: a copy that was cut off may have brought
// them, and the next is spared them.
func (p *Place) makeRoom(ctx context.Context, receipts []store.Receipt, before time.Time) error {
	kept, gone, err := p.removeOld(before)
	if err != nil || gone == 0 {
		return err
	}
	return p.sweepBlobs(ctx, receipts, kept)
}

// removeOld removes copies, and gives those that stay, and how many went.
func (p *Place) removeOld(before time.Time) (kept []string, gone int, err error) {
	const op = "backup: remove old copies"
	all, err := p.Copies()
	if err != nil {
		return nil, 0, err
	}
	for i, name := range all {
		made, err := time.Parse(stampLayout, name)
		if err != nil || i == len(all)-1 || !made.Before(before) {
			kept = append(kept, name)
			continue
		}
		// The manifest first: without it there is no copy, should this be interrupted.
		if err := errors.Join(p.root.Remove(filepath.Join(name, fileManifest)), p.root.RemoveAll(name)); err != nil {
			return nil, 0, blob.DiskError(op, err)
		}
		gone++
	}
	return kept, gone, nil
}

// sweepBlobs removes blobs that none of the copies names. Of a meeting of which a part was erased, only the newest copy
// counts, and of one that is erased none does.
func (p *Place) sweepBlobs(ctx context.Context, receipts []store.Receipt, copies []string) (err error) {
	const op = "backup: remove old blobs"
	gone, partly := erased(receipts), map[string]bool{}
	for _, r := range receipts {
		partly[r.Meeting] = true
	}
	if err := p.writeErased(gone, partly, copies); err != nil {
		return err
	}
	lists := make([]*grouped[named], 0, len(copies))
	defer func() {
		for _, l := range lists {
			err = errors.Join(err, l.close())
		}
	}()
	for _, name := range copies {
		l, err := openGroups(p.root, filepath.Join(name, fileBlobs), byMeeting)
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

// takenOut is what the copies lack and should.
type takenOut struct {
	Meetings []string `json:"meetings"` // all of them
	Blobs    []string `json:"blobs"`    // of meetings of which a part was erased
}

// writeErased notes what sweepBlobs takes out of copies, before it does. Any other blob that is not there is missed.
func (p *Place) writeErased(gone, partly map[string]bool, copies []string) error {
	const op = "backup: note erasures"
	before, err := p.readErased()
	if err != nil {
		return err
	}
	known, newest, out := set(before.Blobs), map[string]bool{}, map[string]bool{}
	for i, name := range slices.Backward(copies) {
		err := groups(p.root, filepath.Join(name, fileBlobs), byMeeting, func(meeting string, all []named) error {
			for _, b := range all {
				switch {
				case known[b.Blob]:
					out[b.Blob] = true
				case partly[meeting] && i == len(copies)-1:
					newest[b.Blob] = true
				case partly[meeting] && !newest[b.Blob]:
					out[b.Blob] = true
				}
			}
			return nil
		})
		if err != nil {
			return blob.DiskError(op, err)
		}
	}
	return p.writeList(fileErased, takenOut{Meetings: slices.Sorted(maps.Keys(gone)), Blobs: slices.Sorted(maps.Keys(out))})
}

// readErased gives what writeErased wrote.
func (p *Place) readErased() (out takenOut, err error) {
	return out, p.readList(fileErased, &out)
}
