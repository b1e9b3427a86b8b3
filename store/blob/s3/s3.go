// Package s3 is a blob.Bucket in a bucket of an S3-compatible object store: AWS, MinIO, Ceph, versitygw and others.
//
// An object has the key <prefix><meeting>/<first two digits>/<digest>, as a file has its path in a blob.Folder, and is
// put whole, with the checksum that the store must find, when it is committed: until then its bytes, which are sealed
// already, lie in a local file without a name. Longer ones go in parts, and become an object with the last.
// <prefix>.erased/<meeting> marks that a meeting was erased, for two days, so that a writer of any process that had
// begun before finds that out when it commits.
//
// What is not here: making buckets, and encryption, which is the vault's.
package s3

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// Config says where the bucket is and who asks.
type Config struct {
	Endpoint   string // https://host[:port], or http:// on a network that is trusted
	Bucket     string // which must exist
	Prefix     string // of every key; "" or ending with "/"
	Region     string // "": the store is asked
	Addressing string // AddressAuto, AddressPath, AddressHost
	CA         string // PEM file of authorities beside the system's; "": none
	AccessKey  string
	SecretKey  string
	Spool      string // folder for bytes that are not committed; made when it is not there
	Log        *slog.Logger
}

// How the bucket is named in an address.
const (
	AddressAuto = "auto" // by host where the store is known to want it, else by path
	AddressPath = "path" // https://host/bucket
	AddressHost = "host" // https://bucket.host
)

const (
	// writerLife is how long after Create a writer may commit.
	writerLife = 24 * time.Hour
	// sweepEvery is how often what crashed processes left is looked for.
	sweepEvery = 6 * time.Hour
	// versioningKnown is how long it is not asked again whether the store keeps versions.
	versioningKnown = time.Minute
	// marks is where, below the prefix, the marks of erased meetings are. No meeting's id begins so.
	marks = ".erased/"
)

// Tests do not wait so long.
var (
	// patience is how long bytes, or a whole list, may take, with all repetitions.
	patience = 15 * time.Minute
	// answering is how long a small request may take, with its repetitions.
	answering = time.Minute
	// checking is how long Check may take.
	checking = 30 * time.Second
)

// partSize is the most bytes that one request puts: what is lost when a connection breaks. Tests make it smaller.
var partSize int64 = 64 << 20

// Bucket is a blob.Bucket. It is safe for concurrent use, also by several processes.
type Bucket struct {
	cfg    Config
	client minio.Core
	idle   func() // closes idle connections

	mu        sync.Mutex
	versions  bool                 // as last asked
	versioned time.Time            // when
	left      map[remain]time.Time // of commits that failed, and when

	stop     context.CancelFunc
	sweeping sync.WaitGroup
}

var _ blob.Bucket = (*Bucket)(nil)

// Open looks whether the bucket is there and can be erased from. What processes that died have left there is removed
// behind it, at once and now and then until Close. A bucket that is not there, that locks what it holds (object lock), or
// that the keys may not use, is CodeConfig; a store that does not answer is CodeUnavailable.
func Open(ctx context.Context, cfg Config) (*Bucket, error) {
	const op = "s3: open bucket"
	if err := os.MkdirAll(cfg.Spool, 0o700); err != nil {
		return nil, blob.DiskError(op, err)
	}
	client, idle, err := connect(cfg)
	if err != nil {
		return nil, err
	}
	b := &Bucket{cfg: cfg, client: minio.Core{Client: client}, idle: idle, left: map[remain]time.Time{}}
	if err := b.Check(ctx); err != nil {
		idle()
		return nil, err
	}
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.sweeping.Go(func() { b.sweepOn(ctx) })
	return b, nil
}

// Probe is Check of a bucket that is not opened: it writes nothing, here or there.
func Probe(ctx context.Context, cfg Config) error {
	client, idle, err := connect(cfg)
	if err != nil {
		return err
	}
	defer idle()
	return (&Bucket{cfg: cfg, client: minio.Core{Client: client}}).Check(ctx)
}

