package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent/access"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

const usersAPI = "/api/v1/users"

// choose opens a link and chooses a password with it.
func choose(r *webtest.Rig, link, password string) *http.Response {
	r.T.Helper()
	u := must(url.Parse(link))(r.T)
	if !strings.HasPrefix(link, r.URL+"/setup?token=") {
		r.T.Fatalf("the link is %q", link)
	}
	return form(r, "/setup", url.Values{"token": {u.Query().Get("token")}, "password": {password}, "repeat": {password}}, nil)
}

func TestUsersAreInvited(t *testing.T) {
	r := webtest.Start(t, nil)
	ahead := clockOf(r)
	_, token := people(r, "sjef")
	made := ask[web.NewAccount](r, "POST", usersAPI, token["sjef"], `{"name":"kari","display_name":" Kari  Nordmann "}`, 201)
	if made.DisplayName != "Kari Nordmann" || made.Admin || !made.LastSignIn.IsZero() {
		t.Errorf("made %+v", made)
	}
	if resp := signIn(r, "kari", "", nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("signing in without a password: %s", resp.Status)
	}
	if page := text(t, r.Do("GET", strings.TrimPrefix(made.Invitation, r.URL), "", nil, nil)); !strings.Contains(page, "brukeren «kari»") {
		t.Errorf("the invitation: %s", page)
	}
	if resp := choose(r, made.Invitation, "kort"); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a short password: %s", resp.Status)
	}
	c := sessionCookie(t, choose(r, made.Invitation, "mitt eget gode passord"))
	if got := status(r, "/api/v1/me", c); got != http.StatusOK {
		t.Errorf("signed in by the invitation: %d", got)
	}
	if resp := choose(r, made.Invitation, "en annens passord"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the invitation worked twice: %s", resp.Status)
	}

	// A new password ends what the old one opened, when it is chosen and not before. A newer link ends an older.
	old := ask[web.NewAccount](r, "POST", usersAPI+"/"+made.ID+"/invitation", token["sjef"], "", 201)
	again := ask[web.NewAccount](r, "POST", usersAPI+"/"+made.ID+"/invitation", token["sjef"], "", 201)
	if resp := choose(r, old.Invitation, webtest.Password); resp.StatusCode != http.StatusNotFound || status(r, "/api/v1/me", c) != http.StatusOK {
		t.Errorf("the older link: %s", resp.Status)
	}
	sessionCookie(t, choose(r, again.Invitation, webtest.Password))
	if got := status(r, "/api/v1/me", c); got != http.StatusUnauthorized {
		t.Errorf("the session of the old password: %d", got)
	}
	late := ask[web.NewAccount](r, "POST", usersAPI, token["sjef"], `{"name":"sen"}`, 201)
	ahead(8 * 24 * time.Hour)
	if resp := choose(r, late.Invitation, webtest.Password); resp.StatusCode != http.StatusNotFound {
		t.Errorf("after eight days: %s", resp.Status)
	}
	ahead(0)
	for body, want := range map[string]int{`{"name":"KARI"}`: 409, `{"name":"Local"}`: 409, `{"name":" "}`: 422, `{"name":"x","password":"kort"}`: 422} {
		ask[web.Problem](r, "POST", usersAPI, token["sjef"], body, want)
	}
	if log := r.Log.String(); strings.Contains(log, "Nordmann") || strings.Contains(log, "token=") {
		t.Error("the log names people or tells a link")
	}
}

