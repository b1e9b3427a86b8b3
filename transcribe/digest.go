package transcribe

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/referent/referent"
)

// digests remembers the SHA-256 of weights files, which are large, named in every result and never
// change; one that does has another size or time.
var digests = digestCache{known: map[digestKey]string{}}

type digestKey struct {
	path     string
	size     int64
	modified time.Time
}

type digestCache struct {
	mu    sync.Mutex
	known map[digestKey]string
}

func (c *digestCache) of(path string) (string, error) {
	const op = "transcribe: hash weights"
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", referent.E(referent.CodeModelMissing, op, err)
	} else if err != nil {
		return "", referent.E(referent.CodeInternal, op, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", referent.E(referent.CodeInternal, op, err)
	}
	key := digestKey{path, info.Size(), info.ModTime()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.known[key]; ok {
		return d, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", referent.E(referent.CodeInternal, op, err)
	}
	d := hex.EncodeToString(h.Sum(nil))
	c.known[key] = d
	return d, nil
}
