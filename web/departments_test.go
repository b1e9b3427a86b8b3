package web_test

import (
	"bufio"
	"context"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// people makes users, and returns their ids and tokens.
func people(r *webtest.Rig, names ...string) (ids, tokens map[string]string) {
	ids, tokens = map[string]string{}, map[string]string{}
	for _, name := range names {
		admin := name == "sjef"
		ids[name] = r.User(name, admin).ID
		scopes := []store.Scope{store.ScopeRead, store.ScopeWrite, store.ScopeAdmin}
		if !admin {
			scopes = scopes[:2]
		}
		tokens[name] = r.Token(name, scopes...)
	}
	return ids, tokens
}

const departments = "/api/v1/departments"

func TestDepartments(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari", "ola")
	school := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":" Skole "}`, 201)
	care := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":"Hjemmetjeneste","health":true}`, 201)
	if school.ID == "" || school.Name != "Skole" || school.Health || !care.Health {
		t.Errorf("made %+v and %+v", school, care)
	}
	ask[web.Problem](r, "POST", departments, token["sjef"], `{"name":"SKOLE"}`, 409)
	ask[web.Problem](r, "POST", departments, token["sjef"], `{"name":"  "}`, 422)
	ask[web.Problem](r, "PATCH", departments+"/none", token["sjef"], `{"name":"x"}`, 404)
	if d := ask[web.Department](r, "PATCH", departments+"/"+care.ID, token["sjef"], `{"name":"Omsorg"}`, 200); d.Name != "Omsorg" || !d.Health {
		t.Errorf("changed %+v", d)
	}
	if all := ask[[]web.Department](r, "GET", departments, token["sjef"], "", 200); len(all) != 2 || all[0].Name != "Omsorg" {
		t.Errorf("all: %+v", all)
	}

	member := func(department, user, role string) string {
		return departments + "/" + department + "/members/" + user + "/" + role
	}
	for _, role := range []string{"referent", "registrar", "referent"} {
		ask[struct{}](r, "PUT", member(school.ID, id["kari"], role), token["sjef"], "", 204)
	}
	for _, role := range access.Roles {
		ask[struct{}](r, "PUT", member(care.ID, id["ola"], string(role)), token["sjef"], "", 204)
		ask[struct{}](r, "DELETE", member(care.ID, id["ola"], string(role)), token["sjef"], "", 204)
	}
	ask[web.Problem](r, "PUT", member(school.ID, id["kari"], "king"), token["sjef"], "", 422)
	ask[web.Problem](r, "PUT", member(school.ID, "none", "referent"), token["sjef"], "", 404)
	ask[web.Problem](r, "PUT", member("none", id["kari"], "referent"), token["sjef"], "", 404)
	ask[web.Problem](r, "GET", departments+"/none/members", token["sjef"], "", 404)
	want := []web.DepartmentMember{{User: id["kari"], Name: "kari", Role: access.Registrar}, {User: id["kari"], Name: "kari", Role: access.Referent}}
	if got := ask[[]web.DepartmentMember](r, "GET", departments+"/"+school.ID+"/members", token["sjef"], "", 200); !slices.Equal(got, want) {
		t.Errorf("members: %+v", got)
	}
	if got := ask[[]web.DepartmentMember](r, "GET", departments+"/*/members", token["sjef"], "", 200); got == nil || len(got) != 0 {
		t.Errorf("members of all: %+v", got)
	}

	// Who asks learns what they may do, and no more than their token allows.
	me := ask[web.Me](r, "GET", "/api/v1/me", token["kari"], "", 200)
	if me.Name != "kari" || len(me.May) != 0 || len(me.Departments) != 1 || me.Departments[0].Name != "Skole" || len(me.Departments[0].Roles) != 2 ||
		!slices.Contains(me.Departments[0].May, access.CorrectContent) || slices.Contains(me.Departments[0].May, access.Approve) {
		t.Errorf("kari: %+v", me)
	}
	me = ask[web.Me](r, "GET", "/api/v1/me", token["sjef"], "", 200)
	if !slices.Equal(me.May, access.SystemPermissions()) || len(me.Departments) != 1 || slices.Contains(me.Departments[0].May, access.ReadContent) {
		t.Errorf("the administrator: %+v", me)
	}
	if me = ask[web.Me](r, "GET", "/api/v1/me", r.Token("sjef", store.ScopeRead), "", 200); len(me.May) != 0 || len(me.Departments) != 0 {
		t.Errorf("the administrator with a token that only reads: %+v", me)
	}

	// A role that is taken is gone at once.
	m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{"title":"Delt","department":"`+school.ID+`"}`, 201)
	ask[web.Problem](r, "GET", "/api/v1/meetings/"+m.ID, token["ola"], "", 404)
	ask[struct{}](r, "PUT", member(school.ID, id["ola"], "auditor"), token["sjef"], "", 204)
	if got := ask[referent.Meeting](r, "GET", "/api/v1/meetings/"+m.ID, token["ola"], "", 200); got.Department != school.ID {
		t.Errorf("ola sees %+v", got)
	}
	ask[struct{}](r, "DELETE", member(school.ID, id["ola"], "auditor"), token["sjef"], "", 204)
	ask[web.Problem](r, "DELETE", member(school.ID, id["ola"], "auditor"), token["sjef"], "", 404)
	ask[web.Problem](r, "GET", "/api/v1/meetings/"+m.ID, token["ola"], "", 404)

	// Those who administer through a role have the scope, others not.
	ask[struct{}](r, "PUT", member("*", id["ola"], "auditor"), token["sjef"], "", 204)
	auditor := r.Token("ola", store.ScopeRead, store.ScopeAdmin)
	ask[[]store.Receipt](r, "GET", "/api/v1/receipts", auditor, "", 200)
	ask[web.Problem](r, "GET", "/api/v1/users", auditor, "", 403)
	if log := r.Log.String(); !strings.Contains(log, `"role given"`) || !strings.Contains(log, `"role taken"`) || strings.Contains(log, "Skole") {
		t.Error("the log does not tell who was given what, or tells names")
	}
}

// Moving a meeting changes who reads it, so it takes reading it, and never leads out of health.
func TestMovingMeetings(t *testing.T) {
	r := webtest.Start(t, nil)
	ctx := t.Context()
	id, token := people(r, "kari", "ola", "per", "siri", "eva")
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		for _, d := range []store.Department{{ID: "a", Name: "A"}, {ID: "b", Name: "B"}, {ID: "h", Name: "H", Health: true}, {ID: "far", Name: "Far"}} {
			if err := tx.PutDepartment(ctx, &d); err != nil {
				return err
			}
		}
		for user, roles := range map[string][]string{"kari": {"a/registrar", "a/referent", "b/registrar", "h/registrar", "h/referent"}, "ola": {"a/registrar", "b/registrar"},
			"per": {"a/registrar", "a/referent", "b/registrar", "b/approver"}, "siri": {"a/registrar", "a/referent", "b/registrar", "b/archive"},
			"eva": {"a/registrar", "a/referent", "a/approver", "b/registrar", "b/approver"}} {
			for _, role := range roles {
				d, role, _ := strings.Cut(role, "/")
				if err := tx.PutMembership(ctx, store.Membership{User: id[user], Department: d, Role: role}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	for _, c := range []struct {
		who, from, to string
		want          int
	}{
		{"kari", "", "a", 200}, {"kari", "", "h", 200}, {"kari", "", "far", 404}, {"kari", "", "none", 404},
		{"kari", "a", "b", 200}, {"kari", "a", "a", 200}, {"kari", "a", "", 422}, {"kari", "a", "far", 404},
		{"kari", "h", "a", 403}, {"ola", "a", "b", 403}, {"kari", "b", "a", 403},
		{"per", "a", "b", 403}, {"siri", "a", "b", 403}, {"eva", "a", "b", 200}, // nobody gains approving or erasing
	} {
		m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token[c.who], `{"department":"`+c.from+`"}`, 201)
		ask[referent.Meeting](r, "PATCH", "/api/v1/meetings/"+m.ID, token[c.who], `{"department":"`+c.to+`","title":"Nytt"}`, c.want)
		got := must(r.Store.Meeting(ctx, m.ID))(t)
		want := c.from
		if c.want == 200 {
			want = c.to
		}
		if got.Department != want || (got.Title == "Nytt") != (c.want == 200) {
			t.Errorf("%s from %q to %q: %+v", c.who, c.from, c.to, got)
		}
		if c.from != "" && c.from != "h" { // the page offers what may be done
			page := text(t, r.Do("GET", "/meetings/"+ask[referent.Meeting](r, "POST", "/api/v1/meetings", token[c.who], `{"department":"`+c.from+`"}`, 201).ID, token[c.who], nil, nil))
			if c.to == "b" && strings.Contains(page, `<option value="b">`) != (c.want == 200) {
				t.Errorf("%s is offered to move from %q to %q: %v", c.who, c.from, c.to, c.want != 200)
			}
		}
	}
	if log := r.Log.String(); strings.Count(log, `"meeting moved"`) != 4 || !strings.Contains(log, `"from":"a","to":"b"`) {
		t.Error("the log does not tell what was moved")
	}
	// A department that is not there is closed to everybody.
	r.User("sjef", true)
	lost := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{}`, 201)
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error { return tx.MoveMeeting(ctx, lost.ID, "gone") }))
	for _, who := range []string{token["kari"], r.Token("sjef", store.ScopeRead, store.ScopeAdmin)} {
		ask[web.Problem](r, "GET", "/api/v1/meetings/"+lost.ID, who, "", 404)
	}
	// An upload makes a meeting in a department as well.
	_, meeting := begin(r, token["ola"], 10, meta("department", "a"))
	if got := must(r.Store.Meeting(ctx, meeting))(t); got.Department != "a" {
		t.Errorf("uploaded into %q", got.Department)
	}
	resp := tus(r, "POST", "/api/v1/uploads", token["ola"], nil, "Upload-Length", "10", "Upload-Metadata", meta("department", "h"))
	if resp.Body.Close(); resp.StatusCode != http.StatusNotFound {
		t.Errorf("uploading into a department that one does not see: %s", resp.Status)
	}
}

