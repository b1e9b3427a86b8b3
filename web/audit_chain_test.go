package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	chain "github.com/referent/referent/audit"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// linksOf are the entries after a number.
func linksOf(r *webtest.Rig, after int64) (all []chain.Entry) {
	r.T.Helper()
	for _, l := range must(r.Store.AuditLinks(r.T.Context(), after, 0))(r.T) {
		all = append(all, must(l.Parse())(r.T))
	}
	return all
}

func kinds(all []chain.Entry) (names []string) {
	for _, e := range all {
		names = append(names, e.Kind)
	}
	return names
}

// What somebody takes out is proved on another machine, and that they took it out is the last link.
func TestAuditExport(t *testing.T) {
	r := webtest.Start(t, nil)
	_, token := people(r, "sjef", "kari")
	ask[web.Problem](r, "GET", "/api/v1/audit", token["kari"], "", 403)
	ask[web.Problem](r, "GET", "/api/v1/audit/head", token["kari"], "", 403)
	ask[web.Problem](r, "GET", "/api/v1/audit/verification", token["kari"], "", 403)
	noted := ask[chain.Head](r, "GET", "/api/v1/audit/head", token["sjef"], "", 200)

	file := text(t, r.Do("GET", "/api/v1/audit", token["sjef"], nil, nil))
	report := must(chain.VerifyFile(strings.NewReader(file), &noted))(t)
	if !report.OK() || !report.Whole || !report.Noted || report.Head.Seq != noted.Seq+1 {
		t.Errorf("the file: %+v", report)
	}
	last := must(chain.ParseLine([]byte(file[strings.LastIndex(strings.TrimSpace(file), "\n")+1:])))(t)
	e := must(last.Parse())(t)
	sjef := must(r.Store.UserByName(t.Context(), "sjef"))(t)
	if !strings.Contains(string(e.Facts), store.ActAuditExported) || e.By != sjef.ID {
		t.Errorf("the last link: %+v", e)
	}
	for _, days := range []string{"?from=2000-01-01", "?to=2999-01-01"} {
		if r := must(chain.VerifyFile(strings.NewReader(text(t, r.Do("GET", "/api/v1/audit"+days, token["sjef"], nil, nil))), nil))(t); !r.OK() || r.Links < report.Links {
			t.Errorf("%s: %+v", days, r)
		}
	}
	for _, days := range []string{"?to=2000-01-01", "?from=2999-01-01"} {
		if body := text(t, r.Do("GET", "/api/v1/audit"+days, token["sjef"], nil, nil)); body != "" {
			t.Errorf("%s: %q", days, body)
		}
	}
	if v := ask[chain.Report](r, "GET", "/api/v1/audit/verification?head="+noted.String(), token["sjef"], "", 200); !v.OK() || !v.Noted || v.Rows == 0 {
		t.Errorf("the database: %+v", v)
	}
	other := chain.Head{Seq: noted.Seq, Hash: strings.Repeat("ab", 32)}
	if v := ask[chain.Report](r, "GET", "/api/v1/audit/verification?head="+other.String(), token["sjef"], "", 200); v.OK() || v.Findings[0].Fault != chain.Rewritten {
		t.Errorf("with another head: %+v", v)
	}
	ask[web.Problem](r, "GET", "/api/v1/audit/verification?head=17", token["sjef"], "", 422)
	head := must(r.Store.AuditHead(t.Context()))(t)
	if page := text(t, r.Do("GET", "/admin/log", token["sjef"], nil, nil)); !strings.Contains(page, head.String()) {
		t.Error("the page does not show the newest link")
	}
}

// A chain of many pages comes whole.
func TestLongAuditExport(t *testing.T) {
	r := webtest.Start(t, nil)
	_, token := people(r, "sjef")
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		for range 2500 {
			if err := tx.AddFailedSignIn(t.Context(), store.FailedSignIn{User: "u1"}); err != nil {
				return err
			}
		}
		return nil
	}))
	report := must(chain.VerifyFile(strings.NewReader(text(t, r.Do("GET", "/api/v1/audit", token["sjef"], nil, nil))), nil))(t)
	if !report.OK() || report.Links <= 2500 {
		t.Errorf("%+v", report)
	}
}

// Who signs in, out, or is not let in, stands in the chain: never what was written in the place of a name.
func TestSignInsAreAudited(t *testing.T) {
	r := webtest.Start(t, nil)
	kari := r.User("kari", false)
	at := must(r.Store.AuditHead(t.Context()))(t).Seq
	try := func(name, password string) *http.Response {
		t.Helper()
		resp := r.Do("POST", "/signin", "", strings.NewReader(url.Values{"name": {name}, "password": {password}}.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
		resp.Body.Close()
		return resp
	}
	const typed = "Passordet-i-feil-felt-9"
	try(typed, "kari")
	for range 7 {
		try("kari", "feil passord")
	}
	var locked, unlocked int
	all := linksOf(r, at)
	for i, e := range all {
		switch text := string(e.Facts); {
		case e.Kind != store.AuditNoSignIn:
			t.Errorf("link %d: %+v", i, e)
		case i == 0 && !strings.Contains(text, `"user":""`), i > 0 && !strings.Contains(text, kari.ID):
			t.Errorf("link %d is of somebody else: %s", i, text)
		case strings.Contains(text, `"locked":true`):
			locked++
		default:
			unlocked++
		}
	}
	if unlocked != 6 || locked != 1 { // the seventh had to wait, and was not looked at
		t.Errorf("%d links of failures, %d that lock: %v", unlocked, locked, kinds(all))
	}
	r.User("ola", false)
	at = must(r.Store.AuditHead(t.Context()))(t).Seq
	resp := try("ola", webtest.Password)
	out := r.Do("POST", "/signout", "", nil, func(q *http.Request) {
		for _, c := range resp.Cookies() {
			q.AddCookie(c)
		}
	})
	out.Body.Close()
	if got := kinds(linksOf(r, at)); !slices.Equal(got, []string{store.AuditSignIn, store.AuditSignOut}) {
		t.Errorf("signing in and out adds %v", got)
	}
	for _, l := range must(r.Store.AuditLinks(t.Context(), 0, 0))(t) {
		if bytes.Contains(l.Entry, []byte(typed)) || bytes.Contains(l.Entry, []byte("kari")) {
			t.Errorf("the chain tells what was typed: %s", l.Entry)
		}
	}
	if v := must(r.Store.VerifyAudit(t.Context(), nil))(t); !v.OK() {
		t.Errorf("%+v", v)
	}
}
