package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

const offsetStream = "application/offset+octet-stream"

// tus sends a tus request with headers given as name, value, ...
func tus(r *webtest.Rig, method, path, token string, body io.Reader, headers ...string) *http.Response {
	r.T.Helper()
	return r.Do(method, path, token, body, func(q *http.Request) {
		q.Header.Set("Tus-Resumable", "1.0.0")
		for i := 0; i+1 < len(headers); i += 2 {
			q.Header.Set(headers[i], headers[i+1])
		}
	})
}

func meta(pairs ...string) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(out, ",")
}

// begin makes an upload and returns its path and meeting.
func begin(r *webtest.Rig, token string, size int, metadata string) (path, meeting string) {
	r.T.Helper()
	resp := tus(r, "POST", "/api/v1/uploads", token, nil, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", metadata)
	if body := text(r.T, resp); resp.StatusCode != 201 {
		r.T.Fatalf("begin upload: %s %s", resp.Status, body)
	}
	return resp.Header.Get("Location"), resp.Header.Get("Referent-Meeting")
}

func patch(r *webtest.Rig, path, token string, offset int, body io.Reader, headers ...string) *http.Response {
	r.T.Helper()
	return tus(r, "PATCH", path, token, body, append([]string{"Upload-Offset", strconv.Itoa(offset), "Content-Type", offsetStream}, headers...)...)
}

func offsetOf(r *webtest.Rig, path, token string) int {
	r.T.Helper()
	resp := tus(r, "HEAD", path, token, nil)
	resp.Body.Close()
	n, err := strconv.Atoi(resp.Header.Get("Upload-Offset"))
	if err != nil {
		r.T.Fatalf("HEAD: %s, offset %q", resp.Status, resp.Header.Get("Upload-Offset"))
	}
	return n
}

func uploader(t testing.TB, change func(*web.Config)) (*webtest.Rig, string) {
	t.Helper()
	r := webtest.Start(t, change)
	r.User("kari", false)
	return r, r.Token("kari", store.ScopeRead, store.ScopeWrite)
}

func random(n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(data)
	return data
}

func TestUploadInPieces(t *testing.T) {
	r, token := uploader(t, nil)
	data := random(1 << 20)
	path, id := begin(r, token, len(data), meta("filename", "C:\\møter\\Formannskapet 21. mars.mp3", "kind", "moteprotokoll",
		"language", "nn", "date", "2026-03-21", "participants", "Kari Nordmann, ordfører\nOla Hansen", "agenda", "PS 1/26 Budsjett"))
	for at := 0; at < len(data); {
		n := min(300_000, len(data)-at)
		resp := patch(r, path, token, at, bytes.NewReader(data[at:at+n]))
		if body := text(t, resp); resp.StatusCode != 204 {
			t.Fatalf("PATCH at %d: %s %s", at, resp.Status, body)
		}
		at += n
		if got := resp.Header.Get("Upload-Offset"); got != strconv.Itoa(at) {
			t.Fatalf("offset %s, want %d", got, at)
		}
	}
	m, err := r.Store.Meeting(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if m.Recording == nil || m.Recording.SHA256 != hex.EncodeToString(sum[:]) || m.Recording.Size != int64(len(data)) {
		t.Errorf("recording: %+v", m.Recording)
	}
	if m.Title != "Formannskapet 21. mars" || m.Kind != referent.KindProtocol || m.Language != referent.Nynorsk ||
		m.Start.Format(time.DateOnly) != "2026-03-21" || len(m.Participants) != 2 || m.Participants[0].Role != "ordfører" || len(m.Agenda) != 1 {
		t.Errorf("meeting: %+v", m)
	}
	if strings.Contains(r.Log.String(), "Formannskapet") {
		t.Error("the file's name is in the log")
	}
	if got := offsetOf(r, path, token); got != len(data) {
		t.Errorf("finished upload's offset: %d", got)
	}

	// The recording comes back, also a piece of it.
	resp := r.Do("GET", "/api/v1/meetings/"+id+"/recording", token, nil, func(q *http.Request) { q.Header.Set("Range", "bytes=1000-1999") })
	if body := text(t, resp); resp.StatusCode != 206 || body != string(data[1000:2000]) {
		t.Errorf("range: %s, %d bytes", resp.Status, len(body))
	}
}

func TestUploadToMeetingThatWaits(t *testing.T) {
	r, token := uploader(t, nil)
	m := &referent.Meeting{Owner: must(r.Store.UserByName(t.Context(), "kari"))(t).ID, Title: "Ventende"}
	if err := r.Pipeline.Create(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	path, id := begin(r, token, 5, meta("meeting", m.ID, "filename", "annet.wav"))
	if id != m.ID {
		t.Errorf("the upload is for meeting %q", id)
	}
	resp := patch(r, path, token, 0, strings.NewReader("lyden"))
	resp.Body.Close()
	got, err := r.Store.Meeting(t.Context(), m.ID)
	if err != nil || got.Recording == nil || got.Title != "Ventende" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCreationWithUpload(t *testing.T) {
	r, token := uploader(t, nil)
	resp := tus(r, "POST", "/api/v1/uploads", token, strings.NewReader("halve"), "Upload-Length", "10", "Content-Type", offsetStream)
	resp.Body.Close()
	if resp.StatusCode != 201 || resp.Header.Get("Upload-Offset") != "5" {
		t.Fatalf("%s, offset %q", resp.Status, resp.Header.Get("Upload-Offset"))
	}
	resp = patch(r, resp.Header.Get("Location"), token, 5, strings.NewReader("resten"[:5]))
	resp.Body.Close()
	if resp.StatusCode != 204 || resp.Header.Get("Upload-Offset") != "10" {
		t.Errorf("%s, offset %q", resp.Status, resp.Header.Get("Upload-Offset"))
	}
}

func TestUploadOfNothing(t *testing.T) {
	r, token := uploader(t, nil)
	_, id := begin(r, token, 0, "")
	m, err := r.Store.Meeting(t.Context(), id)
	if err != nil || m.State != referent.StateFailed || m.Failure.Code != referent.CodeAudioEmpty {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestTusOptions(t *testing.T) {
	r, token := uploader(t, func(c *web.Config) { c.MaxUpload = 5 << 30 })
	resp := r.Do("OPTIONS", "/api/v1/uploads", token, nil, nil)
	resp.Body.Close()
	want := map[string]string{"Tus-Version": "1.0.0", "Tus-Max-Size": "5368709120", "Tus-Checksum-Algorithm": "sha1,sha256,md5",
		"Tus-Extension": "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"}
	for name, value := range want {
		if got := resp.Header.Get(name); got != value {
			t.Errorf("%s = %q", name, got)
		}
	}
	if resp.StatusCode != 204 {
		t.Error(resp.Status)
	}
}

func TestMoreThanFourGigabytesAreCounted(t *testing.T) {
	r, token := uploader(t, nil)
	const size = 6 << 30
	path, _ := begin(r, token, size, "")
	resp := tus(r, "HEAD", path, token, nil)
	resp.Body.Close()
	if got := resp.Header.Get("Upload-Length"); got != strconv.Itoa(size) {
		t.Errorf("Upload-Length %s", got)
	}
}

func TestBadUploads(t *testing.T) {
	r, token := uploader(t, func(c *web.Config) { c.MaxUpload = 1000 })
	r.User("ola", false)
	other := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	path, _ := begin(r, token, 10, "")
	_, theirs := begin(r, other, 10, "")
	sum := func(algorithm, s string) string {
		h := sha256.Sum256([]byte(s))
		return algorithm + " " + base64.StdEncoding.EncodeToString(h[:])
	}
	patchWith := func(body string, headers ...string) func() *http.Response {
		return func() *http.Response { return tus(r, "PATCH", path, token, strings.NewReader(body), headers...) }
	}
	create := func(headers ...string) func() *http.Response {
		return func() *http.Response { return tus(r, "POST", "/api/v1/uploads", token, nil, headers...) }
	}
	cases := []struct {
		name string
		send func() *http.Response
		want int
	}{
		{"other version", func() *http.Response { return r.Do("HEAD", path, token, nil, nil) }, 412},
		{"no length", create(), 400},
		{"negative length", create("Upload-Length", "-1"), 400},
		{"length beyond 63 bits", create("Upload-Length", "9223372036854775808"), 400},
		{"length told later, and now", create("Upload-Defer-Length", "1", "Upload-Length", "5"), 400},
		{"length told never", create("Upload-Defer-Length", "2"), 400},
		{"too large", create("Upload-Length", "1001"), 413},
		{"broken metadata", create("Upload-Length", "5", "Upload-Metadata", "title %%%"), 400},
		{"metadata that means nothing", create("Upload-Length", "5", "Upload-Metadata", meta("kind", "roman")), 422},
		{"date that is none", create("Upload-Length", "5", "Upload-Metadata", meta("date", "i går")), 422},
		{"meeting that is not there", create("Upload-Length", "5", "Upload-Metadata", meta("meeting", "nope")), 404},
		{"somebody else's meeting", create("Upload-Length", "5", "Upload-Metadata", meta("meeting", theirs)), 404},
		{"body of another type", func() *http.Response {
			return tus(r, "POST", "/api/v1/uploads", token, strings.NewReader("{}"), "Upload-Length", "5", "Content-Type", "application/json")
		}, 415},
		{"upload that is not there", func() *http.Response { return tus(r, "HEAD", "/api/v1/uploads/nope", token, nil) }, 404},
		{"somebody else's upload", func() *http.Response { return tus(r, "HEAD", path, other, nil) }, 404},
		{"somebody else's bytes", func() *http.Response { return patch(r, path, other, 0, strings.NewReader("x")) }, 404},
		{"somebody else's end", func() *http.Response { return tus(r, "DELETE", path, other, nil) }, 404},
		{"no content type", patchWith("x", "Upload-Offset", "0"), 415},
		{"no offset", patchWith("x", "Content-Type", offsetStream), 400},
		{"offset ahead", patchWith("x", "Content-Type", offsetStream, "Upload-Offset", "3"), 409},
		{"more than was declared", patchWith(strings.Repeat("x", 11), "Content-Type", offsetStream, "Upload-Offset", "0"), 413},
		{"unknown checksum", patchWith("x", "Content-Type", offsetStream, "Upload-Offset", "0", "Upload-Checksum", "crc32 AAAA"), 400},
		{"checksum that differs", patchWith("x", "Content-Type", offsetStream, "Upload-Offset", "0", "Upload-Checksum", sum("sha256", "y")), 460},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := c.send()
			body := text(t, resp)
			if resp.StatusCode != c.want {
				t.Errorf("%s, want %d: %s", resp.Status, c.want, body)
			}
			if resp.Request.Method != "HEAD" && !strings.Contains(body, `"code":`) {
				t.Errorf("not a problem document: %q", body)
			}
		})
	}
	if got := offsetOf(r, path, token); got != 0 {
		t.Errorf("something of the bad bytes was kept: offset %d", got)
	}
	resp := patch(r, path, token, 0, strings.NewReader("0123456789"), "Upload-Checksum", sum("sha256", "0123456789"))
	resp.Body.Close()
	if resp.StatusCode != 204 {
		t.Errorf("good bytes afterwards: %s", resp.Status)
	}
}

func TestMoreThanDeclaredWithoutLength(t *testing.T) {
	r, token := uploader(t, nil)
	path, id := begin(r, token, 10, "")
	resp := patch(r, path, token, 0, io.MultiReader(strings.NewReader("0123456789"), strings.NewReader("more"))) // sent chunked
	resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("%s", resp.Status)
	}
	if m, err := r.Store.Meeting(t.Context(), id); err != nil || m.Recording != nil {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestTermination(t *testing.T) {
	r, token := uploader(t, nil)
	path, id := begin(r, token, 10, "")
	resp := patch(r, path, token, 0, strings.NewReader("01234"))
	resp.Body.Close()
	resp = tus(r, "DELETE", path, token, nil)
	resp.Body.Close()
	if resp.StatusCode != 204 {
		t.Fatal(resp.Status)
	}
	resp = tus(r, "HEAD", path, token, nil)
	resp.Body.Close()
	if resp.StatusCode != 404 {
		t.Errorf("afterwards: %s", resp.Status)
	}
	if m, err := r.Store.Meeting(t.Context(), id); err != nil || m.State != referent.StateCancelled {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestExpiredUploadIsGone(t *testing.T) {
	r, token := uploader(t, nil)
	ahead := clockOf(r)
	path, _ := begin(r, token, 10, "")
	resp := tus(r, "HEAD", path, token, nil)
	resp.Body.Close()
	expires, err := http.ParseTime(resp.Header.Get("Upload-Expires"))
	if err != nil {
		t.Fatal(err)
	}
	ahead(time.Until(expires) + 2*time.Second)
	for name, resp := range map[string]*http.Response{"HEAD": tus(r, "HEAD", path, token, nil), "PATCH": patch(r, path, token, 0, strings.NewReader("x"))} {
		resp.Body.Close()
		if resp.StatusCode != 410 {
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
}

// dialPatch opens a connection of its own and sends a PATCH with some of its body, once the server has
// said that it reads.
func dialPatch(r *webtest.Rig, path, token string, offset, declared int, body string) net.Conn {
	r.T.Helper()
	conn := must(net.Dial("tcp", strings.TrimPrefix(r.URL, "http://")))(r.T)
	webtest.Check(r.T, conn.SetReadDeadline(time.Now().Add(webtest.Patience)))
	_, err := fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\n"+
		"Content-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", path, token, offset, offsetStream, declared)
	webtest.Check(r.T, err)
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n"
	answer := make([]byte, len(goOn))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != goOn {
		r.T.Fatalf("got %q, %v", answer, err)
	}
	_, err = io.WriteString(conn, body)
	webtest.Check(r.T, err)
	return conn
}

func TestBytesBeforeALostConnectionCount(t *testing.T) {
	r, token := uploader(t, nil)
	path, _ := begin(r, token, 100, "")
	dialPatch(r, path, token, 0, 100, strings.Repeat("x", 40)).Close()
	r.Eventually("forty bytes are stored", func() bool { return offsetOf(r, path, token) == 40 })
	resp := patch(r, path, token, 40, strings.NewReader(strings.Repeat("y", 60)))
	resp.Body.Close()
	if resp.StatusCode != 204 {
		t.Errorf("the rest: %s", resp.Status)
	}
}

// A client that lost its connection comes back while the server still waits on the old one.
func TestNewcomerTakesOverFromAHangingConnection(t *testing.T) {
	r, token := uploader(t, nil)
	path, _ := begin(r, token, 100, "")
	conn := dialPatch(r, path, token, 0, 100, strings.Repeat("x", 40))
	defer conn.Close()
	r.Eventually("the newcomer learns of the forty bytes", func() bool { return offsetOf(r, path, token) == 40 })
	resp := patch(r, path, token, 40, strings.NewReader(strings.Repeat("y", 60)))
	resp.Body.Close()
	if resp.StatusCode != 204 {
		t.Errorf("the rest: %s", resp.Status)
	}
}

func TestSilentConnectionEnds(t *testing.T) {
	r, token := uploader(t, nil)
	r.Server.SetReadTimeout(150 * time.Millisecond)
	path, _ := begin(r, token, 100, "")
	conn := dialPatch(r, path, token, 0, 100, strings.Repeat("x", 40))
	defer conn.Close()
	answer := make([]byte, 12)
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 408" {
		t.Errorf("got %q, %v", answer, err)
	}
	if got := offsetOf(r, path, token); got != 40 {
		t.Errorf("offset %d", got)
	}
}

// slowly gives a byte at a time with a pause before each.
type slowly struct {
	left  int
	pause time.Duration
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	<-time.After(s.pause) // the slowness itself is what is tested
	s.left--
	p[0] = 'x'
	return 1, nil
}

func TestSlowConnectionGoesOn(t *testing.T) {
	r, token := uploader(t, nil)
	r.Server.SetReadTimeout(400 * time.Millisecond)
	path, _ := begin(r, token, 12, "")
	resp := patch(r, path, token, 0, &slowly{12, 60 * time.Millisecond}) // all of it takes longer than the limit
	if body := text(t, resp); resp.StatusCode != 204 {
		t.Errorf("%s %s", resp.Status, body)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