// The role of an administrator for all departments does not make administrators, who hold more.
func TestOnlyAdministratorsMakeAdministrators(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari")
	ask[struct{}](r, "PUT", departments+"/*/members/"+id["kari"]+"/admin", token["sjef"], "", 204)
	kari := r.Token("kari", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	user := func(name, admin string) string {
		return `{"name":"` + name + `","password":"` + webtest.Password + `","admin":` + admin + `}`
	}
	ask[web.Problem](r, "POST", "/api/v1/users", kari, user("per", "true"), 403)
	if u := ask[web.Account](r, "POST", "/api/v1/users", kari, user("per", "false"), 201); u.Admin {
		t.Errorf("made %+v", u)
	}
	u := ask[web.Account](r, "POST", "/api/v1/users", token["sjef"], user("nina", "true"), 201)
	if log := r.Log.String(); !u.Admin || !strings.Contains(log, `"user made","by":"`+id["sjef"]+`","user":"`+u.ID+`","admin":true`) || strings.Contains(log, "nina") {
		t.Errorf("made %+v, or the log does not tell of it", u)
	}
}

// Jobs that were given up are listed without the meetings that whoever lists them may not see.
func TestDeadLettersHideHealth(t *testing.T) {
	r := webtest.Start(t, nil)
	ctx := t.Context()
	id, token := people(r, "sjef", "kari")
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		for _, d := range []store.Department{{ID: "a", Name: "A"}, {ID: "h", Name: "H", Health: true}} {
			if err := tx.PutDepartment(ctx, &d); err != nil {
				return err
			}
			if err := tx.PutMembership(ctx, store.Membership{User: id["kari"], Department: d.ID, Role: string(access.Registrar)}); err != nil {
				return err
			}
		}
		return nil
	}))
	made := map[string]string{}
	for _, in := range []string{"a", "h"} {
		made[in] = ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{"department":"`+in+`"}`, 201).ID
		webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
			for chunk := range 2 {
				if err := tx.AddJob(ctx, &referent.Job{ID: "job-" + in + string(rune('0'+chunk)), Meeting: made[in], Stage: referent.StageTranscribe, Chunk: chunk,
					Priority: referent.PriorityBulk, State: referent.JobDead, Created: time.Now(), Updated: time.Now()}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	of := func() map[string]string {
		got := map[string]string{}
		for _, j := range ask[[]referent.Job](r, "GET", "/api/v1/dead-letters", token["sjef"], "", 200) {
			got[j.ID] = j.Meeting
		}
		return got
	}
	if got, want := of(), (map[string]string{"job-a0": made["a"], "job-a1": made["a"], "job-h0": "", "job-h1": ""}); !maps.Equal(got, want) {
		t.Errorf("given up: %v, want %v", got, want)
	}
	ask[struct{}](r, "PUT", departments+"/h/members/"+id["sjef"]+"/auditor", token["sjef"], "", 204)
	if got := of(); got["job-h1"] != made["h"] {
		t.Errorf("given up, for one of health: %v", got)
	}
}

// A page that was opened before a department was marked as one of health does not take the mark away.
func TestStaleRenameKeepsTheHealthMark(t *testing.T) {
	r := webtest.Start(t, nil)
	_, token := people(r, "sjef")
	d := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":"Omsorg"}`, 201)
	change := func(form url.Values) {
		t.Helper()
		resp := r.Do("POST", "/admin/departments/"+d.ID, token["sjef"], strings.NewReader(form.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
		if resp.Body.Close(); resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%v: %s", form, resp.Status)
		}
		d.Name, d.Health = "", false
		for _, row := range must(r.Store.Departments(t.Context()))(t) {
			d.Name, d.Health = row.Name, row.Health
		}
	}
	page := func() string { return text(t, r.Do("GET", "/admin/departments", token["sjef"], nil, nil)) }
	if !strings.Contains(page(), `name="was_health" value=""`) {
		t.Error("the page does not tell that the department is not of health")
	}
	change(url.Values{"name": {"Omsorg"}, "was_health": {""}, "health": {"1"}})
	if !d.Health || !strings.Contains(page(), `name="was_health" value="1"`) {
		t.Fatalf("marked: %+v", d)
	}
	change(url.Values{"name": {"Pleie"}, "was_health": {""}})
	if d.Name != "Pleie" || !d.Health {
		t.Errorf("after a stale rename: %+v", d)
	}
	change(url.Values{"name": {"Pleie"}, "was_health": {"1"}})
	if d.Health {
		t.Errorf("the mark cannot be taken away: %+v", d)
	}
}

