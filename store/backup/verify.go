package backup

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// Verified is what Verify found.
type Verified struct {
	Copy    string `json:"copy"`
	Blobs   int    `json:"blobs"`   // that are what they should be
	Erased  int    `json:"erased"`  // taken out since
	Missing int    `json:"missing"` // not there, here or when the copy was made
	Damaged int    `json:"damaged"` // not what they should be, here or when the copy was made
}

// Whole reports whether nothing is wrong.
func (v *Verified) Whole() bool { return v.Missing+v.Damaged == 0 }

// Verify reads every byte of a copy and compares it with its SHA-256; "" is the newest copy. It needs no keys. That the
// manifest, the rows or the list of blobs are damaged is an error: such a copy is none. Damaged blobs are noted, for Make
// to copy them again.
func (p *Place) Verify(ctx context.Context, copy string) (*Verified, error) {
	_, copy, err := p.checked(ctx, copy)
	if err != nil {
		return nil, err
	}
	out, err := p.readErased()
	if err != nil {
		return nil, err
	}
	gone, names := set(out.Meetings), set(out.Blobs)
	var rotten []string
	v, pool := &Verified{Copy: copy}, blob.NewVault(p.pool, nil)
	err = groups(p.root, filepath.Join(copy, fileBlobs), byMeeting, func(meeting string, all []named) error {
		for _, b := range all {
			err := pool.Verify(ctx, b.Blob)
			if errors.Is(err, blob.ErrDamaged) {
				rotten = append(rotten, b.Blob)
			}
			switch {
			case err == nil:
				v.Blobs++
			case b.State == stateErased, errors.Is(err, store.ErrNotFound) && (gone[meeting] || names[b.Blob]):
				v.Erased++
			case errors.Is(err, blob.ErrDamaged), b.State == stateDamaged:
				v.Damaged++
			case errors.Is(err, store.ErrNotFound):
				v.Missing++
			default:
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, blob.DiskError("backup: verify copy", err)
	}
	if len(rotten) == 0 {
		return v, nil
	}
	var known []string
	if err := p.readList(fileDamaged, &known); err != nil && !errors.Is(err, blob.ErrDamaged) {
		return nil, err
	}
	rotten = append(rotten, known...)
	slices.Sort(rotten)
	return v, p.writeList(fileDamaged, slices.Compact(rotten))
}
