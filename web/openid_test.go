package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent/access"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/openid/oidctest"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

type said = map[string]map[string]any // by subject

// withProvider starts a server whose people sign in at a real provider too.
func withProvider(t *testing.T, change func(*web.OpenID)) (*webtest.Rig, *oidctest.Provider) {
	t.Helper()
	var at *oidctest.Provider
	r := webtest.Start(t, func(c *web.Config) {
		at = oidctest.Start(t, c.PublicURL+"/signin/oidc/callback", c.PublicURL+"/signin", false)
		c.OpenID = &web.OpenID{Label: "Kommunen", EndSession: true, Config: openid.Config{Issuer: at.URL, ClientID: oidctest.Client, Secret: oidctest.Secret,
			Scopes: []string{"profile"}, Claims: openid.Claims{User: "preferred_username", Name: "name", Roles: "groups"}},
			Roles: []web.ClaimedRole{{Value: "sjef", Administrator: true}, {Value: "skole", Department: "skole", Role: "referent"}, {Value: "skole-2", Department: school, Role: "referent"},
				{Value: "revisor", Department: access.All, Role: "auditor"}, {Value: "nowhere", Department: "Finnes ikke", Role: "referent"}}}
		if change != nil {
			change(c.OpenID)
		}
	})
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutDepartment(t.Context(), &store.Department{ID: school, Name: "Skole"})
	}))
	return r, at
}

// clockOf gives the server a clock, before its first request, and returns what sets how far that is ahead.
func clockOf(r *webtest.Rig) func(ahead time.Duration) {
	var late atomic.Int64
	r.Server.SetClock(func() time.Time { return time.Now().Add(time.Duration(late.Load())) })
	return func(ahead time.Duration) { late.Store(int64(ahead)) }
}

// get is an answer to a browser, with its body read.
func get(t *testing.T, b *http.Client, address string) (*http.Response, string) {
	t.Helper()
	resp := must(b.Get(address))(t)
	return resp, text(t, resp)
}

// meOf is who the browser's session is of, and whether there is one.
func meOf(t *testing.T, r *webtest.Rig, b *http.Client) (me web.Me, ok bool) {
	t.Helper()
	resp, body := get(t, b, r.URL+"/api/v1/me")
	if resp.StatusCode != http.StatusOK {
		return me, false
	}
	webtest.Check(t, json.Unmarshal([]byte(body), &me))
	return me, true
}