// Close ends the sweeping and lets go of connections. Open readers can still be read.
func (b *Bucket) Close() error {
	b.stop()
	b.sweeping.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), undoing)
	defer cancel()
	if err := b.clear(ctx, ""); err != nil {
		b.cfg.Log.Warn("failed commits may have left something in the object store", "most", b.doubts(), "error", wireError(ctx, "s3: close bucket", err))
	}
	b.idle()
	return nil
}

// Check asks whether the bucket is there, and refuses one that what is erased could stay in. It takes at most half a
// minute.
func (b *Bucket) Check(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, checking)
	defer cancel()
	return wireError(ctx, "s3: check bucket", b.check(within))
}

func (b *Bucket) check(ctx context.Context) error {
	const op = "s3: check bucket"
	there, err := b.client.BucketExists(ctx, b.cfg.Bucket)
	if err != nil {
		return err
	}
	if !there {
		return noBucket(op)
	}
	switch lock, _, _, _, err := b.client.GetObjectLockConfig(ctx, b.cfg.Bucket); {
	case err == nil && lock == "Enabled":
		return referent.E(referent.CodeConfig, op, errors.New("the bucket has object lock, so that meetings could not be erased")).
			WithHint("use a bucket without object lock")
	case err != nil && !unknown(err):
		return err
	}
	_, err = b.keepsVersions(ctx, 0)
	return err
}

// keepsVersions reports whether the store keeps what is overwritten and deleted. An answer may be as old as told: the
// bucket belongs to somebody else, who can change it any day.
func (b *Bucket) keepsVersions(ctx context.Context, old time.Duration) (bool, error) {
	b.mu.Lock()
	versions, versioned := b.versions, b.versioned
	b.mu.Unlock()
	if !versioned.IsZero() && time.Since(versioned) < old {
		return versions, nil
	}
	ctx, cancel := limited(ctx)
	defer cancel()
	v, err := b.client.GetBucketVersioning(ctx, b.cfg.Bucket)
	if err != nil && !unknown(err) {
		return false, err
	}
	versions = err == nil && (v.Enabled() || v.Suspended())
	b.mu.Lock()
	defer b.mu.Unlock()
	b.versions, b.versioned = versions, time.Now()
	return versions, nil
}

// limited is ctx for a small request.
func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, answering)
}

// key is where an object is. A bad name is CodeInvalid.
func (b *Bucket) key(op, name string) (string, error) {
	place, err := blob.Place(op, name)
	return b.cfg.Prefix + place, err
}

// folder is what the keys of a meeting's objects begin with.
func (b *Bucket) folder(meeting string) string { return b.cfg.Prefix + meeting + "/" }

// List implements blob.Bucket, in the order of the keys.
func (b *Bucket) List(ctx context.Context, meeting string) (names []string, err error) {
	const op = "s3: list byte strings"
	prefix := b.cfg.Prefix
	if meeting != "" {
		if err := blob.CheckMeeting(op, meeting); err != nil {
			return nil, err
		}
		prefix = b.folder(meeting)
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for o := range b.client.ListObjectsIter(within, b.cfg.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, wireError(ctx, op, o.Err)
		}
		if name, ok := b.nameAt(o.Key); ok {
			names = append(names, name)
		}
	}
	if err := within.Err(); err != nil { // which the library ends silently with
		return nil, wireError(ctx, op, err)
	}
	return names, nil
}

// nameAt is the name of the byte string at a key; ok is false for keys that are not ours.
func (b *Bucket) nameAt(key string) (name string, ok bool) {
	if len(key) < len(b.cfg.Prefix) || key[:len(b.cfg.Prefix)] != b.cfg.Prefix {
		return "", false
	}
	return blob.NameAt(key[len(b.cfg.Prefix):])
}

// notFound is a name that is not there.
func notFound(op string) error {
	return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
}