// A role is given by user name, or by what only one person is called; what was written for it is not lost.
func TestRoleByName(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari", "kari2", "ola")
	called := func(name, display string) {
		webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
			u, err := tx.UserByName(t.Context(), name)
			if err != nil {
				return err
			}
			u.DisplayName = display
			return tx.PutUser(t.Context(), u)
		}))
	}
	called("kari", "Kari Nordmann")
	called("kari2", "Kari Nordmann")
	called("ola", "Ola Nordmann")
	d := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":"Skole"}`, 201)
	give := func(who string) (int, string) {
		form := url.Values{"edit": {"give"}, "who": {who}, "role": {"approver"}}
		resp := r.Do("POST", "/admin/departments/"+d.ID+"/members", token["sjef"], strings.NewReader(form.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("Accept-Language", "nb")
		})
		return resp.StatusCode, text(t, resp)
	}
	for who, want := range map[string]string{"Kari Nordmann": "Flere heter dette", "Per": "Ingen har dette brukernavnet", " ": "Ingen har dette brukernavnet"} {
		status, page := give(who)
		_, field, _ := strings.Cut(page, `id="user-`+d.ID+`"`)
		if field, _, _ = strings.Cut(field, "</form>"); status != 422 || !strings.Contains(field, `value="`+who+`"`) || !strings.Contains(field, `aria-invalid="true" aria-describedby="wrong-`+d.ID+`" autofocus`) ||
			!strings.Contains(field, want) || !strings.Contains(field, `<option value="approver" selected>`) || strings.Count(page, "aria-invalid") != 1 {
			t.Errorf("a role for %q: %d %s", who, status, field)
		}
	}
	for _, who := range []string{" ola nordmann ", "KARI"} {
		if status, _ := give(who); status != 303 {
			t.Errorf("a role for %q: %d", who, status)
		}
	}
	var got []string
	for _, m := range must(r.Store.Memberships(t.Context(), ""))(t) {
		got = append(got, m.User)
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values([]string{id["kari"], id["ola"]})); !slices.Equal(got, want) {
		t.Errorf("%v have the role, not %v", got, want)
	}
}