func TestOpenID(t *testing.T) {
	r, at := withProvider(t, nil)
	late := clockOf(r)
	kari := r.User("kari", true) // local, and an administrator
	enter := r.URL + "/signin/oidc?next=" + url.QueryEscape("/api/v1/me?x=1")
	browser := func() *http.Client { return oidctest.Browser(t, "") }

	t.Run("strangers", func(t *testing.T) {
		at.Say(said{"7": {"preferred_username": "kari", "groups": []string{"nowhere"}}})
		b := browser()
		resp, body := at.SignIn(b, enter, "7")
		if resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "Be en administrator om en rolle") {
			t.Errorf("a stranger: %s %s", resp.Status, body)
		}
		if _, in := meOf(t, r, b); in || len(must(r.Store.Users(t.Context()))(t)) != 1 {
			t.Error("a stranger was let in, or remembered")
		}
	})

	b := browser()
	t.Run("claims", func(t *testing.T) {
		at.Say(said{"7": {"preferred_username": "kari", "name": "Kari Nordmann", "groups": []string{"skole", "skole-2", "revisor", "sjef", "other"}}})
		resp, body := at.SignIn(b, enter, "7")
		if resp.StatusCode != http.StatusOK || resp.Request.URL.RequestURI() != "/api/v1/me?x=1" {
			t.Fatalf("came to %s: %s %s", resp.Request.URL, resp.Status, body)
		}
		me, _ := meOf(t, r, b)
		if me.ID == kari.ID || me.Name != "kari 2" || me.DisplayName != "Kari Nordmann" || !me.Admin || len(me.Departments) != 1 || len(me.Departments[0].Roles) != 1 {
			t.Fatalf("signed in as %+v", me)
		}
		if u := must(r.Store.User(t.Context(), kari.ID))(t); u.Issuer != "" || u.DisplayName != "" {
			t.Errorf("the local user of that name became %+v", u)
		}
		if _, body := get(t, b, r.URL+"/"); !strings.Contains(body, "Kari Nordmann") {
			t.Error("the page does not say who is signed in")
		}
		// Roles by hand stay when those by claim go, also the same role.
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			return tx.PutMembership(t.Context(), store.Membership{User: me.ID, Department: school, Role: "referent"})
		}))
		at.Say(said{"7": {"name": "Kari Hansen", "groups": "revisor"}})
		at.SignIn(b, enter, "7")
		me2, _ := meOf(t, r, b)
		if me2.ID != me.ID || me2.DisplayName != "Kari Hansen" || me2.Name != "kari 2" || me2.Admin || len(me2.May) != 1 || len(me2.Departments) != 1 || len(me2.Departments[0].Roles) != 1 {
			t.Errorf("signed in again as %+v", me2)
		}
		at.Say(said{"7": {}})
		at.SignIn(b, enter, "7") // let in by the role that was given by hand
		roles := must(r.Store.Memberships(t.Context(), me.ID))(t)
		if me3, in := meOf(t, r, b); !in || len(me3.May) != 0 || len(roles) != 1 || roles[0].ByClaim {
			t.Errorf("without claims %+v, with %+v", me3, roles)
		}
		// Without that one too they are out, and their session with them.
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteMembership(t.Context(), roles[0]) }))
		token := r.Token(me.Name, store.ScopeRead)
		ask[web.Me](r, "GET", "/api/v1/me", token, "", 200)
		other := browser()
		if resp, _ := at.SignIn(other, enter, "7"); resp.StatusCode != http.StatusForbidden {
			t.Errorf("without any role: %s", resp.Status)
		}
		if _, in := meOf(t, r, b); in {
			t.Error("the session goes on without any role")
		}
		ask[web.Problem](r, "GET", "/api/v1/me", token, "", 401)
		at.Say(said{"7": {"groups": "skole"}})
		at.SignIn(b, enter, "7")
		acts := must(r.Store.Acts(t.Context(), store.ActFilter{User: me.ID}))(t)
		if len(acts) != 8 || acts[0].What != store.ActRoleGiven || acts[0].Department != school || acts[0].By != "" {
			t.Errorf("the log of administration: %+v", acts)
		}
	})

	t.Run("a new session", func(t *testing.T) {
		here := must(url.Parse(r.URL))(t)
		before := b.Jar.Cookies(here)
		at.SignIn(b, enter, "7")
		if _, in := meOf(t, r, b); !in {
			t.Fatal("not signed in")
		}
		for _, c := range before {
			if c.Name == "referent_session" && status(r, "/api/v1/me", c) != http.StatusUnauthorized {
				t.Error("the session from before the sign-in goes on")
			}
		}
		for _, c := range b.Jar.Cookies(here) {
			if strings.Contains(c.Name, "_flow") {
				t.Error("the cookie of the sign-in is left")
			}
		}
	})

	t.Run("a day at most", func(t *testing.T) {
		var session *http.Cookie
		for _, c := range b.Jar.Cookies(must(url.Parse(r.URL))(t)) {
			if c.Name == "referent_session" {
				session = c
			}
		}
		defer late(0)
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{11 * time.Hour, 200}, {22 * time.Hour, 200}, {24*time.Hour + time.Minute, 401}} { // in use all the time
			late(c.after)
			if got := status(r, "/api/v1/me", session); got != c.want {
				t.Errorf("after %v: %d", c.after, got)
			}
		}
		late(0)
		at.SignIn(b, enter, "7")
	})

	// What the provider gave ends for a program too: 30 days after the person was last there.
	t.Run("tokens", func(t *testing.T) {
		at.Say(said{"7": {"groups": []string{"skole", "sjef"}}})
		at.SignIn(b, enter, "7")
		me, _ := meOf(t, r, b)
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			return tx.PutMembership(t.Context(), store.Membership{User: me.ID, Department: school, Role: "archive"})
		}))
		token := r.Token(me.Name, store.ScopeRead, store.ScopeAdmin)
		defer late(0)
		for _, c := range []struct {
			after time.Duration
			admin bool
			roles int
		}{{29 * 24 * time.Hour, true, 2}, {31 * 24 * time.Hour, false, 1}} {
			late(c.after)
			got := ask[web.Me](r, "GET", "/api/v1/me", token, "", 200)
			if got.Admin != c.admin || (len(got.May) > 0) != c.admin || len(got.Departments) != 1 || len(got.Departments[0].Roles) != c.roles {
				t.Errorf("after %v: %+v", c.after, got)
			}
		}
		late(0)
		gone := &store.User{ID: "gone", Name: "gone", Issuer: "https://gone.example", Subject: "7", AdminByClaim: true, LastSignIn: time.Now()}
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error { return tx.PutUser(t.Context(), gone) }))
		if got := ask[web.Me](r, "GET", "/api/v1/me", r.Token("gone", store.ScopeRead, store.ScopeAdmin), "", 200); got.Admin || len(got.May) > 0 {
			t.Errorf("by the claims of a provider that is no longer ours: %+v", got)
		}
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			return tx.DeleteMembership(t.Context(), store.Membership{User: me.ID, Department: school, Role: "archive"})
		}))
	})

	t.Run("redirects", func(t *testing.T) {
		for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "/" + strings.Repeat("x", 2000), "/?" + strings.Repeat("\x01&", 600)} {
			resp, _ := at.SignIn(b, r.URL+"/signin/oidc?next="+url.QueryEscape(next), "7")
			if resp.Request.URL.String() != r.URL+"/" {
				t.Errorf("%.30q leads to %.50s", next, resp.Request.URL)
			}
		}
	})

	t.Run("answers that nobody waits for", func(t *testing.T) {
		back := r.URL + "/signin/oidc/callback"
		stop := oidctest.Browser(t, back)
		resp, _ := at.SignIn(stop, enter, "7")
		answer := must(resp.Location())(t).String()
		flow := slices.DeleteFunc(stop.Jar.Cookies(must(url.Parse(r.URL))(t)), func(c *http.Cookie) bool { return !strings.HasPrefix(c.Name, "referent_session_flow_") })
		if len(flow) != 1 || strings.Contains(flow[0].Value, must(url.Parse(answer))(t).Query().Get("state")) {
			t.Fatalf("cookies: %v", flow)
		}
		ask := func(b *http.Client, address string) (int, string) {
			resp, body := get(t, b, address)
			return resp.StatusCode, body
		}
		if code, body := ask(browser(), answer); code != http.StatusUnauthorized || !strings.Contains(body, "avbrutt eller tok for lang tid") {
			t.Errorf("another browser: %d %s", code, body)
		}
		if code, _ := ask(browser(), back); code != http.StatusUnauthorized {
			t.Errorf("nothing: %d", code)
		}
		withCookie := func(address string) int {
			req := must(http.NewRequest("GET", address, nil))(t)
			req.AddCookie(flow[0])
			resp := must(r.HTTP.Do(req))(t)
			resp.Body.Close()
			return resp.StatusCode
		}
		state := must(url.Parse(answer))(t).Query().Get("state")
		for _, other := range []string{"x" + state, state[:8] + "x", state[:3]} {
			if code := withCookie(strings.Replace(answer, "state="+state, "state="+other, 1)); code != http.StatusUnauthorized {
				t.Errorf("the state %s in the place of %s: %d", other, state, code)
			}
		}
		late(11 * time.Minute)
		if code := withCookie(answer); code != http.StatusUnauthorized {
			t.Errorf("after eleven minutes: %d", code)
		}
		late(0)
		if code := withCookie(answer); code != http.StatusSeeOther {
			t.Errorf("the answer itself: %d", code)
		}
		if code := withCookie(answer); code != http.StatusUnauthorized {
			t.Errorf("the answer again: %d", code)
		}
		at.Tamper(func(tokens map[string]any) { tokens["id_token"] = "eyJhbGciOiJub25lIn0.e30." })
		code, body := 0, ""
		resp, body = at.SignIn(browser(), enter, "7")
		at.Tamper(nil)
		if code = resp.StatusCode; code != http.StatusUnauthorized || !strings.Contains(body, "Svaret fra Kommunen kunne ikke godkjennes") {
			t.Errorf("a forged token: %d %s", code, body)
		}
	})

	t.Run("in two tabs", func(t *testing.T) {
		b := browser()
		stop := &http.Client{Jar: b.Jar, CheckRedirect: oidctest.Browser(t, at.URL).CheckRedirect}
		var tabs []string
		for range 2 {
			resp, _ := get(t, stop, enter)
			tabs = append(tabs, must(resp.Location())(t).String())
		}
		for i, tab := range tabs {
			if resp, body := at.SignIn(b, tab, "7"); resp.StatusCode != http.StatusOK {
				t.Errorf("tab %d: %s %s", i, resp.Status, body)
			}
		}
		before := oidctest.Browser(t, at.URL)
		for range 7 {
			get(t, before, enter)
		}
		if left := before.Jar.Cookies(must(url.Parse(r.URL))(t)); len(left) != 4 {
			t.Errorf("%d sign-ins under way in one browser", len(left))
		}
	})

	// Wrong passwords from an address do not keep those behind it from the provider, nor answers that cost no call.
	t.Run("what is counted", func(t *testing.T) {
		stop, b := oidctest.Browser(t, at.URL), browser()
		for i := range 22 {
			signIn(r, fmt.Sprintf("nobody %d", i), "feil passord her", nil).Body.Close()
			resp, _ := get(t, stop, enter)
			state := must(resp.Location())(t).Query().Get("state")
			get(t, stop, r.URL+"/signin/oidc/callback?code=c&iss=x&state="+state)
		}
		if resp := signIn(r, "kari", webtest.Password, nil); resp.StatusCode != http.StatusTooManyRequests {
			t.Fatalf("by password: %s", resp.Status)
		}
		if resp, body := at.SignIn(b, enter, "7"); resp.StatusCode != http.StatusOK {
			t.Errorf("by the provider: %s %s", resp.Status, body)
		}
	})

	t.Run("the provider's no", func(t *testing.T) {
		stop := oidctest.Browser(t, at.URL)
		resp, _ := get(t, stop, enter)
		q := must(resp.Location())(t).Query()
		if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("redirect_uri") != r.URL+"/signin/oidc/callback" || q.Get("scope") != "openid profile" {
			t.Errorf("asked with %v", q)
		}
		answer := url.Values{"state": {q.Get("state")}, "iss": {at.URL}, "error": {"access_denied"}, "error_description": {"<script>"}}
		resp, body := get(t, stop, r.URL+"/signin/oidc/callback?"+answer.Encode())
		if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "Kommunen ga ikke tilgang") || strings.Contains(body, "<script>") || !strings.Contains(body, "next=%2Fapi%2Fv1%2Fme") {
			t.Errorf("%s %s", resp.Status, body)
		}
	})

	t.Run("locked out", func(t *testing.T) {
		me, in := meOf(t, r, b)
		token := r.Token(me.Name, store.ScopeRead)
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			u, err := tx.User(t.Context(), me.ID)
			if err == nil {
				u.Disabled = true
				err = tx.PutUser(t.Context(), u)
			}
			return err
		}))
		_, still := meOf(t, r, b)
		resp := r.Do("GET", "/api/v1/me", token, nil, nil)
		resp.Body.Close()
		if !in || still || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("a session: %v, and a token: %s, of a user who is locked out", still, resp.Status)
		}
		resp, body := at.SignIn(browser(), enter, "7")
		if resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "sperret") {
			t.Errorf("signing in: %s %s", resp.Status, body)
		}
	})
	if log := r.Log.String(); strings.Contains(log, "Kari") || strings.Contains(log, oidctest.Secret) || !strings.Contains(log, `"sign-in at the provider failed"`) {
		t.Error("the log names people, or tells a secret, or does not tell of what failed")
	}
}

