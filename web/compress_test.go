package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/referent/referent/web/webtest"
)

// Pages, scripts and JSON come packed to those who take it so, and are the same; sound comes as it is, also a part.
func TestTextIsPacked(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	silence(r, id)
	putTranscript(r, id, threeHours)
	cookie := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	get := func(path, encoding string, more ...string) (*http.Response, []byte) {
		t.Helper()
		resp := r.Do("GET", path, "", nil, func(q *http.Request) {
			q.AddCookie(cookie)
			q.Header.Set("Accept-Encoding", encoding) // given by hand, it is not undone by hand either
			for i := 0; i < len(more); i += 2 {
				q.Header.Set(more[i], more[i+1])
			}
		})
		defer resp.Body.Close()
		return resp, must(io.ReadAll(resp.Body))(t)
	}
	for _, path := range []string{"/meetings/" + id + "/minutes", at + "/transcript", at + "/transcript.vtt", "/static/referent.css", "/static/transcript.js"} {
		plain, whole := get(path, "identity")
		small, body := get(path, "gzip, br, zstd")
		if plain.StatusCode != 200 || plain.Header.Get("Content-Encoding") != "" || small.Header.Get("Content-Encoding") != "gzip" || small.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %s %v, then %v", path, plain.Status, plain.Header, small.Header)
			continue
		}
		if back := must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(body)))(t)))(t); !bytes.Equal(back, whole) || len(body) > len(whole)*6/10 {
			t.Errorf("%s: %d bytes came as %d, and were %d again", path, len(whole), len(body), len(back))
		}
		if path == at+"/transcript" && len(body) > len(whole)/5 {
			t.Errorf("a transcript of %d bytes came as %d", len(whole), len(body))
		}
	}
	if whole, body := get(at+"/audio", "gzip"); whole.Header.Get("Content-Encoding") != "" || whole.ContentLength != int64(len(body)) || len(body) < 1<<20 {
		t.Errorf("sound: %v", whole.Header)
	}
	if part, body := get(at+"/audio", "gzip", "Range", "bytes=100-2099"); part.StatusCode != 206 || part.Header.Get("Content-Encoding") != "" || len(body) != 2000 {
		t.Errorf("a part of the sound: %s %v", part.Status, part.Header)
	}
	// How small an answer gets would tell another site, which made the browser ask, what it says.
	for from, encoding := range map[string]string{"cross-site": "", "same-site": "", "same-origin": "gzip", "none": "gzip"} {
		if asked, body := get("/search?q=budsjettet", "gzip", "Sec-Fetch-Site", from); asked.StatusCode != 200 || asked.Header.Get("Content-Encoding") != encoding || len(body) == 0 {
			t.Errorf("asked by a page of %s: %s %v", from, asked.Status, asked.Header)
		}
	}
	// What a browser has of a file holds for it packed and not.
	first, _ := get("/static/referent.css", "gzip")
	if again, _ := get("/static/referent.css", "identity", "If-None-Match", first.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("asked again: %s", again.Status)
	}
}

// A stream says what happens as it happens, also to whoever takes answers packed.
func TestStreamIsNotPacked(t *testing.T) {
	r, token := uploader(t, nil)
	resp := r.Do("GET", "/api/v1/events", token, nil, func(q *http.Request) { q.Header.Set("Accept-Encoding", "gzip") })
	defer resp.Body.Close()
	if resp.Header.Get("Content-Encoding") != "" {
		t.Fatalf("the stream is packed: %v", resp.Header)
	}
	first := make([]byte, len("retry: 2000\n\n"))
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "retry: 2000\n\n" {
		t.Errorf("the stream begins with %q, %v", first, err)
	}
	_, id := begin(r, token, 10, "")
	some := make([]byte, 200)
	n, err := io.ReadAtLeast(resp.Body, some, 100)
	if err != nil || !bytes.Contains(some[:n], []byte(id)) {
		t.Errorf("told at once: %q, %v", some[:n], err)
	}
}
