package chaos

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is what came back of a request. status 0: nothing did, and nobody knows what was done.
type answer struct {
	status int
	body   []byte
	header http.Header
}

// unknown tells that the request is to be made again, or asked about.
func (a answer) unknown() bool {
	return a.status == 0 || a.status == http.StatusUnauthorized || a.status == http.StatusLocked ||
		a.status == http.StatusTooManyRequests || a.status >= 500
}

var web = &http.Client{Timeout: 30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// ask makes a request once.
func (w *world) ask(ctx context.Context, method, path string, header map[string]string, body []byte) answer {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+w.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}
	}
	w.mu.Lock()
	req.Header.Set("Authorization", "Bearer "+w.token)
	w.mu.Unlock()
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := web.Do(req)
	if err != nil {
		return answer{}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}
	}
	return answer{res.StatusCode, data, res.Header}
}

// insist makes a request that may be repeated until it is answered.
func (w *world) insist(ctx context.Context, method, path string, header map[string]string, body []byte) answer {
	for {
		a := w.ask(ctx, method, path, header, body)
		if !a.unknown() || ctx.Err() != nil {
			return a
		}
		time.Sleep(150 * time.Millisecond)
	}
}

// read gets JSON, and reports whether it was there.
func (w *world) read(ctx context.Context, path string, into any) (status int) {
	a := w.insist(ctx, http.MethodGet, "/api/v1"+path, nil, nil)
	if a.status == http.StatusOK && json.Unmarshal(a.body, into) != nil {
		return 0
	}
	return a.status
}

func (w *world) send(ctx context.Context, method, path string, body any) answer {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return w.ask(ctx, method, "/api/v1"+path, map[string]string{"Content-Type": "application/json"}, data)
}

func tusHeader(more ...string) map[string]string {
	h := map[string]string{"Tus-Resumable": "1.0.0"}
	for i := 0; i < len(more); i += 2 {
		h[more[i]] = more[i+1]
	}
	return h
}

// upload makes a meeting of a recording and brings it in slices, for as long as that takes. The meeting is accepted when
// it returns an id; "": ctx has ended.
func (w *world) upload(ctx context.Context, recording []byte, writer string) (meeting string) {
	for ctx.Err() == nil {
		var meta []string
		for _, kv := range [][2]string{{"title", "Kaos"}, {"speakers", "off"}, {"writer", writer}, {"spoken", "no"}} {
			meta = append(meta, kv[0]+" "+base64.StdEncoding.EncodeToString([]byte(kv[1])))
		}
		a := w.insist(ctx, http.MethodPost, "/api/v1/uploads", tusHeader("Upload-Length", strconv.Itoa(len(recording)),
			"Upload-Metadata", strings.Join(meta, ","), "Idempotency-Key", rand.Text()), nil)
		if a.status != http.StatusCreated {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		place := a.header.Get("Location")
		if _, rest, ok := strings.Cut(place, "/api/"); ok {
			place = "/api/" + rest
		}
		if w.bring(ctx, place, recording) {
			return a.header.Get("Referent-Meeting")
		}
	}
	return ""
}

// bring reports whether the server has said that it has the last byte.
func (w *world) bring(ctx context.Context, place string, recording []byte) bool {
	const slice = 700_000
	offset := 0
	for ctx.Err() == nil {
		end := min(offset+slice, len(recording))
		a := w.ask(ctx, http.MethodPatch, place, tusHeader("Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream"), recording[offset:end])
		if a.status != http.StatusNoContent {
			time.Sleep(150 * time.Millisecond)
			if a = w.insist(ctx, http.MethodHead, place, tusHeader(), nil); a.status != http.StatusOK {
				return false
			}
		}
		var err error
		if offset, err = strconv.Atoi(a.header.Get("Upload-Offset")); err != nil || offset > len(recording) {
			return false
		}
		if offset == len(recording) {
			return true
		}
	}
	return false
}

func at(meeting string) string { return "/meetings/" + meeting }

func phrase() string { return fmt.Sprintf("rettet %s", strings.ToLower(rand.Text()[:12])) }
