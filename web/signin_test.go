package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

func form(r *webtest.Rig, path string, values url.Values, edit func(*http.Request)) *http.Response {
	r.T.Helper()
	return r.Do("POST", path, "", strings.NewReader(values.Encode()), func(q *http.Request) {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if edit != nil {
			edit(q)
		}
	})
}

func signIn(r *webtest.Rig, name, password string, edit func(*http.Request)) *http.Response {
	return form(r, "/signin", url.Values{"name": {name}, "password": {password}}, edit)
}

// text reads and closes an answer's body.
func text(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sessionCookie(t testing.TB, resp *http.Response) *http.Cookie {
	t.Helper()
	resp.Body.Close()
	for _, c := range resp.Cookies() {
		if strings.Contains(c.Name, "referent") && c.Name != "referent_language" {
			return c
		}
	}
	t.Fatalf("no session cookie; status %s", resp.Status)
	return nil
}

func status(r *webtest.Rig, path string, c *http.Cookie) int {
	r.T.Helper()
	resp := r.Do("GET", path, "", nil, func(q *http.Request) {
		if c != nil {
			q.AddCookie(c)
		}
	})
	resp.Body.Close()
	return resp.StatusCode
}

func TestSignInAndOut(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("Kari", false)

	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil)) // names have no case
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure || len(c.Value) < 43 {
		t.Errorf("cookie: %+v", c)
	}
	if got := status(r, "/api/v1/me", c); got != 200 {
		t.Fatalf("signed in: %d", got)
	}
	if strings.Contains(r.Log.String(), c.Value) {
		t.Error("the session's secret is in the log")
	}

	// Signing in again gives another session and ends the first.
	c2 := sessionCookie(t, signIn(r, "kari", webtest.Password, func(q *http.Request) { q.AddCookie(c) }))
	if c2.Value == c.Value {
		t.Error("the session was not rotated")
	}
	if got := status(r, "/api/v1/me", c); got != 401 {
		t.Errorf("the session before: %d", got)
	}
	resp := form(r, "/signout", nil, func(q *http.Request) { q.AddCookie(c2) })
	resp.Body.Close()
	if got := status(r, "/api/v1/me", c2); got != 401 {
		t.Errorf("after signing out: %d", got)
	}
}

func TestSecureCookie(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.Secure = true })
	r.User("kari", false)
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	if !c.Secure || c.Name != "__Host-referent" {
		t.Errorf("cookie: %+v", c)
	}
}

func TestSessionsEndWhenIdle(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", false)
	var mu sync.Mutex
	now := time.Now()
	r.Server.SetClock(func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	for range 3 { // in use it goes on
		pass(8 * time.Hour)
		if got := status(r, "/api/v1/me", c); got != 200 {
			t.Fatalf("in use: %d", got)
		}
	}
	pass(12*time.Hour + time.Minute)
	if got := status(r, "/api/v1/me", c); got != 401 {
		t.Errorf("idle for 12 hours: %d", got)
	}
}

// Each way to write a name that the store takes for the same would be five guesses more.
func TestAttemptsAreCountedHoweverTheNameIsWritten(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("Åse", false)
	names := []string{"\u00e5se", "a\u030ase", "\u00c5SE", "A\u030aSE", "\u212bse", "\u00e5se"}
	for i, name := range append(names, "A\u030ase") {
		want := 401
		if i == len(names) {
			want = 429
		}
		resp := signIn(r, name, "feil passord", nil)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("attempt %d: %s, want %d", i+1, resp.Status, want)
		}
	}
}

func TestFormThatDoesNotComeIsNotWaitedFor(t *testing.T) {
	r := webtest.Start(t, nil)
	r.Server.SetFormTimeout(50 * time.Millisecond)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(webtest.Patience)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	post := func(body string, length int) *http.Response {
		t.Helper()
		fmt.Fprintf(conn, "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", length, body)
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	const whole = "name=kari&password=x"
	resp := post(whole, len(whole))
	text(t, resp)
	if resp.StatusCode != 401 {
		t.Fatal(resp.Status)
	}
	resp = post(whole, len(whole)+1)
	text(t, resp)
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("half a form: %s", resp.Status)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the connection stays open: %v", err)
	}
}

func TestWrongPasswordsLockOut(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", false)
	var mu sync.Mutex
	now := time.Now()
	r.Server.SetClock(func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
	try := func(name, password string) *http.Response {
		resp := signIn(r, name, password, nil)
		resp.Body.Close()
		return resp
	}
	for _, name := range []string{"kari", "ingen"} { // the same whether the name exists or not
		for i := range 6 {
			if got := try(name, "feil passord").StatusCode; got != 401 {
				t.Fatalf("%s, wrong password %d: %d", name, i+1, got)
			}
		}
		if resp := try(name, webtest.Password); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s: after too many: %s", name, resp.Status)
		}
	}
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	if got := try("kari", webtest.Password).StatusCode; got != 303 {
		t.Errorf("after waiting: %d", got)
	}
	if strings.Contains(r.Log.String(), "kari") {
		t.Error("a user's name is in the log")
	}
}

