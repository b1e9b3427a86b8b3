package web_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// record begins an upload whose length is told later.
func record(r *webtest.Rig, token, metadata string) (path, meeting string) {
	r.T.Helper()
	resp := tus(r, "POST", "/api/v1/uploads", token, nil, "Upload-Defer-Length", "1", "Upload-Metadata", metadata)
	if body := text(r.T, resp); resp.StatusCode != 201 {
		r.T.Fatalf("begin: %s %s", resp.Status, body)
	}
	return resp.Header.Get("Location"), resp.Header.Get("Referent-Meeting")
}

func TestDeferredLength(t *testing.T) {
	r, token := uploader(t, func(c *web.Config) { c.MaxUpload = 100 })
	path, id := record(r, token, meta("filename", "møte i dag.webm"))
	status := func(want int, resp *http.Response) {
		t.Helper()
		if body := text(t, resp); resp.StatusCode != want {
			t.Errorf("%s, want %d: %s", resp.Status, want, body)
		}
	}
	head := func() http.Header {
		resp := tus(r, "HEAD", path, token, nil)
		status(200, resp)
		return resp.Header
	}
	state := func(want referent.State) {
		t.Helper()
		if m := must(r.Store.Meeting(t.Context(), id))(t); m.State != want {
			t.Errorf("state %s, want %s", m.State, want)
		}
	}
	if h := head(); h.Get("Upload-Defer-Length") != "1" || h.Get("Upload-Length") != "" {
		t.Errorf("before the length is told: %v", h)
	}
	status(204, patch(r, path, token, 0, strings.NewReader("01234")))
	status(413, patch(r, path, token, 5, strings.NewReader(strings.Repeat("x", 96))))
	status(413, patch(r, path, token, 5, nil, "Upload-Length", "101"))
	status(400, patch(r, path, token, 5, nil, "Upload-Length", "ti"))
	status(422, patch(r, path, token, 5, nil, "Upload-Length", "4"))
	state(referent.StateUploading)
	status(204, patch(r, path, token, 5, strings.NewReader("567"), "Upload-Length", "10"))
	if h := head(); h.Get("Upload-Length") != "10" || h.Get("Upload-Offset") != "8" || h.Get("Upload-Defer-Length") != "" {
		t.Errorf("after the length is told: %v", h)
	}
	status(422, patch(r, path, token, 8, nil, "Upload-Length", "9")) // it does not change any more
	state(referent.StateUploading)
	status(204, patch(r, path, token, 8, strings.NewReader("89")))
	checkUploaded(t, r, path, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", 10) // of the ten digits

	path, id = record(r, token, "") // the length comes after the last byte, alone, and once more
	status(204, patch(r, path, token, 0, strings.NewReader("0123456789")))
	for range 2 {
		status(204, patch(r, path, token, 10, nil, "Upload-Length", "10"))
	}
	state(referent.StateReceived)
}

func TestFinishWithWhatCame(t *testing.T) {
	r, token := uploader(t, nil)
	r.User("ola", false)
	path, id := record(r, token, "")
	act := func(token string) int {
		resp := r.Do("POST", "/api/v1/meetings/"+id+"/finish", token, nil, nil)
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if got := act(token); got != 409 {
		t.Errorf("before anything came: %d", got)
	}
	text(t, patch(r, path, token, 0, strings.NewReader("01234567")))
	if got := act(r.Token("ola", store.ScopeRead, store.ScopeWrite)); got != 404 {
		t.Errorf("somebody else: %d", got)
	}
	// One that hangs with half a piece is asked to stop; what has come of it counts.
	half := dialPatch(r, path, token, 8, 100, "89")
	defer half.Close()
	r.Eventually("they have come", func() bool { return offsetOf(r, path, token) == 10 })
	idle := dialPatch(r, path, token, 10, 100, "")
	defer idle.Close()
	r.Eventually("it has been quiet", func() bool { return act(token) == 200 })
	m := must(r.Store.Meeting(t.Context(), id))(t)
	if m.State != referent.StateReceived || m.Recording.Size != 10 {
		t.Errorf("got %+v", m)
	}
	resp := tus(r, "HEAD", path, token, nil)
	resp.Body.Close()
	if got := resp.Header.Get("Upload-Length"); got != strconv.Itoa(10) {
		t.Errorf("whoever comes back is told the length %q", got)
	}
	if got := act(token); got != 409 {
		t.Errorf("once more: %d", got)
	}
}

// A length counts when the bytes that it was told with have come: what came by half is finished as it is later.
func TestLengthIsToldByWhatArrives(t *testing.T) {
	r, token := uploader(t, nil)
	path, _ := record(r, token, "")
	sum := "sha256 " + base64.StdEncoding.EncodeToString(make([]byte, 32))
	resp := patch(r, path, token, 0, strings.NewReader("01234"), "Upload-Length", "5", "Upload-Checksum", sum)
	text(t, resp)
	if resp.StatusCode != 460 {
		t.Errorf("broken bytes: %s", resp.Status)
	}
	resp = tus(r, "HEAD", path, token, nil)
	resp.Body.Close()
	if h := resp.Header; h.Get("Upload-Defer-Length") != "1" || h.Get("Upload-Offset") != "0" {
		t.Errorf("afterwards: %v", h)
	}
}

// What one person recorded is not taken from a browser where another has signed in, and is deleted there only when
// its meeting was erased.
func TestWhoseRecordingItIs(t *testing.T) {
	r, token := uploader(t, nil)
	kari := must(r.Store.UserByName(t.Context(), "kari"))(t)
	r.User("ola", false)
	path, id := record(r, token, "")
	head := func(token string, headers ...string) (int, bool) {
		resp := tus(r, "HEAD", path, token, nil, headers...)
		resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Referent-Erased") != ""
	}
	ola := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	if got, erased := head(ola, "Referent-User", kari.ID, "Referent-Meeting", id); got != 401 || erased {
		t.Errorf("another: %d, erased %t", got, erased)
	}
	if got, erased := head(ola, "Referent-Meeting", id); got != 404 || erased {
		t.Errorf("hidden: %d, erased %t", got, erased)
	}
	if got, _ := head(token, "Referent-User", kari.ID, "Referent-Meeting", id); got != 200 {
		t.Errorf("one's own: %d", got)
	}
	resp := tus(r, "POST", "/api/v1/uploads", ola, nil, "Upload-Defer-Length", "1", "Referent-User", kari.ID)
	if text(t, resp); resp.StatusCode != 401 {
		t.Errorf("another's meeting of it: %s", resp.Status)
	}
	ask[store.Receipt](r, "DELETE", "/api/v1/meetings/"+id, token, "", 200)
	if got, erased := head(token, "Referent-User", kari.ID, "Referent-Meeting", id); got != 404 || !erased {
		t.Errorf("erased: %d, erased %t", got, erased)
	}
	if _, erased := head(token, "Referent-User", kari.ID, "Referent-Meeting", "another"); erased {
		t.Error("what was never there was erased")
	}
}
