package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
)

// attempts is how often a connection that breaks without having brought a byte is made anew.
const attempts = 4

// newClient makes a client that respects HTTP_PROXY, HTTPS_PROXY and NO_PROXY and has no limit on a whole
// download: a connection that gives nothing is cut by fetchOnce instead.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: time.Minute,
		ForceAttemptHTTP2:     true,
	}}
}

// partState stands beside a half-fetched file, so that a later attempt knows what it is half of.
type partState struct {
	URL  string `json:"url"`
	ETag string `json:"etag"`
}

// fetchHTTPS downloads a file, and goes on where an earlier attempt stopped.
func (s *Store) fetchHTTPS(ctx context.Context, e Entry, src Source, p Progress) (record, error) {
	op := "models: download " + e.Name
	address, err := mirrored(src.URL)
	if err != nil {
		return record{}, referent.E(referent.CodeConfig, op, err).WithHint("HF_ENDPOINT must be an https address")
	}
	digests := e.Digests
	if len(digests) == 0 {
		learnt, err := s.learn(ctx, address)
		if err != nil {
			return record{}, referent.E(referent.CodeOf(err), op, err)
		}
		digests = []Digest{learnt}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return record{}, failed(op, err)
	}
	d := download{store: s, entry: e, address: address, progress: p}
	for try, furthest := 0, d.have(); ; {
		err := d.once(ctx, digests)
		if err == nil {
			break
		}
		var broken *brokenError
		if !errors.As(err, &broken) {
			return record{}, failed(op, err)
		}
		if try++; d.have() > furthest {
			furthest, try = d.have(), 1 // it gets further; a poor line may break any number of times
		}
		if try >= attempts {
			return record{}, referent.E(referent.CodeUnavailable, op, err).
				WithHint("check the network and the proxy (HTTPS_PROXY); the next pull goes on where this one stopped")
		}
		select {
		case <-ctx.Done():
			return record{}, failed(op, ctx.Err())
		case <-time.After(s.retry << (try - 1)):
		}
	}
	pt, err := d.reopen(ctx)
	if err != nil {
		return record{}, failed(op, err)
	}
	d.forget()
	return s.settle(op, e, digests, pt, src.URL)
}