// One without a name and without a role is remembered, and let in when somebody gives them one.
func TestOpenIDWaiting(t *testing.T) {
	r, at := withProvider(t, func(o *web.OpenID) { o.Admit = web.AdmitWaiting })
	b := oidctest.Browser(t, "")
	var id string
	for range 2 {
		resp, body := at.SignIn(b, r.URL+"/signin/oidc", "7")
		users := must(r.Store.Users(t.Context()))(t)
		if len(users) != 1 || resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "brukeren «"+users[0].Name+"»") || !users[0].LastSignIn.IsZero() {
			t.Fatalf("%s, %+v: %s", resp.Status, users, body)
		}
		id = users[0].ID
	}
	r.User("sjef", true)
	inLog := func() bool {
		page := text(t, r.Do("GET", "/admin/log", r.Token("sjef", store.ScopeRead, store.ScopeAdmin), nil, nil))
		return strings.Contains(page, `<option value="`+id+`"`)
	}
	if inLog() {
		t.Error("the log can be searched for all who wait")
	}
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutMembership(t.Context(), store.Membership{User: id, Department: school, Role: "registrar"})
	}))
	if !inLog() {
		t.Error("one with a role cannot be found in the log")
	}
	at.SignIn(b, r.URL+"/signin/oidc", "7")
	if me, in := meOf(t, r, b); !in || me.ID != id || len(me.Departments) != 1 {
		t.Errorf("signed in as %+v", me)
	}
}

