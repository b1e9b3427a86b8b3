package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/referent/referent/client"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// The only administrator has lost the password: with what the server's machine has, they get in again, and the old one is no good.
func TestInviteWhoLostThePassword(t *testing.T) {
	r := webtest.Start(t, nil)
	r.User("sjef", true)
	r.User("kari", false)
	token := r.Token("sjef", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	run := func(args ...string) (code int, out, errs string) {
		t.Helper()
		a, o, e := newApp(locale.Bokmal, "REFERENT_SERVER="+r.URL, "REFERENT_TOKEN="+token)
		code = a.run(t.Context(), args)
		return code, o.String(), e.String()
	}
	if code, out, errs := run("users"); code != exitOK || !strings.Contains(out, " sjef (sjef): administrator") || !strings.Contains(out, " kari (kari): bruker") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if code, _, errs := run("users", "invite", "ingen"); code != exitNotFound || !strings.Contains(errs, "referent users") {
		t.Errorf("somebody who is not there: %d %s", code, errs)
	}
	code, out, errs := run("users", "invite", "sjef", "--json")
	var u client.User
	if err := json.Unmarshal([]byte(out), &u); code != exitOK || err != nil {
		t.Fatalf("%d %s %s: %v", code, out, errs, err)
	}
	link, err := url.Parse(u.Invitation)
	if err != nil || link.Query().Get("token") == "" {
		t.Fatalf("the link is %q: %v", u.Invitation, err)
	}
	const chosen = "et helt nytt og langt passord"
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(path string, form url.Values) int {
		t.Helper()
		res, err := browser.PostForm(r.URL+path, form)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := post(link.Path, url.Values{"token": {link.Query().Get("token")}, "password": {chosen}, "repeat": {chosen}}); got != http.StatusSeeOther {
		t.Fatalf("choosing: %d", got)
	}
	for password, want := range map[string]int{webtest.Password: http.StatusUnauthorized, chosen: http.StatusSeeOther} {
		if got := post("/signin", url.Values{"name": {"sjef"}, "password": {password}}); got != want {
			t.Errorf("signing in: %d, want %d", got, want)
		}
	}
}