func TestDisabling(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari")
	at := usersAPI + "/" + id["kari"]
	c := sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	ask[struct{}](r, "DELETE", at+"/sessions", token["sjef"], "", 204)
	if got := status(r, "/api/v1/me", c); got != http.StatusUnauthorized {
		t.Errorf("a session that was ended: %d", got)
	}
	ask[web.Me](r, "GET", "/api/v1/me", token["kari"], "", 200) // tokens go on
	c = sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	link := ask[web.NewAccount](r, "POST", at+"/invitation", token["sjef"], "", 201).Invitation
	if u := ask[web.Account](r, "PATCH", at, token["sjef"], `{"disabled":true}`, 200); !u.Disabled || u.LastSignIn.IsZero() {
		t.Errorf("%+v", u)
	}
	if got := status(r, "/api/v1/me", c); got != http.StatusUnauthorized {
		t.Errorf("a session of one who is locked out: %d", got)
	}
	ask[web.Problem](r, "GET", "/api/v1/me", token["kari"], "", 401)
	ask[web.Problem](r, "POST", at+"/invitation", token["sjef"], "", 403)
	if resp := choose(r, link, webtest.Password); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an invitation from before: %s", resp.Status)
	}
	if resp := signIn(r, "kari", webtest.Password, nil); resp.StatusCode != http.StatusForbidden || !strings.Contains(text(t, resp), "sperret") {
		t.Errorf("signing in: %s", resp.Status)
	}
	if resp := signIn(r, "kari", "feil passord her", nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a wrong password: %s", resp.Status)
	}
	ask[web.Account](r, "PATCH", at, token["sjef"], `{"disabled":false}`, 200)
	ask[web.Problem](r, "GET", "/api/v1/me", token["kari"], "", 401) // what was deleted stays so
	sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
	ask[web.Problem](r, "PATCH", usersAPI+"/none", token["sjef"], `{}`, 404)
}