// A provider that does not answer keeps nobody from signing out here, or in with a password.
func TestOpenIDIsDown(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	r := webtest.Start(t, func(c *web.Config) {
		c.OpenID = &web.OpenID{EndSession: true, Config: openid.Config{Issuer: down.URL, ClientID: "x"}}
	})
	u := r.User("kari", false)
	if resp := r.Do("GET", "/signin/oidc", "", nil, nil); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text(t, resp), "127.0.0.1 svarer ikke nå") {
		t.Errorf("signing in there: %s", resp.Status)
	}
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.DeleteSessionsOf(t.Context(), u.ID); err != nil {
			return err
		}
		return tx.PutSession(t.Context(), &store.Session{TokenHash: web.HashSecret(c.Value), User: u.ID, Issuer: down.URL, Expires: time.Now().Add(time.Hour)})
	}))
	if got := status(r, "/api/v1/me", c); got != http.StatusOK {
		t.Fatalf("signed in: %d", got)
	}
	out := text(t, form(r, "/signout", nil, func(q *http.Request) { q.AddCookie(c) }))
	if !strings.Contains(out, "kan du fortsatt være innlogget") || strings.Contains(out, "http-equiv") || status(r, "/api/v1/me", c) != http.StatusUnauthorized {
		t.Errorf("signing out: %s", out)
	}
}