func TestRedirectStaysHere(t *testing.T) {
	for next, want := range map[string]string{
		"/meetings/1?a=b": "/meetings/1?a=b", "": "/", "https://evil.example": "/", "//evil.example": "/",
		`/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/",
	} {
		if got := web.LocalPath(next); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func TestOtherSitesCannotAct(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", false)
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	for name, edit := range map[string]func(*http.Request){
		"Sec-Fetch-Site": func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "cross-site") },
		"Origin":         func(q *http.Request) { q.Header.Set("Origin", "https://evil.example") },
	} {
		resp := form(r, "/signout", nil, func(q *http.Request) { q.AddCookie(c); edit(q) })
		resp.Body.Close()
		if resp.StatusCode != 403 {
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
	if got := status(r, "/api/v1/me", c); got != 200 {
		t.Errorf("the session was ended by another site: %d", got)
	}
}

func TestFirstAdministrator(t *testing.T) {
	ctx := context.Background()
	t.Run("with a password", func(t *testing.T) {
		r := webtest.Start(t, nil)
		run, err := web.EnsureFirstAdmin(ctx, r.Store, webtest.Password)
		if err != nil || !run.Created || run.Secret != "" {
			t.Fatalf("got %+v, %v", run, err)
		}
		if run, err := web.EnsureFirstAdmin(ctx, r.Store, "et annet passord"); err != nil || run != (web.FirstRun{}) {
			t.Errorf("the second time: %+v, %v", run, err)
		}
		c := sessionCookie(t, signIn(r, "admin", webtest.Password, nil))
		if got := status(r, "/api/v1/users", c); got != 200 {
			t.Errorf("the administrator's list of users: %d", got)
		}
	})
	t.Run("with a short one", func(t *testing.T) {
		r := webtest.Start(t, nil)
		if _, err := web.EnsureFirstAdmin(ctx, r.Store, "kort"); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("got %v", err)
		}
	})
	t.Run("with a link", func(t *testing.T) {
		r := webtest.Start(t, nil)
		old, err := web.EnsureFirstAdmin(ctx, r.Store, "")
		if err != nil {
			t.Fatal(err)
		}
		run, err := web.EnsureFirstAdmin(ctx, r.Store, "")
		if err != nil || run.Secret == "" || run.Secret == old.Secret {
			t.Fatalf("got %+v, %v", run, err)
		}
		for _, secret := range []string{"", "feil", old.Secret} {
			if got := status(r, "/setup?token="+secret, nil); got != 404 {
				t.Errorf("secret %.4q: %d", secret, got)
			}
		}
		if got := status(r, "/setup?token="+run.Secret, nil); got != 200 {
			t.Fatalf("the link: %d", got)
		}
		set := func(token, password, repeat string) *http.Response {
			return form(r, "/setup", url.Values{"token": {token}, "password": {password}, "repeat": {repeat}}, nil)
		}
		for _, bad := range []*http.Response{set(run.Secret, "kort", "kort"), set(run.Secret, webtest.Password, "noe annet her"), set("feil", webtest.Password, webtest.Password)} {
			bad.Body.Close()
			if bad.StatusCode != 422 && bad.StatusCode != 404 {
				t.Errorf("bad set-up: %s", bad.Status)
			}
		}
		c := sessionCookie(t, set(run.Secret, webtest.Password, webtest.Password))
		if got := status(r, "/api/v1/users", c); got != 200 {
			t.Errorf("the administrator's list of users: %d", got)
		}
		again := set(run.Secret, webtest.Password, webtest.Password)
		again.Body.Close()
		if again.StatusCode != 404 {
			t.Errorf("the secret worked twice: %s", again.Status)
		}
		if strings.Contains(r.Log.String(), run.Secret) {
			t.Error("the secret is in the log")
		}
	})
}

func TestTokens(t *testing.T) {
	r := webtest.Start(t, nil)
	ahead := clockOf(r)
	r.User("kari", false)
	r.User("sjef", true)
	ctx := context.Background()
	if _, err := web.MintToken(ctx, r.Store, "kari", "x", []store.Scope{store.ScopeAdmin}, 0); referent.CodeOf(err) != referent.CodeForbidden {
		t.Errorf("admin scope for an ordinary user: %v", err)
	}
	if _, err := web.MintToken(ctx, r.Store, "kari", "x", nil, 0); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("no scope: %v", err)
	}
	cases := []struct {
		scope              store.Scope
		read, write, admin int
	}{
		{store.ScopeRead, 200, 403, 403},
		{store.ScopeWrite, 403, 201, 403},
		{store.ScopeAdmin, 403, 403, 200},
	}
	for _, c := range cases {
		token := r.Token("sjef", c.scope)
		for _, a := range []struct {
			method, path, body string
			want               int
		}{{"GET", "/api/v1/meetings", "", c.read}, {"POST", "/api/v1/meetings", `{"title":"x"}`, c.write}, {"GET", "/api/v1/workers", "", c.admin}} {
			resp := r.Do(a.method, a.path, token, strings.NewReader(a.body), nil)
			if body := text(t, resp); resp.StatusCode != a.want {
				t.Errorf("scope %s, %s %s: %s %s", c.scope, a.method, a.path, resp.Status, body)
			}
		}
	}
	short, err := web.MintToken(ctx, r.Store, "kari", "x", []store.Scope{store.ScopeRead}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	ahead(2 * time.Minute)
	resp := r.Do("GET", "/api/v1/me", short, nil, nil)
	resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("an expired token: %s", resp.Status)
	}
}

func TestLanguage(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("kari", false)
	page := func(edit func(*http.Request)) string { return text(t, r.Do("GET", "/signin", "", nil, edit)) }
	if p := page(nil); !strings.Contains(p, `lang="nb"`) || !strings.Contains(p, "Brukernavn") {
		t.Error("not bokmål by default")
	}
	if p := page(func(q *http.Request) { q.Header.Set("Accept-Language", "nn-NO,en;q=0.5") }); !strings.Contains(p, "Brukarnamn") {
		t.Error("not nynorsk when the browser asks for it")
	}
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	resp := form(r, "/language", url.Values{"language": {"en"}, "next": {"/"}}, func(q *http.Request) { q.AddCookie(c) })
	resp.Body.Close()
	if p := text(t, r.Do("GET", "/", "", nil, func(q *http.Request) { q.AddCookie(c); q.Header.Set("Accept-Language", "nb") })); !strings.Contains(p, "New recording") {
		t.Error("a person's own choice does not go before the browser's")
	}
	token := r.Token("kari", store.ScopeRead)
	for lang, want := range map[string]string{"nb": "finnes ikke", "nn": "finst ikkje", "en": "does not exist", "": "does not exist"} {
		resp := r.Do("GET", "/api/v1/meetings/nope", token, nil, func(q *http.Request) {
			if lang != "" {
				q.Header.Set("Accept-Language", lang)
			}
		})
		if body := text(t, resp); !strings.Contains(body, want) || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%q: %s", lang, body)
		}
	}
}

// Links that are not good cost nothing until there are many, then whoever comes from that address waits, with a good one
// too; passwords are counted apart, and another address is not kept.
func TestWrongLinksCostTime(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	var mu sync.Mutex
	now := time.Now()
	r.Server.SetClock(func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
	first := must(web.EnsureFirstAdmin(t.Context(), r.Store, ""))(t)
	r.User("kari", false)
	open := func(secret, from string) *http.Response {
		resp := r.Do("GET", "/setup?token="+secret, "", nil, func(q *http.Request) { q.Header.Set("X-Forwarded-For", from) })
		resp.Body.Close()
		return resp
	}
	const guesser, neighbour = "192.0.2.1", "192.0.2.2"
	for range 150 {
		if got := open("", guesser).StatusCode; got != 404 { // nothing was tried
			t.Fatal(got)
		}
	}
	for i := range 101 {
		if got := open(fmt.Sprint("feil", i), guesser).StatusCode; got != 404 {
			t.Fatalf("wrong link %d: %d", i+1, got)
		}
		if i == 99 {
			if got := open(first.Secret, guesser).StatusCode; got != 200 {
				t.Errorf("a good link after many that are not: %d", got)
			}
		}
	}
	resp := r.Do("GET", "/setup?token="+first.Secret, "", nil, func(q *http.Request) { q.Header.Set("X-Forwarded-For", guesser) })
	if page := text(t, resp); resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "1" || !strings.Contains(page, "For mange forsøk. Vent 1 sekunder") {
		t.Errorf("after too many: %s, %s", resp.Status, page)
	}
	set := form(r, "/setup", url.Values{"token": {first.Secret}, "password": {webtest.Password}, "repeat": {webtest.Password}},
		func(q *http.Request) { q.Header.Set("X-Forwarded-For", guesser) })
	set.Body.Close()
	if set.StatusCode != 429 {
		t.Errorf("a password for it: %s", set.Status)
	}
	if got := open(first.Secret, neighbour).StatusCode; got != 200 {
		t.Errorf("from another address: %d", got)
	}
	in := signIn(r, "kari", webtest.Password, func(q *http.Request) { q.Header.Set("X-Forwarded-For", guesser) })
	in.Body.Close()
	if in.StatusCode != 303 {
		t.Errorf("by password, meanwhile: %s", in.Status)
	}
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	if got := open(first.Secret, guesser).StatusCode; got != 200 {
		t.Errorf("after waiting: %d", got)
	}
}
