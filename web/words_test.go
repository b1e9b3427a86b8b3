package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// Who keeps which word lists, what a list can hold, and that who comes second loses nothing.
func TestWordLists(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari", "ola", "siri")
	ctx := t.Context()
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		for _, d := range []store.Department{{ID: "a", Name: "Skole"}, {ID: "b", Name: "Vei"}, {ID: "h", Name: "Hjemmetjeneste", Health: true}} {
			if err := tx.PutDepartment(ctx, &d); err != nil {
				return err
			}
		}
		for _, m := range []store.Membership{{User: id["kari"], Department: "a", Role: "admin"}, {User: id["ola"], Department: "a", Role: "referent"},
			{User: id["siri"], Department: "h", Role: "admin"}} {
			if err := tx.PutMembership(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}))
	const at = "/api/v1/words"
	put := func(who, department, body, words, version string, want int) web.WordList {
		t.Helper()
		return ask[web.WordList](r, "PUT", at, token[who], `{"department":"`+department+`","body":"`+body+`","words":[`+words+`],"version":"`+version+`"}`, want)
	}
	for _, c := range []struct {
		who, department string
		want            int
	}{
		{"sjef", "", 200}, {"sjef", "a", 200}, {"sjef", "h", 404}, {"sjef", "none", 404}, {"sjef", "*", 404},
		{"kari", "a", 200}, {"kari", "", 403}, {"kari", "b", 404}, {"ola", "a", 403}, {"siri", "h", 200}, {"siri", "", 403},
	} {
		body := "Råd for " + c.who
		l := put(c.who, c.department, body, `"Øygarden","Øygarden","St. Olavs"`, "", c.want)
		if c.want == 200 && (l.Department != c.department || l.Body != body || !slices.Equal(l.Words, []string{"Øygarden", "St. Olavs"}) || l.By != id[c.who] || l.Version == "" || l.Changed.IsZero()) {
			t.Errorf("%s in %q: %+v", c.who, c.department, l)
		}
	}
	for who, want := range map[string]int{"sjef": 3, "kari": 2, "siri": 1} {
		if got := ask[[]web.WordList](r, "GET", at, token[who], "", 200); len(got) != want {
			t.Errorf("%s keeps %+v", who, got)
		}
	}
	ask[web.Problem](r, "GET", at, token["ola"], "", 403)
	for _, words := range []string{`"<b>"`, `"12"`, `"` + strings.Repeat("å", 61) + `"`} {
		put("kari", "a", "", words, "", 422)
	}

	// A list of other words than were read is not written over; the same words are the same list.
	first := put("kari", "a", "", `"Nav"`, "", 200)
	second := put("kari", "a", "", `"Nav","Husbanken"`, first.Version, 200)
	if p := ask[web.Problem](r, "PUT", at, token["kari"], `{"department":"a","words":[],"version":"`+first.Version+`"}`, 409); p.Hint == "" {
		t.Errorf("told %+v", p)
	}
	put("kari", "a", "", `"Nav"`, second.Version, 200)
	put("kari", "a", "", `"Nav"`, second.Version, 200) // a second click: it stands there already, and is no change
	put("kari", "a", "", ``, first.Version, 200)
	put("kari", "a", "", `"x"`, first.Version, 409)
	acts, err := r.Store.Acts(ctx, store.ActFilter{What: store.ActWords, User: id["kari"]})
	if err != nil || len(acts) != 5 || acts[0].Department != "a" {
		t.Errorf("acts: %+v, %v", acts, err)
	}
	if log := r.Log.String(); !strings.Contains(log, `"word list changed"`) || strings.Contains(log, "Husbanken") || strings.Contains(log, "Råd for") {
		t.Error("the log lacks the change, or tells words")
	}

	put("kari", "a", strings.Repeat("å", 301), `"x"`, "", 422)

	// The pages do the same.
	as := func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token["kari"]) }
	save := func(words, version string) *http.Response {
		return form(r, "/admin/words/list", url.Values{"department": {"a"}, "body": {" Råd  X "}, "words": {words}, "version": {version}}, as)
	}
	resp := save("Nav\r\nHusbanken;Åsane", "")
	resp.Body.Close()
	if to := resp.Header.Get("Location"); resp.StatusCode != 303 || to != "/admin/words/list?body=R%C3%A5d+X&department=a&saved" {
		t.Fatalf("saved: %s to %s", resp.Status, to)
	}
	page := text(t, r.Do("GET", resp.Header.Get("Location"), token["kari"], nil, nil))
	if !strings.Contains(page, "Lagret. Listen har 3 ord.") || !strings.Contains(page, ">\nNav\nHusbanken\nÅsane</textarea>") || !strings.Contains(page, "Skole – Råd X") {
		t.Errorf("the list's page: %s", page)
	}
	resp = save("Mitt eget ord\nNav", "stale")
	if page = text(t, resp); resp.StatusCode != 409 || !strings.Contains(page, ">\nMitt eget ord\nNav</textarea>") || !strings.Contains(page, "<strong>Husbanken, Åsane</strong>") || !strings.Contains(page, "<strong>Mitt eget ord</strong>") {
		t.Errorf("told of a stale save: %s %s", resp.Status, page)
	}
	if !strings.Contains(page, "du har selv lagret listen et annet sted") || strings.Contains(page, "bare i en annen rekkefølge") {
		t.Errorf("told of one's own save: %s", page)
	}
	if page = text(t, save("Åsane\nNav\nHusbanken", "stale")); !strings.Contains(page, "bare i en annen rekkefølge") {
		t.Errorf("told of another order: %s", page)
	}
	resp = save("Nav\nHusbanken;Åsane", "stale")
	resp.Body.Close()
	if resp.StatusCode != 303 {
		t.Errorf("sent again: %s", resp.Status)
	}
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutWordList(ctx, &store.WordList{Department: "a", Body: "Råd X", Words: []string{"Nav", "Husbanken", "Åsane"}, By: id["sjef"]})
	}))
	if page = text(t, save("Nav", "stale")); !strings.Contains(page, "noen andre har endret listen") || !strings.Contains(page, " av sjef.") {
		t.Errorf("told of another's save: %s", page)
	}
	if page = text(t, form(r, "/admin/words/list", url.Values{"department": {"a"}, "body": {"Tomt råd"}, "words": {"Nav"}, "version": {"stale"}}, as)); !strings.Contains(page, "listen er tømt") {
		t.Errorf("told of an emptied list: %s", page)
	}
	resp = form(r, "/admin/words/list", url.Values{"department": {"a"}, "body": {strings.Repeat("å", 301)}, "words": {"Nav"}}, as)
	resp.Body.Close()
	if resp.StatusCode != 422 {
		t.Errorf("a body with too long a name: %s", resp.Status)
	}
	for _, c := range []struct {
		who, department string
		want            int
	}{{"ola", "a", 403}, {"kari", "", 403}, {"kari", "b", 404}, {"siri", "a", 404}, {"siri", "", 403}, {"sjef", "h", 404}} {
		resp := form(r, "/admin/words/list", url.Values{"department": {c.department}, "body": {"Nytt"}, "words": {"Nav"}},
			func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token[c.who]) })
		resp.Body.Close()
		if _, err := r.Store.WordList(ctx, c.department, "Nytt"); resp.StatusCode != c.want || !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s writes in %q: %s, %v", c.who, c.department, resp.Status, err)
		}
	}
	resp = save("ja\n<script>", "stale")
	if page = text(t, resp); resp.StatusCode != 422 || !strings.Contains(page, "linje 2 har et tegn") || !strings.Contains(page, ` autofocus data-line="2"`) || !strings.Contains(page, "ja\n&lt;script&gt;</textarea>") {
		t.Errorf("told of a fault: %s %s", resp.Status, page)
	}
	for who, want := range map[string]int{"kari": 200, "ola": 403, "siri": 404} {
		for _, path := range []string{"/admin/words/list?department=a"} {
			resp := r.Do("GET", path, token[who], nil, nil)
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s: %s as %s, want %d", path, resp.Status, who, want)
			}
		}
	}
	// What leads there is for those who keep lists.
	hub := text(t, r.Do("GET", "/admin", token["kari"], nil, nil))
	if !strings.Contains(hub, `href="/admin/words"`) || strings.Contains(hub, `href="/admin/users"`) {
		t.Errorf("the page of administration: %s", hub)
	}
	if page := text(t, r.Do("GET", "/", token["ola"], nil, nil)); strings.Contains(page, `href="/admin`) {
		t.Error("a referent is led to administration")
	}
	resp = r.Do("GET", "/admin", token["ola"], nil, nil)
	resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("administration as a referent: %s", resp.Status)
	}
}
