package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/referent/referent"
)

const tusVersion = "1.0.0"

// UploadFile uploads the file at path as [Client.Upload] does. CodeNotFound: there is no such file.
func (c *Client) UploadFile(ctx context.Context, meeting, path string, progress func(sent, size int64)) error {
	const op = "client: upload recording"
	f, err := os.Open(path)
	if err != nil {
		return referent.E(fileCode(err), op, unnamed(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return referent.E(fileCode(err), op, unnamed(err))
	}
	if !info.Mode().IsRegular() {
		return referent.E(referent.CodeInvalid, op, errors.New("not a file"))
	}
	return c.Upload(ctx, meeting, f, info.Size(), progress)
}

// Upload uploads size bytes of content as the recording of a meeting that Create made. After a lost
// connection it asks how far it came and goes on from there, so that content is read in more than one place
// more than once. progress, when not nil, is told how many bytes of how many have gone out; it is called from
// several goroutines, one at a time, and after a retry the count can be lower than before.
//
// Each slice carries its SHA-256, so that what the server keeps is what was read here. CodeTooLarge: the server
// takes nothing of that size. CodeConflict: the meeting has a recording.
func (c *Client) Upload(ctx context.Context, meeting string, content io.ReaderAt, size int64, progress func(sent, size int64)) error {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	u := &upload{c: c, meeting: meeting, content: content, size: size, progress: progress}
	return u.run(ctx)
}

func fileCode(err error) referent.Code {
	if errors.Is(err, os.ErrNotExist) {
		return referent.CodeNotFound
	}
	return referent.CodeInvalid
}

// unnamed takes the file's name off an error: names of files do not belong in logs.
func unnamed(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

type upload struct {
	c       *Client
	meeting string
	content io.ReaderAt
	size    int64

	mu       sync.Mutex // progress is called by the transport's goroutine too
	progress func(sent, size int64)

	location string // path on the server; "" before the upload is made
	offset   int64  // what the server has
}

func (u *upload) run(ctx context.Context) error {
	for failures := 0; ; {
		before := u.offset
		err := u.goOn(ctx)
		if err == nil {
			return nil
		}
		if !passing(err) || ctx.Err() != nil {
			return err
		}
		if failures++; u.offset > before {
			failures = 1
		}
		if failures > u.c.tries {
			return err
		}
		timer := time.NewTimer(u.c.waits[min(failures, len(u.c.waits))-1])
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return referent.E(codeOf(ctx.Err()), "client: upload recording", ctx.Err())
		}
		if err := u.whereAreWe(ctx); err != nil && !passing(err) {
			return err
		}
	}
}

func (u *upload) report(sent int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.progress(sent, u.size)
}

// goOn makes the upload if need be and brings slice after slice.
func (u *upload) goOn(ctx context.Context) error {
	if u.location == "" {
		if err := u.create(ctx); err != nil {
			return err
		}
	}
	u.report(u.offset)
	for u.offset < u.size {
		if err := u.patch(ctx); err != nil {
			return err
		}
		u.report(u.offset)
	}
	return nil
}

func (u *upload) create(ctx context.Context) error {
	h := http.Header{}
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Upload-Length", strconv.FormatInt(u.size, 10))
	h.Set("Upload-Metadata", "meeting "+base64.StdEncoding.EncodeToString([]byte(u.meeting)))
	resp, err := u.c.do(ctx, http.MethodPost, apiRoot+"/uploads", h, nil)
	if err != nil {
		return err
	}
	resp.Body.Close()
	// Only the path is taken: the token must not go to a host that a header names.
	loc, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || loc.Path == "" {
		return referent.E(referent.CodeUnavailable, "client: begin upload", errors.New("the answer has no Location"))
	}
	u.location = loc.Path
	return nil
}

func (u *upload) patch(ctx context.Context) error {
	const op = "client: send slice"
	n := min(u.c.slice, u.size-u.offset)
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(u.content, u.offset, n)); err != nil {
		return referent.E(referent.CodeInvalid, op, unnamed(err)).WithHint("the recording cannot be read")
	}
	h := http.Header{}
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Upload-Offset", strconv.FormatInt(u.offset, 10))
	h.Set("Content-Type", "application/offset+octet-stream")
	h.Set("Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(sum.Sum(nil)))
	body := &counted{r: io.NewSectionReader(u.content, u.offset, n), from: u.offset, u: u}
	resp, err := u.c.do(ctx, http.MethodPatch, u.location, h, body)
	body.stop() // the transport may still hold the body; its count means nothing any more
	if err != nil {
		return err
	}
	resp.Body.Close()
	return u.takeOffset(resp)
}

// whereAreWe asks how much arrived.
func (u *upload) whereAreWe(ctx context.Context) error {
	if u.location == "" {
		return nil
	}
	h := http.Header{}
	h.Set("Tus-Resumable", tusVersion)
	resp, err := u.c.do(ctx, http.MethodHead, u.location, h, nil)
	if err != nil {
		return err
	}
	resp.Body.Close()
	return u.takeOffset(resp)
}

func (u *upload) takeOffset(resp *http.Response) error {
	at, err := strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || at < 0 || at > u.size {
		return referent.E(referent.CodeUnavailable, "client: read offset", errors.New("the answer has no usable Upload-Offset"))
	}
	u.offset = at
	return nil
}

// passing reports whether the same upload may well succeed later.
func passing(err error) bool {
	if p, ok := errors.AsType[*Problem](err); ok {
		switch p.Status {
		case http.StatusRequestTimeout, http.StatusLocked, http.StatusTooManyRequests, statusChecksumMismatch:
			return true
		case http.StatusConflict:
			return p.Resumable
		case http.StatusInsufficientStorage, http.StatusNotImplemented:
			return false
		}
		return p.Status >= 500
	}
	return referent.CodeOf(err) == referent.CodeUnavailable
}

const statusChecksumMismatch = 460

// counted tells how much of a slice has been handed to the connection.
type counted struct {
	r    *io.SectionReader
	u    *upload
	from int64
	read int64
	over bool // guarded by u.mu
}

func (b *counted) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(len(p), 256<<10)])
	b.read += int64(n)
	b.u.mu.Lock()
	defer b.u.mu.Unlock()
	if !b.over {
		b.u.progress(b.from+b.read, b.u.size)
	}
	return n, err
}

func (b *counted) stop() {
	b.u.mu.Lock()
	defer b.u.mu.Unlock()
	b.over = true
}
