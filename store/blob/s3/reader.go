package s3

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

// An object is read in blocks, each by one request, of which a reader keeps the last few: sealed bytes are read
// 64 KiB at a time, mostly one after the other, and from both ends at first.
const (
	blockSize  = 1 << 20
	keptBlocks = 4
	// blockPatience is how long a block may take, with its repetitions.
	blockPatience = time.Minute
	// bodyTries is how often a block is asked for whose bytes stop in the middle.
	bodyTries = 3
)

// reader reads anywhere in an object. One request at a time.
type reader struct {
	b    *Bucket
	key  string
	size int64

	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	blocks []block // most recently used last
}

type block struct {
	index int64
	data  []byte
}

var errClosed = errors.New("the byte string is closed")

// Open implements blob.Bucket. The reader outlives ctx, and ends with Close.
func (b *Bucket) Open(ctx context.Context, name string) (blob.ReadAtCloser, error) {
	const op = "s3: open byte string"
	key, err := b.key(op, name)
	if err != nil {
		return nil, err
	}
	// The first block is asked for rather than the size: the reader needs it next, and it mostly is the whole.
	data, size, err := b.fetch(ctx, key, 0, nil)
	if err != nil {
		return nil, wireError(ctx, op, err)
	}
	r := &reader{b: b, key: key, size: size, blocks: []block{{0, data}}}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r, nil
}

func (r *reader) Size() int64 { return r.size }

// Close ends the reader, and what it is asking for.
func (r *reader) Close() error {
	r.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocks = nil
	return nil
}

func (r *reader) ReadAt(p []byte, off int64) (n int, err error) {
	const op = "s3: read byte string"
	if off < 0 {
		return 0, referent.E(referent.CodeInvalid, op, errors.New("an offset below zero"))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return 0, referent.E(referent.CodeInternal, op, errClosed)
	}
	for n < len(p) && off < r.size {
		data, err := r.block(off / blockSize)
		if err != nil {
			return n, wireError(r.ctx, op, err)
		}
		m := copy(p[n:], data[off%blockSize:])
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// block returns a block of the object. mu is held.
func (r *reader) block(index int64) ([]byte, error) {
	at := slices.IndexFunc(r.blocks, func(b block) bool { return b.index == index })
	if at >= 0 {
		found := r.blocks[at]
		r.blocks = append(slices.Delete(r.blocks, at, at+1), found)
		return found.data, nil
	}
	var room []byte
	if len(r.blocks) == keptBlocks {
		room = r.blocks[0].data
		r.blocks = slices.Delete(r.blocks, 0, 1)
	}
	data, size, err := r.b.fetch(r.ctx, r.key, index*blockSize, room)
	if err != nil {
		return nil, err
	}
	if size != r.size || int64(len(data)) != min(blockSize, size-index*blockSize) {
		return nil, referent.E(referent.CodeInternal, "s3: read byte string", blob.ErrDamaged)
	}
	r.blocks = append(r.blocks, block{index, data})
	return data, nil
}

// fetch asks for up to blockSize bytes at off, and tells how long the object is. room may be used for them.
func (b *Bucket) fetch(ctx context.Context, key string, off int64, room []byte) (data []byte, size int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, blockPatience)
	defer cancel()
	for range bodyTries {
		var again bool
		if data, size, again, err = b.fetchOnce(ctx, key, off, room); !again {
			return data, size, err
		}
	}
	return nil, 0, err
}

// fetchOnce does so once. again says that the answer stopped in the middle, which the library does not see.
func (b *Bucket) fetchOnce(ctx context.Context, key string, off int64, room []byte) (data []byte, size int64, again bool, err error) {
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+blockSize-1); err != nil {
		return nil, 0, false, err
	}
	body, info, header, err := b.client.GetObject(ctx, b.cfg.Bucket, key, opts)
	if r, ok := errors.AsType[minio.ErrorResponse](err); ok && r.StatusCode == http.StatusRequestedRangeNotSatisfiable && off == 0 {
		return nil, 0, false, nil // an empty object has no ranges
	}
	if err != nil {
		return nil, 0, false, err
	}
	defer body.Close()
	if info.Size == 0 {
		return nil, 0, false, nil
	}
	if size, err = total(header.Get("Content-Range")); err != nil {
		return nil, 0, false, err
	}
	if info.Size > blockSize {
		return nil, 0, false, errNoRange
	}
	if int64(cap(room)) < info.Size {
		room = make([]byte, info.Size)
	}
	room = room[:info.Size]
	if _, err := io.ReadFull(body, room); err != nil {
		return nil, 0, ctx.Err() == nil, err
	}
	return room, size, false, nil
}

var errNoRange = referent.E(referent.CodeConfig, "s3: read byte string", errors.New("the object store does not answer with the range that was asked for"))

// total is the length of the whole in "bytes 0-99/1234".
func total(contentRange string) (int64, error) {
	_, whole, _ := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, errNoRange
	}
	return n, nil
}