// Nobody locks themselves out, reaches above themselves, or leaves the installation without an administrator.
func TestAdministratorsStay(t *testing.T) {
	r := webtest.Start(t, nil)
	must(web.MintLocalToken(t.Context(), r.Store, ""))(t)
	id, token := people(r, "sjef", "kari", "ola")
	local := must(r.Store.UserByName(t.Context(), web.LocalUser))(t).ID
	ask[struct{}](r, "PUT", departments+"/*/members/"+id["ola"]+"/admin", token["sjef"], "", 204)
	ola := r.Token("ola", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	patch := func(token, user, body string, want int) {
		t.Helper()
		ask[web.Account](r, "PATCH", usersAPI+"/"+user, token, body, want)
	}
	patch(token["sjef"], id["sjef"], `{"disabled":true}`, 409)
	patch(token["sjef"], id["sjef"], `{"admin":false}`, 409)
	patch(token["sjef"], local, `{"disabled":true}`, 409)
	patch(ola, id["sjef"], `{"display_name":"Ny sjef"}`, 403)
	patch(ola, id["sjef"], `{"disabled":true}`, 403)
	patch(ola, id["ola"], `{"admin":true}`, 403)
	patch(ola, id["kari"], `{"admin":true}`, 403)
	ask[web.Problem](r, "POST", usersAPI+"/"+id["sjef"]+"/invitation", ola, "", 403)
	ask[web.Problem](r, "DELETE", usersAPI+"/"+id["sjef"]+"/sessions", ola, "", 403)
	patch(ola, id["kari"], `{"display_name":"Kari Nordmann"}`, 200)

	// A link that was made before opens no administrator.
	link := ask[web.NewAccount](r, "POST", usersAPI+"/"+id["kari"]+"/invitation", ola, "", 201).Invitation
	patch(token["sjef"], id["kari"], `{"admin":true}`, 200)
	if resp := choose(r, link, "en annens gode passord"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a link from before the promotion: %s", resp.Status)
	}
	kari := r.Token("kari", store.ScopeRead, store.ScopeAdmin)
	patch(kari, id["sjef"], `{"admin":false}`, 200)
	patch(kari, id["sjef"], `{"disabled":true}`, 200)
	if last := ask[web.Account](r, "PATCH", usersAPI+"/"+id["kari"], r.Token(web.LocalUser, store.ScopeAdmin), `{"admin":false}`, 409); last.Admin {
		t.Errorf("%+v", last)
	}
	if u := must(r.Store.User(t.Context(), id["kari"]))(t); !u.Admin || u.DisplayName != "Kari Nordmann" {
		t.Errorf("the last administrator is %+v", u)
	}

	// What was done stands in the log, also for an auditor, who sees nothing else.
	auditor := r.User("revisor", false).ID
	ask[struct{}](r, "PUT", departments+"/*/members/"+auditor+"/auditor", kari, "", 204)
	reads := r.Token("revisor", store.ScopeRead, store.ScopeAdmin)
	acts := ask[[]web.Act](r, "GET", "/api/v1/administration?user="+id["sjef"], reads, "", 200)
	var got []string
	for _, a := range acts {
		got = append(got, a.What+" by "+a.By)
	}
	want := []string{"user_disabled by " + id["kari"], "admin_unmade by " + id["kari"], "admin_made by " + id["sjef"], "role_given by " + id["sjef"]}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ask[web.Problem](r, "GET", "/api/v1/administration?what=everything", reads, "", 422)
	ask[web.Problem](r, "GET", usersAPI, reads, "", 403)
	if page := text(t, r.Do("GET", "/admin/log?what=admin_unmade", reads, nil, nil)); strings.Count(page, "<tr>") != 2 || !strings.Contains(page, "Kari Nordmann") || !strings.Contains(page, "/admin/log.csv?what=admin_unmade") {
		t.Errorf("the page: %s", page)
	}
	patch(kari, id["kari"], `{"display_name":"=HYPERLINK(\"x\")"}`, 200)
	body, marked := strings.CutPrefix(text(t, r.Do("GET", "/admin/log.csv?what=admin_unmade", reads, nil, nil)), "\ufeff")
	rows := csv.NewReader(strings.NewReader(body))
	rows.Comma = ';'
	table := must(rows.ReadAll())(t)
	if !marked || len(table) != 2 || table[1][2] != "admin_unmade" || table[1][3] != id["kari"] || table[1][4] != `'=HYPERLINK("x")` || table[1][5] != id["sjef"] {
		t.Errorf("the table: %v", table)
	}
}

// Who signs in with a password is not replaced by people whom only a provider lets in.
func TestOneAdministratorHasAPassword(t *testing.T) {
	const issuer = "https://issuer.example"
	r := webtest.Start(t, func(c *web.Config) { c.OpenID = &web.OpenID{Config: openid.Config{Issuer: issuer, ClientID: "x"}} })
	sjef, ctx := r.User("sjef", true), t.Context()
	for name, u := range map[string]store.User{"anne": {Issuer: issuer, AdminByClaim: true}, "berit": {Issuer: issuer, Admin: true}, "gone": {Issuer: "https://gone.example", AdminByClaim: true}} {
		u.ID, u.Name, u.Subject, u.LastSignIn = name, name, name, time.Now()
		webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error { return tx.PutUser(ctx, &u) }))
	}
	anne := r.Token("anne", store.ScopeRead, store.ScopeAdmin)
	ask[web.Problem](r, "PATCH", usersAPI+"/"+sjef.ID, anne, `{"admin":false}`, 409)
	ask[web.Problem](r, "PATCH", usersAPI+"/"+sjef.ID, anne, `{"disabled":true}`, 409)
	ask[web.Problem](r, "PATCH", usersAPI+"/anne", anne, `{"admin":true}`, 409) // would stay when the claim is gone
	ask[web.Account](r, "PATCH", usersAPI+"/berit", anne, `{"admin":false}`, 200)
	r.User("to", true)
	ask[web.Account](r, "PATCH", usersAPI+"/"+sjef.ID, anne, `{"disabled":true}`, 200)
}

