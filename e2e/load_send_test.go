package e2e_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
)

// content is bytes that look random and can be read anywhere, so that no file is kept: the key stream of AES in
// counter mode.
type content struct{ block cipher.Block }

func newContent(seed uint64) (content, error) {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:], seed)
	block, err := aes.NewCipher(key[:])
	return content{block}, err
}

func (c content) ReadAt(p []byte, off int64) (int, error) {
	var at [aes.BlockSize]byte
	binary.BigEndian.PutUint64(at[8:], uint64(off/aes.BlockSize))
	stream := cipher.NewCTR(c.block, at[:])
	var skipped [aes.BlockSize]byte
	stream.XORKeyStream(skipped[:off%aes.BlockSize], skipped[:off%aes.BlockSize])
	clear(p)
	stream.XORKeyStream(p, p)
	return len(p), nil
}

// sending sums up what is read for the server, each byte when it is first read.
type sending struct {
	content
	mu   sync.Mutex
	next int64
	sum  hash.Hash
}

func (s *sending) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.content.ReadAt(p, off)
	s.mu.Lock()
	defer s.mu.Unlock()
	if new := s.next - off; new >= 0 && new < int64(n) {
		s.sum.Write(p[new:n])
		s.next = off + int64(n)
	}
	return n, err
}

// sent is a recording that was uploaded.
type sent struct {
	by      *person
	meeting string
	size    int64
	sum     string // SHA-256 in hexadecimal, as the sender read it
}

// sendAll uploads n recordings of size bytes at once, those of the people in turn, and waits for all.
func sendAll(t *testing.T, people []*person, n int, size int64) []sent {
	t.Helper()
	all := make([]sent, n)
	var group errgroup.Group
	for i := range all {
		group.Go(func() error {
			p := people[i%len(people)]
			id, err := p.meeting()
			if err != nil {
				return err
			}
			c, err := newContent(uint64(i + 1))
			if err != nil {
				return err
			}
			s := &sending{content: c, sum: sha256.New()}
			if err := p.api.Upload(t.Context(), id, s, size, nil); err != nil {
				return fmt.Errorf("upload %d: %w", i, err)
			}
			if s.next != size {
				return fmt.Errorf("upload %d: %d bytes were read, of %d", i, s.next, size)
			}
			all[i] = sent{p, id, size, hex.EncodeToString(s.sum.Sum(nil))}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// fetched says how the recordings came back.
type fetched struct{ count, wrong int }

// checkRecordings holds what the server says that it has against what was sent, and fetches one in five again, three
// at least.
func checkRecordings(t *testing.T, uploads []sent) (differ int, back fetched) {
	t.Helper()
	for i, u := range uploads {
		m, err := u.by.api.Get(t.Context(), u.meeting)
		if err != nil {
			t.Fatal(err)
		}
		if m.Recording == nil || m.Recording.SHA256 != u.sum || m.Recording.Size != u.size {
			differ++
			t.Errorf("upload %d: %d bytes with SHA-256 %s were sent; the server has %+v", i, u.size, u.sum, m.Recording)
		}
	}
	back.count = min(len(uploads), max(3, len(uploads)/5))
	sums := make([]hash.Hash, back.count)
	var group errgroup.Group
	group.SetLimit(4)
	for i := range sums {
		sums[i] = sha256.New()
		group.Go(func() error {
			u := uploads[i*len(uploads)/back.count]
			return u.by.api.Result(t.Context(), u.meeting, "recording", struct{ io.Writer }{sums[i]})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal("fetching a recording again: ", err)
	}
	for i, sum := range sums {
		u := uploads[i*len(uploads)/back.count]
		if got := hex.EncodeToString(sum.Sum(nil)); got != u.sum {
			back.wrong++
			t.Errorf("a recording was sent with SHA-256 %s and fetched with %s", u.sum, got)
		}
	}
	return differ, back
}
