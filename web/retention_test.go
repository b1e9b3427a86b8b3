package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// The owner is told when the audio goes; who keeps the archive holds the meeting against everybody, the owner too.
func TestRetentionAndHold(t *testing.T) {
	r := webtest.Start(t, nil)
	ctx := t.Context()
	_, token := people(r, "sjef", "kari", "revisor")
	id, at := uploadCouncil(r, token["kari"])
	silence(r, id)
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutDepartment(ctx, &store.Department{ID: "h", Name: "Hjemmetjeneste", Health: true})
	}))
	who := must(r.Store.UserByName(ctx, "revisor"))(t)
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutMembership(ctx, store.Membership{User: who.ID, Department: store.AllDepartments, Role: "auditor"})
	}))
	auditor := r.Token("revisor", store.ScopeRead, store.ScopeAdmin)

	if k := ask[web.Keep](r, "GET", at+"/retention", token["kari"], "", 200); len(k.Dues) != 0 || k.Hold != nil {
		t.Errorf("before anybody approved: %+v", k)
	}
	ask[web.Problem](r, "DELETE", at+"/transcript", token["kari"], "", 409)
	ready := check(r, at, token["kari"])
	ask[web.MinutesVersion](r, "POST", at+"/minutes/approve", token["kari"], version(ready.Version), 200)
	k := ask[web.Keep](r, "GET", at+"/retention", token["kari"], "", 200)
	if len(k.Dues) != 2 || k.Dues[0].What != retention.Audio || time.Until(k.Dues[0].At).Round(24*time.Hour) != 30*24*time.Hour || k.Dues[1].What != retention.Meeting {
		t.Errorf("after the approval: %+v", k)
	}
	page := func(path, token string) string {
		t.Helper()
		resp := r.Do("GET", path, token, nil, func(q *http.Request) { q.Header.Set("Accept-Language", "nb") })
		body := text(t, resp)
		if resp.StatusCode != 200 || strings.Contains(body, "retention.") {
			t.Fatalf("%s: %s, or a text is missing: %s", path, resp.Status, body)
		}
		return body
	}
	if body := page("/meetings/"+id, token["kari"]); !strings.Contains(body, "Lyden slettes "+k.Dues[0].At.Local().Format("02.01.2006")) || strings.Contains(body, "Båndlegg") {
		t.Error("the page does not tell the owner when the audio goes, or offers a hold")
	}

	// The auditor sees what is to come; of a meeting that one may not see, only that there is one.
	calendar := ask[web.Calendar](r, "GET", "/api/v1/retention", auditor, "", 200)
	if len(calendar.Meetings) != 1 || calendar.Meetings[0].Meeting != id || calendar.Meetings[0].Title != "" || calendar.Rules.Default.Audio != 30 {
		t.Errorf("the auditor sees %+v", calendar)
	}
	if p := ask[pipeline.Purge](r, "GET", "/api/v1/purge?days=400", auditor, "", 200); len(p.Meetings) != 1 || p.Meetings[0].Meeting != id || p.Meetings[0].Kind != "" || p.Meetings[0].Rule != "" {
		t.Errorf("the auditor is told %+v", p)
	}
	if p := ask[pipeline.Purge](r, "GET", "/api/v1/purge?days=400", token["sjef"], "", 200); len(p.Meetings) != 1 || p.Meetings[0].Kind == "" || p.Meetings[0].Rule == "" {
		t.Errorf("who may see the meeting is told %+v", p)
	}
	calendar = ask[web.Calendar](r, "GET", "/api/v1/retention", token["sjef"], "", 200)
	if len(calendar.Meetings) != 1 || calendar.Meetings[0].Title == "" {
		t.Errorf("the administrator sees %+v", calendar)
	}
	if c := ask[web.Calendar](r, "GET", "/api/v1/retention?days=10", auditor, "", 200); len(c.Meetings) != 0 {
		t.Errorf("in ten days: %+v", c)
	}
	ask[web.Problem](r, "GET", "/api/v1/retention", token["kari"], "", 403)
	if body := page("/admin/retention", token["sjef"]); !strings.Contains(body, "etter 30 dager") || !strings.Contains(body, "aldri av seg selv") || !strings.Contains(body, id) {
		t.Error("the page of the calendar lacks the rules, or the meeting")
	}

	// The owner neither holds nor erases what is held.
	reason := `{"reason":"Klagesak 26/113"}`
	ask[web.Problem](r, "PUT", at+"/hold", token["kari"], reason, 403)
	ask[web.Problem](r, "PUT", at+"/hold", token["sjef"], `{"reason":" "}`, 422)
	ask[web.Keep](r, "PUT", at+"/hold", token["sjef"], reason, 200)
	for path, method := range map[string]string{at: "DELETE", at + "/audio": "DELETE", at + "/transcript": "DELETE"} {
		if p := ask[web.Problem](r, method, path, token["kari"], "", 409); p.Code != referent.CodeHeld || !strings.Contains(p.Detail, "båndlagt") {
			t.Errorf("%s %s: %+v", method, path, p)
		}
	}
	if body := page("/meetings/"+id, token["kari"]); !strings.Contains(body, "av sjef: Klagesak 26/113") || !strings.Contains(body, "Uten båndleggingen") {
		t.Error("the page does not tell of the hold")
	}
	if body := page("/meetings/"+id+"/delete", token["kari"]); strings.Contains(body, `action="/meetings/`+id+`/delete"`) || !strings.Contains(body, "båndlagt") {
		t.Error("the page offers to erase what is held")
	}
	form := func(token string, v url.Values, want int) {
		t.Helper()
		resp := r.Do("POST", "/meetings/"+id+"/hold", token, strings.NewReader(v.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
		if text(t, resp); resp.StatusCode != want {
			t.Errorf("%v: %s, want %d", v, resp.Status, want)
		}
	}
	form(token["kari"], url.Values{"edit": {"release"}}, 403)
	form(token["sjef"], url.Values{"edit": {"release"}}, 303)
	ask[struct{}](r, "DELETE", at+"/hold", token["sjef"], "", 204) // there is none
	form(token["sjef"], url.Values{"edit": {"hold"}, "reason": {"Tilsyn"}}, 303)
	ask[struct{}](r, "DELETE", at+"/hold", token["sjef"], "", 204)

	// The words can go before the minutes do.
	receipt := ask[store.Receipt](r, "DELETE", at+"/transcript", token["kari"], "", 200)
	if receipt.What != store.ErasedTranscript || receipt.Blobs == 0 {
		t.Errorf("receipt: %+v", receipt)
	}
	ask[web.Problem](r, "GET", at+"/transcript.json", token["kari"], "", 404)
	for _, format := range []string{"json", "html", "docx", "pdf", "md", "txt"} {
		if resp := r.Do("GET", at+"/minutes."+format, token["kari"], nil, nil); resp.StatusCode != 200 {
			t.Errorf("minutes.%s without the transcript: %s", format, resp.Status)
		}
	}
	for _, path := range []string{"/meetings/" + id, "/meetings/" + id + "/minutes"} {
		if !strings.Contains(page(path, token["kari"]), "Vedtak") {
			t.Errorf("%s does not show the minutes", path)
		}
	}
	if body := page("/admin/retention", token["sjef"]); !strings.Contains(body, "Transkripsjon og lyd") || !strings.Contains(body, "kari") {
		t.Error("the page lacks the receipt")
	}
}

// Whoever has the calendar gone through is told the kind of what was erased as long as they could see it.
func TestPurgeTellsOfWhatCouldBeSeen(t *testing.T) {
	const rules = "pipeline.retention_rules"
	r := webtest.Start(t, nil)
	ctx := t.Context()
	_, token := people(r, "sjef", "kari")
	r.Eventually("the rules are told", func() bool { _, err := r.Store.Setting(ctx, rules); return err == nil })
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		told := map[string]any{}
		webtest.Check(t, json.Unmarshal([]byte(must(tx.Setting(ctx, rules))(t)), &told))
		told["since"] = time.Now().AddDate(0, 0, -8)
		webtest.Check(t, tx.PutSetting(ctx, rules, string(must(json.Marshal(told))(t))))
		webtest.Check(t, tx.PutDepartment(ctx, &store.Department{ID: "h", Name: "Hjemmetjeneste", Health: true}))
		old := time.Now().AddDate(0, 0, -500)
		for id, department := range map[string]string{"open": "", "closed": "h"} {
			m := &referent.Meeting{ID: id, Department: department, Kind: referent.KindReferat, State: referent.StateApproved, Created: old, Updated: old}
			webtest.Check(t, tx.CreateMeeting(ctx, m, []byte("key")))
		}
		return nil
	}))
	ask[web.Problem](r, "POST", "/api/v1/purge", token["kari"], "", 403)
	p := ask[pipeline.Purge](r, "POST", "/api/v1/purge", token["sjef"], "", 200)
	if len(p.Meetings) != 2 || p.Counts["meeting"] != 2 || len(p.Failed) != 0 || p.More != 0 {
		t.Fatalf("it tells %+v", p)
	}
	for _, x := range p.Meetings {
		if seen := x.Kind != "" && x.Rule != ""; seen != (x.Meeting == "open") || !seen && x.Kind+x.Rule != "" {
			t.Errorf("it tells %+v", x)
		}
	}
	if p = ask[pipeline.Purge](r, "POST", "/api/v1/purge", token["sjef"], "", 200); len(p.Meetings) != 0 {
		t.Errorf("again: %+v", p)
	}
}
