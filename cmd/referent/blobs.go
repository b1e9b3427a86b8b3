package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/referent/referent/configs"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/s3"
)

// bucket is where sealed bytes are, until Close.
type bucket interface {
	blob.Bucket
	io.Closer
}

// openBlobs opens the object store where one is configured, else the folder.
func openBlobs(ctx context.Context, dir dataDir, b configs.Blobs, log *slog.Logger) (bucket, error) {
	if !b.Enabled() {
		f, err := blob.OpenFolder(dir.blobs())
		if err != nil {
			return nil, err // not a bucket that is a nil folder
		}
		return f, nil
	}
	if keeps(dir.blobs()) {
		log.Warn("the data folder holds recordings and results that are not read, because blobs.endpoint is set", "hint", "copy them to the bucket, as docs/storage.md tells, and remove the folder")
	}
	c, err := objectStore(b)
	if err != nil {
		return nil, err
	}
	c.Spool, c.Log = dir.spool(), log
	o, err := s3.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return o, nil
}

// objectStore says where the object store is that is configured.
func objectStore(b configs.Blobs) (s3.Config, error) {
	secret, err := b.Secret()
	return s3.Config{Endpoint: b.Endpoint, Bucket: b.Bucket, Prefix: b.Prefix, Region: b.Region, Addressing: b.Addressing, CA: b.CA,
		AccessKey: b.AccessKey, SecretKey: secret}, err
}

var errFound = errors.New("found")

// keeps reports whether there is a file in a folder, or in one below.
func keeps(dir string) bool {
	return errors.Is(filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			return errFound
		}
		return nil
	}), errFound)
}
