package s3_test

import (
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/blobtest"
	"github.com/referent/referent/store/blob/faulty"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/store/blob/s3/s3test"
)

// The library's pauses are for networks that recover, which these do at once.
func init() { minio.DefaultRetryUnit, minio.DefaultRetryCap = 10*time.Millisecond, 50*time.Millisecond }

func open(t testing.TB, cfg s3.Config) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestBucket(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return open(t, s.Config(t)) })
}

func TestBucketWithVersions(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, true)
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return open(t, versioned(t, s)) })
}

// A wrapper without faults must be as good as what it wraps.
func TestFaultyWithoutFaults(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t, false)
	blobtest.Run(t, func(t *testing.T) blob.Bucket { return faulty.Wrap(open(t, s.Config(t))) })
}

// versioned is the configuration of a new bucket that keeps versions.
func versioned(t testing.TB, s *s3test.Server) s3.Config {
	t.Helper()
	cfg := s.Config(t)
	if err := s.Client(t).SetBucketVersioning(t.Context(), cfg.Bucket, minio.BucketVersioningConfiguration{Status: minio.Enabled}); err != nil {
		t.Fatal(err)
	}
	return cfg
}