// Where passwords are for administrators only, nobody else gets a link, or goes on with a session from before.
func TestPasswordsForAdministrators(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) {
		c.OpenID = &web.OpenID{AdminsOnly: true, Config: openid.Config{Issuer: "https://issuer.example", ClientID: "x"}}
	})
	id, token := people(r, "sjef", "kari")
	ctx, session := t.Context(), &http.Cookie{Name: "referent_session", Value: "secret"}
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutSession(ctx, &store.Session{TokenHash: web.HashSecret("secret"), User: id["kari"], Expires: time.Now().Add(time.Hour)})
	}))
	ask[web.Problem](r, "POST", usersAPI, token["sjef"], `{"name":"ola"}`, 409)
	ask[web.Problem](r, "POST", usersAPI+"/"+id["kari"]+"/invitation", token["sjef"], "", 409)
	if got := status(r, "/api/v1/me", session); got != http.StatusUnauthorized {
		t.Errorf("a session from before: %d", got)
	}
	as := func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token["sjef"]) }
	page := text(t, form(r, "/admin/users", url.Values{"name": {"ola"}}, as))
	if !strings.Contains(page, "bare administratorer som logger inn med passord") || strings.Count(page, `value="invite"`) != 1 {
		t.Errorf("the page: %s", page)
	}
	page = text(t, form(r, "/admin/users", url.Values{"name": {"ola"}, "admin": {"1"}}, as))
	if ola := must(r.Store.UserByName(ctx, "ola"))(t); !ola.Admin || !strings.Contains(page, "/setup?token=") {
		t.Errorf("made %+v: %s", ola, page)
	}
	ask[web.Account](r, "PATCH", usersAPI+"/"+id["kari"], token["sjef"], `{"admin":true}`, 200)
	if got := status(r, "/api/v1/me", session); got != http.StatusOK {
		t.Errorf("an administrator's session: %d", got)
	}
}

// Each thing that administrators do stands in the log as what it is.
func TestKindsOfActs(t *testing.T) {
	r := webtest.Start(t, nil)
	must(web.EnsureFirstAdmin(t.Context(), r.Store, webtest.Password))(t)
	admin := r.Token(web.FirstAdmin, store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	made := ask[web.NewAccount](r, "POST", usersAPI, admin, `{"name":"kari","admin":true}`, 201)
	sessionCookie(t, choose(r, made.Invitation, webtest.Password))
	ask[web.NewAccount](r, "POST", usersAPI+"/"+made.ID+"/invitation", admin, "", 201)
	d := departments + "/" + ask[web.Department](r, "POST", departments, admin, `{"name":"Hjemmetjenesten","health":true}`, 201).ID
	for _, body := range []string{`{"health":false}`, `{"name":"Hjemme","health":true}`, `{"name":"Hjemme","health":true}`} {
		ask[web.Department](r, "PATCH", d, admin, body, 200)
	}
	acts := must(r.Store.Acts(t.Context(), store.ActFilter{}))(t)
	var got []string
	for _, a := range slices.Backward(acts) {
		got = append(got, a.What)
		if a.By == "" {
			t.Errorf("done by nobody: %+v", a)
		}
	}
	want := []string{"user_made", "admin_made", "user_made", "admin_made", "invitation_made", "password_chosen", "invitation_made",
		"department_made", "health_set", "health_taken", "department_changed", "health_set"}
	if !slices.Equal(got, want) {
		t.Errorf("the log:\n%v\nwant\n%v", got, want)
	}
}

// A role that the provider gives is shown as such, and not taken away here.
func TestRolesByClaim(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari")
	ctx := t.Context()
	claimed := store.Membership{User: id["kari"], Department: access.All, Role: "auditor", ByClaim: true}
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error { return tx.PutMembership(ctx, claimed) }))
	at := departments + "/*/members"
	ask[web.Problem](r, "DELETE", at+"/"+id["kari"]+"/auditor", token["sjef"], "", 409)
	for range 2 {
		ask[struct{}](r, "PUT", at+"/"+id["kari"]+"/auditor", token["sjef"], "", 204)
	}
	if got := ask[[]web.DepartmentMember](r, "GET", at, token["sjef"], "", 200); len(got) != 2 || got[0].ByClaim || !got[1].ByClaim {
		t.Errorf("members: %+v", got)
	}
	page := text(t, r.Do("GET", "/admin/departments", token["sjef"], nil, nil))
	if strings.Count(page, `value="take"`) != 1 || !strings.Contains(page, "fra innloggingen") {
		t.Error("the page does not tell the two roles apart")
	}
	ask[struct{}](r, "DELETE", at+"/"+id["kari"]+"/auditor", token["sjef"], "", 204)
	if got := must(r.Store.Memberships(ctx, id["kari"]))(t); len(got) != 1 || !got[0].ByClaim {
		t.Errorf("left: %+v", got)
	}
	if acts := must(r.Store.Acts(ctx, store.ActFilter{}))(t); len(acts) != 2 {
		t.Errorf("what was done: %+v", acts)
	}
}
