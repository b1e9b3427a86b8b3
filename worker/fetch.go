package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
	"golang.org/x/sync/errgroup"
)

// piecesAtOnce hides the way to a server in another house.
const piecesAtOnce = 6

// ModelSource brings weights to a machine that has none. [ServerModels] is the one that needs nothing
// but the connection a worker has anyway.
type ModelSource interface {
	FetchModel(ctx context.Context, name, dir string) (*Weights, error)
}

// Weights is a file of weights that matches its digest.
type Weights struct {
	Path   string
	Size   int64
	SHA256 string // lower-case hex
}

// ServerModels is a ModelSource that asks the server.
type ServerModels struct {
	Conn     *nats.Conn
	Progress func(done, total int64) // bytes; may be nil; called from several goroutines
}

// FetchModel brings the weights called name in the catalogue into dir, unless a file that matches the
// server's digest is there. What is incomplete or does not match never stands under the file's name.
// CodeModelMissing: the server has no such weights. CodeModelCorrupt: they arrived other than promised.
func (s ServerModels) FetchModel(ctx context.Context, name, dir string) (*Weights, error) {
	const op = "worker: fetch weights"
	w := wire{s.Conn, normalPace}
	head, err := askModel(ctx, w, name, 0, 0)
	if err != nil {
		return nil, err
	}
	weights := &Weights{Path: filepath.Join(dir, head.file), Size: head.size, SHA256: head.digest}
	if sum, err := digest(weights.Path); err == nil && sum == head.digest {
		return weights, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, diskError(op, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, diskError(op, err)
	}
	tmp, err := os.CreateTemp(dir, ".fetch-*")
	if err != nil {
		return nil, diskError(op, err)
	}
	defer os.Remove(tmp.Name())
	err = s.pieces(ctx, w, name, head, tmp)
	if err = errors.Join(err, diskError(op, tmp.Sync()), diskError(op, tmp.Chmod(0o644)), diskError(op, tmp.Close())); err != nil {
		return nil, err
	}
	sum, err := digest(tmp.Name())
	if err != nil {
		return nil, diskError(op, err)
	}
	if sum != head.digest {
		return nil, referent.E(referent.CodeModelCorrupt, op, errors.New("the bytes do not match their digest")).
			WithHint("run 'referent models verify' on the server")
	}
	if err := os.Rename(tmp.Name(), weights.Path); err != nil {
		return nil, diskError(op, err)
	}
	return weights, nil
}

// pieces fills tmp, several pieces at a time.
func (s ServerModels) pieces(ctx context.Context, w wire, name string, head modelHead, tmp *os.File) error {
	const op = "worker: fetch weights"
	var got atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(piecesAtOnce)
	for start := int64(0); start < head.size && ctx.Err() == nil; start += protocol.MaxPiece {
		group.Go(func() error {
			for at, end := start, min(start+protocol.MaxPiece, head.size); at < end; {
				piece, err := askModel(ctx, w, name, at, int(end-at))
				if err != nil {
					return err
				}
				if piece.same(head) && len(piece.data) > 0 && int64(len(piece.data)) <= end-at {
					if _, err := tmp.WriteAt(piece.data, at); err != nil {
						return diskError(op, err)
					}
					at += int64(len(piece.data))
					if done := got.Add(int64(len(piece.data))); s.Progress != nil {
						s.Progress(done, head.size)
					}
					continue
				}
				return referent.E(referent.CodeModelCorrupt, op, errors.New("the weights changed on the way"))
			}
			return nil
		})
	}
	return group.Wait()
}

// modelHead is what every reply says of the whole file, and the piece it carries.
type modelHead struct {
	file, digest string
	size         int64
	data         []byte
}

func (h modelHead) same(o modelHead) bool {
	return h.file == o.file && h.digest == o.digest && h.size == o.size
}

func askModel(ctx context.Context, w wire, name string, offset int64, length int) (modelHead, error) {
	// Marshalling strings and numbers cannot fail.
	body, _ := json.Marshal(protocol.ModelRequest{Name: name, Offset: offset, Length: length})
	reply, err := w.ask(ctx, &nats.Msg{Subject: protocol.SubjectModel, Data: body})
	if err != nil {
		return modelHead{}, err
	}
	h := modelHead{file: reply.Header.Get(protocol.HeaderName), digest: reply.Header.Get(protocol.HeaderDigest), data: reply.Data}
	var bad error
	h.size, bad = strconv.ParseInt(reply.Header.Get(protocol.HeaderSize), 10, 64)
	sum, notHex := hex.DecodeString(h.digest)
	plain := h.file == filepath.Base(h.file) && filepath.IsLocal(h.file) && !strings.HasPrefix(h.file, ".")
	if bad != nil || h.size <= 0 || notHex != nil || len(sum) != sha256.Size || !plain {
		return modelHead{}, referent.E(referent.CodeInternal, "worker: fetch weights", errors.New("the server's answer is malformed"))
	}
	return h, nil
}

// digest is the SHA-256 of a file in lower-case hex.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// diskError gives a file's error its code; nil stays nil.
func diskError(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return referent.E(referent.CodeDiskFull, op, err)
	}
	return referent.E(referent.CodeInternal, op, err)
}
