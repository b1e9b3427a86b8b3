package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// several starts servers over one PostgreSQL, folder and queue.
func several(t *testing.T, n int) []*webtest.Rig {
	t.Helper()
	server := pgtest.Own(t)
	return webtest.StartMany(t, n, func() (store.Store, error) {
		return postgres.Open(context.Background(), postgres.Config{URL: server.Address("referent")})
	}, nil)
}

// Half of a recording has come when its server is lost; the rest goes to another. Who watches goes on there too, and
// misses nothing and hears nothing twice. So does who has signed in.
func TestServerIsLostInTheMiddle(t *testing.T) {
	all := several(t, 2)
	a, b := all[0], all[1]
	a.User("kari", false)
	token := a.Token("kari", store.ScopeRead, store.ScopeWrite)
	cookie := sessionCookie(t, signIn(a, "kari", webtest.Password, nil))
	data := random(300_000)
	path, meeting := begin(a, token, len(data), meta("title", "Møte"))
	resp := patch(a, path, token, 0, bytes.NewReader(data[:100_000]))
	if resp.Body.Close(); resp.StatusCode != 204 {
		t.Fatal(resp.Status)
	}
	watching := watch(a, "/api/v1/meetings/"+meeting+"/events", token, "")
	last, e := watching.event()
	if e.State != referent.StateUploading {
		t.Fatalf("%+v", e)
	}

	pipe, sends := io.Pipe()
	broken := make(chan struct{})
	go func() {
		defer close(broken)
		req, err := http.NewRequest("PATCH", a.URL+path, pipe)
		if err != nil {
			t.Error(err)
			return
		}
		for k, v := range map[string]string{"Authorization": "Bearer " + token, "Tus-Resumable": "1.0.0", "Upload-Offset": "100000", "Content-Type": offsetStream} {
			req.Header.Set(k, v)
		}
		if resp, err := a.HTTP.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	if _, err := sends.Write(data[100_000:150_000]); err != nil {
		t.Fatal(err)
	}
	a.Die()
	sends.Close()
	<-broken
	if n := status(b, "/", cookie); n != 200 {
		t.Errorf("the session is answered with %d", n)
	}

	at := offsetOf(b, path, token)
	if at < 100_000 || at > 150_000 {
		t.Fatalf("the upload stands at %d", at)
	}
	resp = patch(b, path, token, at, bytes.NewReader(data[at:]))
	if resp.Body.Close(); resp.StatusCode != 204 {
		t.Fatal(resp.Status)
	}
	m, err := b.Store.Meeting(t.Context(), meeting)
	webtest.Check(t, err)
	if sum := sha256.Sum256(data); m.Recording == nil || m.Recording.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("recording %+v", m.Recording)
	}

	stored, err := b.Store.EventsAfter(t.Context(), meeting, nil, 0, 0)
	webtest.Check(t, err)
	goesOn := watch(b, "/api/v1/meetings/"+meeting+"/events", token, last)
	heard := []string{last}
	for range stored[1:] {
		id, _ := goesOn.event()
		heard = append(heard, id)
	}
	for i, e := range stored {
		if heard[i] != strconv.FormatInt(e.ID, 10) {
			t.Errorf("event %d is %s, want %d", i, heard[i], e.ID)
		}
	}
}

// What happens at one server is told at once to who watches at another, in order, each thing once.
func TestEventsCrossServers(t *testing.T) {
	all := several(t, 2)
	a, b := all[0], all[1]
	a.User("kari", false)
	token := a.Token("kari", store.ScopeRead, store.ScopeWrite)
	watching := watch(b, "/api/v1/events", token, "")
	const meetings = 10
	var made []string
	for range meetings {
		_, meeting := begin(a, token, 10, "")
		made = append(made, meeting)
	}
	began := time.Now()
	before := int64(0)
	for _, want := range made {
		id, e := watching.event()
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n <= before || e.Meeting != want {
			t.Fatalf("event %s after %d of %s, want %s", id, before, e.Meeting, want)
		}
		before = n
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("told after %v", took)
	}
}

// Two servers that are given the same bytes at the same time keep them once.
func TestSameBytesAtTwoServers(t *testing.T) {
	all := several(t, 2)
	all[0].User("kari", false)
	token := all[0].Token("kari", store.ScopeRead, store.ScopeWrite)
	data := random(200_000)
	path, meeting := begin(all[0], token, len(data), "")
	for at := 0; at < len(data); at += 20_000 {
		statuses := make(chan int, len(all))
		for _, r := range all {
			go func() {
				resp := patch(r, path, token, at, bytes.NewReader(data[at:at+20_000]))
				resp.Body.Close()
				statuses <- resp.StatusCode
			}()
		}
		won := 0
		for range all {
			switch s := <-statuses; s {
			case 204:
				won++
			case 409:
			default:
				t.Errorf("status %d", s)
			}
		}
		if got := offsetOf(all[1], path, token); won != 1 || got != at+20_000 && at+20_000 < len(data) {
			t.Fatalf("%d were told that they brought the bytes at %d; the upload is at %d", won, at, got)
		}
	}
	m, err := all[1].Store.Meeting(t.Context(), meeting)
	webtest.Check(t, err)
	if sum := sha256.Sum256(data); m.Recording == nil || m.Recording.SHA256 != hex.EncodeToString(sum[:]) || m.Recording.Size != int64(len(data)) {
		t.Errorf("recording %+v", m.Recording)
	}
}