// mirrored replaces the public host by HF_ENDPOINT, the variable that Hugging Face's own tools know.
func mirrored(address string) (string, error) {
	if mirror := strings.TrimSuffix(os.Getenv("HF_ENDPOINT"), "/"); mirror != "" {
		if rest, ok := strings.CutPrefix(address, "https://huggingface.co/"); ok {
			address = mirror + "/" + rest
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("not an https address")
	}
	return address, nil
}

// learn asks the publisher for a file's size and SHA-256, which Hugging Face gives with the redirect to
// where the bytes lie. CodeUnavailable when it gives none.
func (s *Store) learn(ctx context.Context, address string) (Digest, error) {
	const op = "models: learn digest"
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range 5 { // a repository that was renamed answers with its new address first
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
		if err != nil {
			return Digest{}, referent.E(referent.CodeInternal, op, err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return Digest{}, referent.E(referent.CodeUnavailable, op, unaddressed(err))
		}
		resp.Body.Close()
		sum := strings.Trim(resp.Header.Get("X-Linked-Etag"), `"`)
		size, sizeErr := strconv.ParseInt(resp.Header.Get("X-Linked-Size"), 10, 64)
		if sha256Form.MatchString(sum) && sizeErr == nil && size > 0 {
			return Digest{SHA256: sum, Size: size, From: "the publisher's metadata (X-Linked-Etag), " + time.Now().UTC().Format(time.DateOnly)}, nil
		}
		next, err := resp.Location()
		if err != nil || next.Scheme != "https" {
			return Digest{}, referent.E(referent.CodeUnavailable, op, fmt.Errorf("status %d, and no digest", resp.StatusCode)).
				WithHint("the address does not say what the file must hash to, so it is not fetched")
		}
		address = next.String()
	}
	return Digest{}, referent.E(referent.CodeUnavailable, op, fmt.Errorf("too many redirects"))
}

// download is one file on its way over the network.
type download struct {
	store    *Store
	entry    Entry
	address  string
	progress Progress
}

// brokenError is a failure that may be gone at the next attempt.
type brokenError struct{ err error }

func (b *brokenError) Error() string { return b.err.Error() }
func (b *brokenError) Unwrap() error { return b.err }

func (d *download) path() string  { return filepath.Join(d.store.dir, "."+d.entry.File+".part") }
func (d *download) state() string { return "." + d.entry.File + ".part.json" }

// have is how many bytes lie there already.
func (d *download) have() int64 {
	info, err := os.Stat(d.path())
	if err != nil {
		return 0
	}
	return info.Size()
}

func (d *download) forget() { _ = os.Remove(filepath.Join(d.store.dir, d.state())) }

// resumable gives what the bytes that lie there are half of, if they are of this address.
func (d *download) resumable() (partState, bool) {
	var st partState
	raw, err := os.ReadFile(filepath.Join(d.store.dir, d.state()))
	if err != nil || json.Unmarshal(raw, &st) != nil {
		return st, false
	}
	return st, st.URL == d.address && st.ETag != "" && d.have() > 0
}

// once makes one connection and writes what it gives.
func (d *download) once(ctx context.Context, digests []Digest) error {
	largest := int64(0)
	for _, g := range digests {
		largest = max(largest, g.Size)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address, nil)
	if err != nil {
		return err
	}
	st, resuming := d.resumable()
	have := int64(0)
	if resuming {
		have = d.have()
		if have == largest {
			return nil // an earlier attempt had it all and was stopped before it could be put in place
		}
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		req.Header.Set("If-Range", st.ETag) // another version of the file comes from its start
	}
	resp, err := d.store.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &brokenError{unaddressed(err)}
	}
	defer resp.Body.Close()
	switch code := resp.StatusCode; {
	case code == http.StatusPartialContent && resuming:
		var start int64
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-", &start); err != nil || start != have {
			return &brokenError{d.restart(fmt.Errorf("the server goes on at another byte"))}
		}
	case code == http.StatusOK:
		have = 0
	case code == http.StatusRequestedRangeNotSatisfiable:
		return &brokenError{d.restart(fmt.Errorf("the server has fewer bytes than lie here"))}
	case code == http.StatusTooManyRequests || code >= 500:
		return &brokenError{fmt.Errorf("the server answers %d", code)}
	default:
		return referent.E(referent.CodeUnavailable, "models: download", fmt.Errorf("the server answers %d", code))
	}
	if err := d.store.needSpace("models: download", largest-have); err != nil {
		return err
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if have == 0 {
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := d.store.files.OpenFile(d.path(), flag, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	// A weak tag does not promise the same bytes, so nothing is resumed on it.
	if tag := resp.Header.Get("ETag"); have == 0 && strings.HasPrefix(tag, `"`) {
		raw, err := json.Marshal(partState{URL: d.address, ETag: tag})
		if err != nil {
			return err
		}
		if err := d.store.writeWhole(d.state(), raw); err != nil {
			return err
		}
	} else if have == 0 {
		d.forget()
	}
	watched := &watchedReader{r: resp.Body, limit: d.store.stall, cut: cancel}
	defer watched.stop()
	// One byte more than the file may have is enough to know that it is wrong.
	n, err := copyWith(ctx, f, io.LimitReader(watched, largest-have+1), func(done int64) {
		d.progress.tell(Event{Name: d.entry.Name, Step: StepFetch, Source: d.address, Done: have + done, Total: largest})
	})
	if err != nil {
		if isFull(err) {
			return err
		}
		if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
			return &brokenError{errStalled}
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
		if p := (*os.PathError)(nil); errors.As(err, &p) {
			return err // the disk, not the line
		}
		return &brokenError{unaddressed(err)}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if resp.ContentLength >= 0 && n < resp.ContentLength && n <= largest-have {
		return &brokenError{io.ErrUnexpectedEOF}
	}
	if !sizeAccepted(digests, have+n) && have+n < largest {
		return &brokenError{fmt.Errorf("the body stops at byte %d of %d: %w", have+n, largest, io.ErrUnexpectedEOF)}
	}
	return nil
}

func sizeAccepted(digests []Digest, size int64) bool {
	for _, d := range digests {
		if d.Size == size {
			return true
		}
	}
	return false
}

// restart throws away what lies there, so that the next attempt starts from the beginning.
func (d *download) restart(cause error) error {
	d.forget()
	if err := os.Remove(d.path()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return cause
}

// reopen hashes all that was fetched, as it lies on disk, and makes it a part that can be settled.
func (d *download) reopen(ctx context.Context) (*part, error) {
	f, err := d.store.files.OpenFile(d.path(), os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	pt := &part{f: f, path: d.path()}
	sum, size, err := newHash(ctx, f, func(done int64) {
		d.progress.tell(Event{Name: d.entry.Name, Step: StepVerify, Done: done, Total: d.have()})
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	pt.hash, pt.size = sum, size
	return pt, nil
}

var errStalled = errors.New("the server stopped sending")

// watchedReader cuts a connection that gives nothing for too long.
type watchedReader struct {
	r     io.Reader
	limit time.Duration
	cut   context.CancelCauseFunc
	timer *time.Timer
}

func (w *watchedReader) Read(b []byte) (int, error) {
	if w.timer == nil {
		w.timer = time.AfterFunc(w.limit, func() { w.cut(errStalled) })
	} else {
		w.timer.Reset(w.limit)
	}
	return w.r.Read(b)
}

func (w *watchedReader) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// unaddressed drops the address from a client's error; a proxy's may carry a password.
func unaddressed(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
