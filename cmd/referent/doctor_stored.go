package main

import (
	"context"
	"errors"

	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store/blob"
)

// mostNamed is how many damaged files are named.
const mostNamed = 10

// stored holds every file of the folder against the hash that names it. What an object store keeps, that looks after
// itself. A running server is not disturbed.
func (d *doctor) stored(ctx context.Context) {
	dir := dataDir(d.cfg.DataDir).blobs()
	if d.cfg.Blobs.Enabled() || !keeps(dir) {
		d.add("stored", good, "-", "")
		return
	}
	damaged, count, err := damagedBlobs(ctx, dir)
	switch {
	case err != nil:
		d.add("stored", bad, locale.Error(d.app.lang, err), "stored_unreadable")
	case len(damaged) > 0:
		d.add("stored", bad, strings.Join(damaged[:min(len(damaged), mostNamed)], " "), "stored_damaged", "count", len(damaged))
	default:
		d.add("stored", good, strconv.Itoa(count), "")
	}
}

// damagedBlobs names the files in a folder that are not what was written.
func damagedBlobs(ctx context.Context, dir string) (damaged []string, count int, err error) {
	folder, err := blob.OpenFolder(dir)
	if err != nil {
		return nil, 0, err
	}
	defer folder.Close()
	names, err := folder.List(ctx, "")
	if err != nil {
		return nil, 0, err
	}
	vault := blob.NewVault(folder, nil) // no key is needed
	for _, name := range names {
		switch err := vault.Verify(ctx, name); {
		case err == nil:
			count++
		case errors.Is(err, blob.ErrDamaged):
			damaged = append(damaged, name)
		case referent.CodeOf(err) != referent.CodeNotFound: // else it was erased meanwhile
			return damaged, count, err
		}
	}
	return damaged, count, nil
}
