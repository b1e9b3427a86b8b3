package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// The form that has minutes written again as something else asks for what the API asks for, and changes nothing where
// they cannot be written again.
func TestRemakeAsSomethingElse(t *testing.T) {
	r := webtest.Start(t, nil)
	r.StartWorker()
	id, token := people(r, "sjef", "kari", "ola")
	school := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":"Skole"}`, 201).ID
	for _, given := range []string{id["kari"] + "/registrar", id["kari"] + "/referent", id["kari"] + "/approver", id["ola"] + "/admin"} {
		ask[struct{}](r, "PUT", departments+"/"+school+"/members/"+given, token["sjef"], "", 204)
	}
	path, meeting := begin(r, token["kari"], len(transcriptVTT), meta("title", "Driftsmøte", "department", school))
	if resp := patch(r, path, token["kari"], 0, strings.NewReader(transcriptVTT)); resp.StatusCode != 204 {
		t.Fatal(resp.Status)
	}
	at := "/api/v1/meetings/" + meeting
	written := func(versions int) {
		t.Helper()
		r.Eventually("the minutes are written", func() bool {
			m := must(r.Store.Meeting(t.Context(), meeting))(t)
			return m.State == referent.StateDraft && len(must(r.Pipeline.MinutesVersions(t.Context(), meeting))(t)) == versions
		})
	}
	remake := func(user, kind, language string, status int) (page string) {
		t.Helper()
		body := url.Values{"kind": {kind}, "language": {language}}.Encode()
		resp := r.Do("POST", "/meetings/"+meeting+"/minutes/remake", token[user], strings.NewReader(body), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("Accept-Language", "nb")
		})
		// What cannot be done is told where the minutes are read, to those who may read them.
		reads := user == "kari" && status != http.StatusSeeOther
		if page = text(t, resp); resp.StatusCode != status || strings.Contains(page, `id="remake-kind"`) != (reads && status == 422) || strings.Contains(page, `id="minutes-alert"`) != reads {
			t.Errorf("%s, %s %s: %s %s", user, kind, language, resp.Status, page)
		}
		return page
	}
	is := func(kind referent.Kind, language referent.Language) {
		t.Helper()
		if m := must(r.Store.Meeting(t.Context(), meeting))(t); m.Kind != kind || m.Language != language {
			t.Errorf("the meeting is a %s in %s", m.Kind, m.Language)
		}
	}
	written(1)

	remake("ola", "moteprotokoll", "nb", 403) // who runs the installation has it done again, and does not say what it is
	remake("kari", "king", "nb", 422)
	if page := remake("kari", "referat", "sv", 422); !strings.Contains(page, "finnes ikke i målformen du valgte") {
		t.Errorf("told: %s", page)
	}
	is(referent.KindReferat, referent.Bokmal)
	remake("ola", "referat", "nb", 303)
	written(2)
	remake("kari", "moteprotokoll", "nn", 303)
	is(referent.KindProtocol, referent.Nynorsk)
	written(3)
	if v := ask[web.MinutesVersion](r, "GET", at+"/minutes", token["kari"], "", 200); v.Version != 3 || v.Minutes.Kind != referent.KindProtocol || v.Minutes.Language != referent.Nynorsk {
		t.Errorf("written: version %d, a %s in %s", v.Version, v.Minutes.Kind, v.Minutes.Language)
	}

	// A template that is gone is still what the meeting is, and not the first of the list.
	made := func(kind referent.Kind) {
		t.Helper()
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			m := must(tx.Meeting(t.Context(), meeting))(t)
			m.Kind = kind
			return tx.UpdateMeeting(t.Context(), m)
		}))
	}
	made("borte")
	if page := text(t, r.Do("GET", "/meetings/"+meeting+"/minutes", token["kari"], nil, nil)); !strings.Contains(page, `<option value="borte" selected>`) {
		t.Error("the kind whose template is gone is not chosen")
	}

	made(referent.KindProtocol)
	ask[web.MinutesVersion](r, "POST", at+"/minutes/approve", token["kari"], version(check(r, at, token["kari"]).Version), 200)
	remake("kari", "referat", "nb", 409)
	is(referent.KindProtocol, referent.Nynorsk)
	if page := text(t, r.Do("GET", "/meetings/"+meeting+"/minutes", token["kari"], nil, nil)); strings.Contains(page, "minutes/remake") {
		t.Error("approved minutes can be written again")
	}
}