// With more than one department none is chosen beforehand: a recording of health would land in another.
func TestDepartmentIsChosen(t *testing.T) {
	r := webtest.Start(t, nil)
	id, token := people(r, "sjef", "kari")
	const unchosen = `<option value="">Velg avdeling</option>`
	for i, name := range []string{"Omsorg", "Helse"} {
		d := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":"`+name+`"}`, 201)
		ask[struct{}](r, "PUT", departments+"/"+d.ID+"/members/"+id["kari"]+"/registrar", token["sjef"], "", 204)
		page := text(t, r.Do("GET", "/", token["kari"], nil, nil))
		_, page, _ = strings.Cut(page, `<select id="department" name="department" class="ds-input" required>`)
		page, _, found := strings.Cut(page, "</select>")
		if several := i > 0; !found || strings.HasPrefix(strings.TrimSpace(page), unchosen) != several || !strings.Contains(page, `<option value="-">Ingen avdeling`) {
			t.Errorf("with %d departments one chooses among %s", i+1, page)
		}
	}
}

// What an upload waits for may take long: whether it may go on is asked after it.
func TestUploadEndsWithTheRight(t *testing.T) {
	r := webtest.Start(t, nil)
	ctx := t.Context()
	_, token := people(r, "kari")
	upload, meeting := begin(r, token["kari"], 3, "")
	asked := make(chan struct{}, 1)
	release, ok := r.Server.HoldUpload(ctx, path.Base(upload), func() { asked <- struct{}{} })
	if !ok {
		t.Fatal("the upload is held already")
	}
	answer := make(chan *http.Response, 1)
	go func() {
		defer close(answer)
		answer <- patch(r, upload, token["kari"], 0, strings.NewReader("abc"))
	}()
	select {
	case <-asked:
	case <-answer:
		t.Fatal("the request did not wait for the upload")
	}
	err := r.Store.Tx(ctx, func(tx store.Tx) error {
		if err := tx.PutDepartment(ctx, &store.Department{ID: "far", Name: "Far"}); err != nil {
			return err
		}
		return tx.MoveMeeting(ctx, meeting, "far")
	})
	release()
	webtest.Check(t, err)
	resp := <-answer
	if resp == nil {
		t.Fatal("there is no answer")
	}
	if resp.Body.Close(); resp.StatusCode != http.StatusNotFound {
		t.Errorf("the upload went on: %s", resp.Status)
	}
	if u := must(r.Store.Upload(ctx, path.Base(upload)))(t); u.Offset != 0 {
		t.Errorf("%d bytes were taken", u.Offset)
	}
}