// A creation that is sent again, to whichever server and also at the same time, makes one meeting.
func TestCreationOnceAtManyServers(t *testing.T) {
	all := several(t, 2)
	all[0].User("kari", false)
	token := all[0].Token("kari", store.ScopeRead, store.ScopeWrite)
	create := func(r *webtest.Rig, key string) string {
		resp := tus(r, "POST", "/api/v1/uploads", token, nil, "Upload-Length", "10", "Idempotency-Key", key)
		resp.Body.Close()
		if resp.StatusCode != 201 {
			t.Errorf("%s", resp.Status)
		}
		return resp.Header.Get("Location")
	}
	if first := create(all[0], "x"); first != create(all[1], "x") || first == create(all[1], "y") {
		t.Error("the same creation at another server made something else")
	}
	for round := range 5 {
		var sent sync.WaitGroup
		made := make([]string, len(all))
		for i, r := range all {
			sent.Go(func() { made[i] = create(r, "round"+strconv.Itoa(round)) })
		}
		sent.Wait()
		if made[0] != made[1] {
			t.Errorf("made %v", made)
		}
	}
	page, _, err := all[0].Store.Meetings(t.Context(), store.MeetingFilter{})
	webtest.Check(t, err)
	if len(page) != 2+5 {
		t.Errorf("%d meetings", len(page))
	}
}

// Who is locked out at one server is at the others, and whoever tries at all of them has no more tries.
func TestLockOutAtEveryServer(t *testing.T) {
	all := several(t, 2)
	all[0].User("kari", false)
	wrong := func(r *webtest.Rig) int {
		resp := signIn(r, "kari", "et galt passord", nil)
		resp.Body.Close()
		return resp.StatusCode
	}
	refused := 0
	for i := range 12 {
		if wrong(all[i%2]) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 12-6 { // five are free, and the sixth begins the wait
		t.Errorf("%d of 12 tries were refused, want 6", refused)
	}
	for i, r := range all {
		resp := signIn(r, "kari", webtest.Password, nil)
		resp.Body.Close()
		if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
			t.Errorf("server %d: %s", i, resp.Status)
		}
	}
}

// The command lines of two machines have a token each.
func TestLocalTokenOfEachServer(t *testing.T) {
	r := webtest.Start(t, nil)
	at := func(place string) string { return must(web.MintLocalToken(t.Context(), r.Store, place))(t) }
	works := func(token string) bool {
		resp := r.Do("GET", "/api/v1/me", token, nil, nil)
		resp.Body.Close()
		return resp.StatusCode == 200
	}
	before := at("") // of the time as one server
	a1, b, a2 := at("a"), at("b"), at("a")
	if works(before) {
		t.Error("the token of the time as one server still opens everything")
	}
	if works(a1) || !works(a2) || !works(b) {
		t.Errorf("first of a %v, second of a %v, of b %v", works(a1), works(a2), works(b))
	}
	// One of a machine that is gone ends by itself; that of one that lives is renewed.
	ends := func(place string) time.Time {
		local := must(r.Store.UserByName(t.Context(), web.LocalUser))(t)
		for _, k := range must(r.Store.Tokens(t.Context(), local.ID))(t) {
			if k.Name == web.LocalUser+"/"+place {
				return k.Expires
			}
		}
		return time.Time{}
	}
	set := func(place string, at time.Time) {
		local := must(r.Store.UserByName(t.Context(), web.LocalUser))(t)
		for _, k := range must(r.Store.Tokens(t.Context(), local.ID))(t) {
			if k.Name == web.LocalUser+"/"+place {
				k.Expires = at
				webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error { return tx.PutToken(t.Context(), &k) }))
			}
		}
	}
	if left := time.Until(ends("a")); left < 2*web.LocalTokenEvery {
		t.Errorf("it ends in %v", left)
	}
	set("a", time.Now().Add(time.Minute))
	webtest.Check(t, web.RenewLocalToken(t.Context(), r.Store, "a"))
	if left := time.Until(ends("a")); left < 2*web.LocalTokenEvery || !works(a2) {
		t.Errorf("renewed, it ends in %v", left)
	}
	c := at("c")
	set("c", time.Now().Add(-time.Minute))
	if works(c) {
		t.Error("one that has ended works")
	}
	if at("d"); !ends("c").IsZero() || ends("b").IsZero() {
		t.Error("one that has ended is kept, or one that has not is not")
	}
	alone := at("")
	if works(a2) || works(b) || !works(alone) {
		t.Error("one that is alone leaves the tokens of others")
	}
}
