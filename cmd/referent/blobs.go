package main

import (
	"context"
	"io"
	"log/slog"

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
	o, err := openObjects(ctx, dir.spool(), b, log)
	if err != nil {
		return nil, err
	}
	return o, nil
}

func openObjects(ctx context.Context, spool string, b configs.Blobs, log *slog.Logger) (*s3.Bucket, error) {
	secret, err := b.Secret()
	if err != nil {
		return nil, err
	}
	return s3.Open(ctx, s3.Config{Endpoint: b.Endpoint, Bucket: b.Bucket, Prefix: b.Prefix, Region: b.Region, Addressing: b.Addressing, CA: b.CA,
		AccessKey: b.AccessKey, SecretKey: secret, Spool: spool, Log: log})
}