// Signing out ends the session here, and leads to the provider's own end of it.
func TestOpenIDSignOut(t *testing.T) {
	r, at := withProvider(t, func(o *web.OpenID) { o.Admit, o.AdminsOnly = web.AdmitEverybody, true })
	at.Say(said{"7": {"preferred_username": "admin"}})
	b := oidctest.Browser(t, "")
	if resp, body := at.SignIn(b, r.URL+"/signin/oidc", "7"); resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", resp.Status, body)
	}
	if me, _ := meOf(t, r, b); me.Name != "admin 2" { // the first administrator's name is kept for them
		t.Errorf("signed in as %+v", me)
	}
	resp := must(b.PostForm(r.URL+"/signout", nil))(t)
	if body := text(t, resp); !strings.Contains(body, `http-equiv="refresh"`) || !strings.Contains(body, at.URL+"/session/end?client_id=referent&amp;post_logout_redirect_uri="+url.QueryEscape(r.URL+"/signin")) {
		t.Errorf("signing out: %s", body)
	}
	if _, in := meOf(t, r, b); in {
		t.Error("still signed in")
	}

	// Passwords are for administrators only, and who comes with one is not sent to the provider.
	r.User("ola", false)
	r.User("sjef", true)
	if resp := signIn(r, "ola", webtest.Password, nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a password of one who is no administrator: %s", resp.Status)
	}
	c := sessionCookie(t, signIn(r, "sjef", webtest.Password, nil))
	out := form(r, "/signout", nil, func(q *http.Request) { q.AddCookie(c) })
	if out.Body.Close(); out.Header.Get("Location") != "/signin" {
		t.Errorf("an administrator signs out to %q", out.Header.Get("Location"))
	}
	if page := text(t, r.Do("GET", "/signin?next=/x", "", nil, nil)); !strings.Contains(page, "Logg inn med Kommunen") || !strings.Contains(page, `href="/signin/oidc?next=%2fx"`) && !strings.Contains(page, `href="/signin/oidc?next=%2Fx"`) {
		t.Errorf("the page: %s", page)
	}
}