// A stream of events ends when what it may show is taken away.
func TestStreamEndsWithTheRole(t *testing.T) {
	r := webtest.Start(t, nil)
	r.Server.SetHeartbeat(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), webtest.Patience)
	defer cancel()
	id, token := people(r, "kari", "ola")
	role := store.Membership{User: id["ola"], Department: "a", Role: string(access.Referent)}
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		if err := tx.PutDepartment(ctx, &store.Department{ID: "a", Name: "A"}); err != nil {
			return err
		}
		if err := tx.PutMembership(ctx, store.Membership{User: id["kari"], Department: "a", Role: string(access.Registrar)}); err != nil {
			return err
		}
		return tx.PutMembership(ctx, role)
	}))
	watch := func(path string) *bufio.Scanner {
		resp := r.Do("GET", path, token["ola"], nil, func(q *http.Request) { *q = *q.WithContext(ctx) })
		t.Cleanup(func() { resp.Body.Close() })
		return bufio.NewScanner(resp.Body)
	}
	until := func(s *bufio.Scanner, line string) bool {
		for s.Scan() {
			if strings.Contains(s.Text(), line) {
				return true
			}
		}
		return false
	}
	all := watch("/api/v1/events?after=0")
	first := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{"department":"a"}`, 201)
	if !until(all, first.ID) {
		t.Fatal("the department's meeting is not told of")
	}
	one := watch("/api/v1/meetings/" + first.ID + "/events")
	if !until(one, first.ID) {
		t.Fatal("the meeting's stream does not tell of it")
	}
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error { return tx.DeleteMembership(ctx, role) }))
	if until(one, "never") || ctx.Err() != nil {
		t.Error("the meeting's stream goes on")
	}
	for range 2 { // the look before the first may have been begun with the role
		if !until(all, "still here") {
			t.Fatal("the stream of all has ended")
		}
	}
	second := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["kari"], `{"department":"a"}`, 201)
	mine := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token["ola"], `{}`, 201)
	for all.Scan() {
		if strings.Contains(all.Text(), second.ID) {
			t.Error("it is told what the role that was taken would show")
		}
		if strings.Contains(all.Text(), mine.ID) {
			return
		}
	}
	t.Error("one's own meeting is not told of")
}
