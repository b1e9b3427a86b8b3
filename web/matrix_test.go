package web_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// place is where a meeting is, with all that a request about it may need.
type place struct {
	name       string
	department string
	owner      string // user
	approved   bool

	meeting string // has a transcript, minutes and sound
	waiting string // waits for its recording
	upload  string // has begun for the waiting one
	doomed  string // may be erased
}

// actor is somebody with credentials.
type actor struct {
	name  string
	token string
}

// matrix is a server with people in every role, and meetings in every place.
type matrix struct {
	*webtest.Rig
	places []*place
	actors []actor
	worker string // the server's own, which nobody may shut out
}

const school, roads, care = "d-school", "d-roads", "d-care" // the actors' own department, another, one of health

func newMatrix(t *testing.T) *matrix {
	m := &matrix{Rig: webtest.Start(t, nil)}
	m.StartWorker()
	ctx := t.Context()
	m.worker = must(m.Store.Workers(ctx))(t)[0].ID
	webtest.Check(t, m.Store.Tx(ctx, func(tx store.Tx) error {
		for _, d := range []store.Department{{ID: school, Name: "Skole"}, {ID: roads, Name: "Vei"}, {ID: care, Name: "Hjemmetjeneste", Health: true}} {
			if err := tx.PutDepartment(ctx, &d); err != nil {
				return err
			}
		}
		return nil
	}))
	full := []store.Scope{store.ScopeRead, store.ScopeWrite}
	all := append(full, store.ScopeAdmin)
	m.actor("nobody", "", nil, full)
	for _, role := range access.Roles {
		m.actor(string(role), school, []access.Role{role}, full)
	}
	m.actor("registrar+referent for all", access.All, []access.Role{access.Registrar, access.Referent}, full)
	m.actor("referent of health", care, []access.Role{access.Referent}, full)
	m.actor("archive of health", care, []access.Role{access.Archive}, full)
	for _, role := range access.Roles {
		m.actor(string(role)+" for all", access.All, []access.Role{role}, all[:cmp.Or(map[access.Role]int{access.Admin: 3, access.Auditor: 3}[role], 2)])
	}
	m.actor("admin for all, token without admin", access.All, []access.Role{access.Admin}, full)
	m.actor("referent, reading token", school, []access.Role{access.Referent}, full[:1])
	m.actor("referent, writing token", school, []access.Role{access.Referent}, full[1:])
	m.actor("owner", "", nil, full)
	m.actor("administrator", "", nil, all)
	m.actors = append(m.actors, actor{"administrator, token without admin", m.Token("administrator", full...)})
	m.actors = append(m.actors, actor{name: "anonymous"})
	m.actor("somebody else", "", nil, full)
	m.actors = m.actors[:len(m.actors)-1] // owns a meeting, and asks for nothing

	m.places = []*place{
		{name: "own", department: school, owner: "owner"}, {name: "approved", department: school, owner: "owner", approved: true},
		{name: "other", department: roads, owner: "owner"}, {name: "health", department: care, owner: "owner"},
		{name: "mine", owner: "owner"}, {name: "another's", owner: "somebody else"},
	}
	for _, p := range m.places {
		m.fill(p)
	}
	return m
}

// actor makes a user with roles in a department, and a token.
func (m *matrix) actor(name, department string, roles []access.Role, scopes []store.Scope) {
	m.T.Helper()
	ctx := m.T.Context()
	webtest.Check(m.T, m.Store.Tx(ctx, func(tx store.Tx) error {
		if err := tx.PutUser(ctx, &store.User{ID: idOf(name), Name: name, Admin: name == "administrator", Locale: "nb"}); err != nil {
			return err
		}
		for _, r := range roles {
			if err := tx.PutMembership(ctx, store.Membership{User: idOf(name), Department: department, Role: string(r)}); err != nil {
				return err
			}
		}
		return nil
	}))
	m.actors = append(m.actors, actor{name, m.Token(name, scopes...)})
}

func idOf(name string) string { return "u-" + strings.ReplaceAll(name, " ", "-") }

// fill makes a place's meetings.
func (m *matrix) fill(p *place) {
	m.T.Helper()
	p.meeting = uploadTranscript(m.Rig, m.Token(p.owner, store.ScopeRead, store.ScopeWrite), "title", "Møte i "+p.name)
	sound(m.Rig, p.meeting, 0, 1)
	m.seal(p.meeting, store.ArtifactAudio, make([]byte, 3200))
	m.seal(p.meeting, store.ArtifactPlan, must(json.Marshal(referent.PrepareResult{Plan: &referent.Plan{Channels: 1}}))(m.T))
	m.place(p, p.meeting)
	p.waiting = m.empty(p)
	p.doomed = m.empty(p)
	m.begin(p)
}

// place moves a meeting to where it belongs.
func (m *matrix) place(p *place, id string) {
	m.T.Helper()
	ctx := m.T.Context()
	webtest.Check(m.T, m.Store.Tx(ctx, func(tx store.Tx) error {
		row, err := tx.Meeting(ctx, id)
		if err != nil {
			return err
		}
		if p.approved {
			row.State = referent.StateApproved
			if err := tx.UpdateMeeting(ctx, row); err != nil {
				return err
			}
		}
		return tx.MoveMeeting(ctx, id, p.department)
	}))
}

// empty makes a meeting without a recording.
func (m *matrix) empty(p *place) string {
	m.T.Helper()
	row := &referent.Meeting{Owner: idOf(p.owner)}
	webtest.Check(m.T, m.Pipeline.Create(m.T.Context(), row))
	m.place(p, row.ID)
	return row.ID
}

// begin begins an upload, as nobody in particular.
func (m *matrix) begin(p *place) {
	m.T.Helper()
	p.upload = "up-" + p.waiting
	webtest.Check(m.T, m.Store.Tx(m.T.Context(), func(tx store.Tx) error {
		return tx.CreateUpload(m.T.Context(), &store.Upload{ID: p.upload, Meeting: p.waiting, Size: 10, Expires: time.Now().Add(time.Hour)})
	}))
}

func (m *matrix) seal(id string, kind store.ArtifactKind, data []byte) {
	m.T.Helper()
	ctx := m.T.Context()
	key := must(m.Vault.Unwrap(must(m.Store.MeetingKey(ctx, id))(m.T)))(m.T)
	w := must(m.Vault.Create(ctx, id, key))(m.T)
	must(w.Write(data))(m.T)
	name := must(w.Commit())(m.T)
	webtest.Check(m.T, m.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutArtifact(ctx, &store.Artifact{Meeting: id, Kind: kind, Blob: name, Size: int64(len(data))})
	}))
}

// erasing reports whether a route erases what it is about.
func erasing(rt web.Route) bool {
	return rt.Needs == access.Erase || rt.Method == http.MethodDelete
}

// placed reports whether the answer depends on where a meeting is.
func placed(rt web.Route) bool {
	return strings.Contains(rt.Path, "/meetings/{id}") || strings.HasPrefix(rt.Path, "/api/v1/uploads") && rt.Method != http.MethodOptions ||
		rt.Needs == access.CreateMeeting || rt.Needs == access.ManageWords && strings.HasSuffix(rt.Path, "words") && rt.Method == http.MethodPut
}

// ask sends a request to the route that changes nothing where it can be helped: those who may are told that
// something in it is wrong.
func (m *matrix) ask(rt web.Route, who actor, p *place) string {
	m.T.Helper()
	meeting := p.meeting
	if erasing(rt) {
		meeting = p.doomed
	}
	id := meeting
	if strings.HasPrefix(rt.Path, "/api/v1/uploads") {
		id = p.upload
	}
	path := strings.NewReplacer("{id}", id, "{$}", "", "{file}", "referent.css", "{speaker}", "S1", "{segment}", "s1", "{index}", "0", "{task}", "t1",
		"{department}", school, "{user}", idOf("nobody"), "{role}", "none", "{worker}", m.worker).Replace(rt.Path)
	method := cmp.Or(rt.Method, http.MethodGet)
	body, mediaType := "[]", "application/json" // no body of the API is a list
	switch {
	case !strings.HasPrefix(rt.Path, "/api/"):
		body, mediaType = "%zz", "application/x-www-form-urlencoded" // no form is written like that
	case rt.Needs == access.CreateMeeting:
		body = fmt.Sprintf(`{"department":%q}`, p.department)
	case rt.Needs == access.ManageWords && rt.Method == http.MethodPut:
		body = fmt.Sprintf(`{"department":%q,"words":[],"version":"another"}`, p.department)
	case strings.HasSuffix(rt.Path, "/search"):
		path += "?q=sn%C3%B8freser"
	case rt.Path == "/api/v1/uploads", strings.HasPrefix(rt.Path, "/api/v1/uploads/"):
		body, mediaType = "", offsetStream
	}
	resp := m.Do(method, path, who.token, strings.NewReader(body), func(q *http.Request) {
		q.Header.Set("Content-Type", mediaType)
		if strings.HasPrefix(rt.Path, "/api/v1/uploads") {
			q.Header.Set("Tus-Resumable", "1.0.0")
			q.Header.Set("Upload-Offset", "7")
			q.Header.Set("Upload-Length", "10")
			q.Header.Set("Upload-Metadata", meta("meeting", p.waiting))
		}
	})
	m.drain(resp)
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusSeeOther && strings.HasPrefix(resp.Header.Get("Location"), "/signin?next="):
		return "sign in"
	case code == http.StatusForbidden:
		return "no"
	case code == http.StatusNotFound:
		return "hidden"
	case code >= 500:
		m.T.Errorf("%s %s as %s in %s: %s", method, rt.Path, who.name, p.name, resp.Status)
	}
	m.mend(p)
	return "yes"
}

// drain reads an answer that ends by itself, so that its connection serves the next request.
func (m *matrix) drain(resp *http.Response) {
	m.T.Helper()
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") != "text/event-stream" {
		_, err := io.Copy(io.Discard, resp.Body)
		webtest.Check(m.T, err)
	}
}

// mend puts back what a request took away.
func (m *matrix) mend(p *place) {
	m.T.Helper()
	if row, err := m.Store.Meeting(m.T.Context(), p.doomed); errors.Is(err, store.ErrNotFound) {
		p.doomed = m.empty(p)
	} else if webtest.Check(m.T, err); err == nil && p.approved != (row.State == referent.StateApproved) {
		m.T.Errorf("%s: state %s", p.name, row.State)
	}
	if _, err := m.Store.Upload(m.T.Context(), p.upload); errors.Is(err, store.ErrNotFound) {
		p.waiting = m.empty(p)
		m.begin(p)
	}
}

// table asks a route as everybody, in every place, and writes what came of it.
func (m *matrix) table(rt web.Route) string {
	var out strings.Builder
	places := m.places
	if !placed(rt) {
		places = m.places[:1]
	}
	fmt.Fprintf(&out, "%-36s", "")
	for _, p := range places {
		name := p.name
		if !placed(rt) {
			name = "anywhere"
		}
		fmt.Fprintf(&out, "%-11s", name)
	}
	for _, who := range m.actors {
		fmt.Fprintf(&out, "\n%-36s", who.name)
		for _, p := range places {
			fmt.Fprintf(&out, "%-11s", m.ask(rt, who, p))
		}
	}
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Every route there is, asked by everybody about meetings everywhere. What they were answered stands in a
// file that people read; a route that is new, or answers otherwise, is seen there.
func TestWhoMayDoWhat(t *testing.T) {
	m := newMatrix(t)
	routes := map[string][]string{} // by table
	for _, rt := range m.Server.Routes() {
		table := m.table(rt)
		routes[table] = append(routes[table], fmt.Sprintf("%-15s %s", rt.Needs, strings.TrimSpace(cmp.Or(rt.Method, "ANY")+" "+rt.Path)))
	}
	blocks := slices.SortedFunc(maps.Keys(routes), func(a, b string) int { return cmp.Compare(routes[a][0], routes[b][0]) })
	var got bytes.Buffer
	got.WriteString("What everybody is answered, by route. Made by TestWhoMayDoWhat; the rules are in access/table.go.\n" +
		"\"hidden\" is 404, \"no\" 403; \"yes\" is any other answer, also that something in the request is wrong.\n")
	for _, table := range blocks {
		slices.Sort(routes[table])
		fmt.Fprintf(&got, "\n%s\n%s", strings.Join(routes[table], "\n"), table)
	}
	golden := filepath.Join("testdata", "access.txt")
	if *update {
		webtest.Check(t, os.WriteFile(golden, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("somebody may do something else than before; look at it with: go test ./web -run WhoMayDoWhat -update && git diff\n%s", firstDifference(got.String(), string(want)))
	}
	m.checkLists(t)
	m.checkPages(t)
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// checkLists holds lists, search, events and the page to what may be had one by one.
func (m *matrix) checkLists(t *testing.T) {
	get := func(path string) web.Route { return web.Route{Method: "GET", Path: "/api/v1/meetings/{id}" + path} }
	seen := 0
	for _, who := range m.actors {
		if who.token == "" || strings.HasSuffix(who.name, "writing token") {
			continue
		}
		list := ask[web.MeetingPage](m.Rig, "GET", "/api/v1/meetings?limit=200", who.token, "", 200).Meetings
		hits := ask[[]web.Hit](m.Rig, "GET", "/api/v1/search?q=sn%C3%B8freser", who.token, "", 200)
		decided := ask[[]web.Hit](m.Rig, "GET", "/api/v1/search?what=decision", who.token, "", 200)
		tasks := ask[web.TaskPage](m.Rig, "GET", "/api/v1/tasks", who.token, "", 200).Tasks
		searched := text(t, m.Do("GET", "/search?q=sn%C3%B8freser", who.token, nil, nil))
		todo := text(t, m.Do("GET", "/tasks", who.token, nil, nil))
		page := text(t, m.Do("GET", "/", who.token, nil, nil))
		told := m.told(who)
		for _, p := range m.places {
			sees := m.ask(get(""), who, p) == "yes"
			if listed := slices.ContainsFunc(list, func(x referent.Meeting) bool { return x.ID == p.meeting }); listed != sees {
				t.Errorf("%s: the meeting in %s is listed: %v, seen: %v", who.name, p.name, listed, sees)
			}
			if shown := strings.Contains(page, "/meetings/"+p.meeting); shown != sees && (shown || len(list) <= 50) {
				t.Errorf("%s: the meeting in %s is on the page: %v, seen: %v", who.name, p.name, shown, sees)
			}
			if told[p.meeting] != sees || told[p.waiting] != sees {
				t.Errorf("%s: events of the meetings in %s are told: %v and %v, seen: %v", who.name, p.name, told[p.meeting], told[p.waiting], sees)
			}
			reads := m.ask(get("/transcript.json"), who, p) == "yes"
			if found := slices.ContainsFunc(hits, func(x web.Hit) bool { return x.Meeting == p.meeting }); found != reads {
				t.Errorf("%s: words of the meeting in %s are found: %v, read: %v", who.name, p.name, found, reads)
			}
			if found := slices.ContainsFunc(decided, func(x web.Hit) bool { return x.Meeting == p.meeting && x.What == store.FoundDecision }); found != reads {
				t.Errorf("%s: decisions of the meeting in %s are found: %v, read: %v", who.name, p.name, found, reads)
			}
			i := slices.IndexFunc(tasks, func(x web.Task) bool { return x.Meeting == p.meeting })
			if found := i >= 0; found != reads {
				t.Errorf("%s: tasks of the meeting in %s are listed: %v, read: %v", who.name, p.name, found, reads)
			} else if settles := m.ask(web.Route{Method: "PATCH", Path: "/api/v1/meetings/{id}/tasks/{task}", Needs: access.CorrectContent}, who, p) == "yes"; found && !strings.Contains(who.name, "token") && tasks[i].May != settles {
				t.Errorf("%s: may settle the tasks in %s, it is said: %v, done: %v", who.name, p.name, tasks[i].May, settles)
			}
			for name, page := range map[string]string{"found": searched, "to do": todo} {
				if shown := strings.Contains(page, "/meetings/"+p.meeting); shown != reads {
					t.Errorf("%s: the meeting in %s is shown as %s: %v, read: %v", who.name, p.name, name, shown, reads)
				}
			}
			if sees {
				seen++
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d meetings were seen", seen)
	}
	// The event that outlives a meeting still belongs to its department.
	erased := map[string]bool{}
	for _, e := range must(m.Store.EventsAfter(t.Context(), "", nil, 0, 100000))(t) {
		if e.Type == "deleted" {
			erased[e.Department] = true
		}
	}
	for _, p := range m.places {
		if !erased[p.department] {
			t.Errorf("%s: no erasure is told of in its department", p.name)
		}
	}
}

// told are the meetings that somebody's stream of events has told of, up to one of their own that is the last.
func (m *matrix) told(who actor) map[string]bool {
	m.T.Helper()
	ctx := m.T.Context()
	last := store.Event{Meeting: "last of " + who.name, Owner: ask[web.Me](m.Rig, "GET", "/api/v1/me", who.token, "", 200).ID, Type: "state", At: time.Now()}
	webtest.Check(m.T, m.Store.Tx(ctx, func(tx store.Tx) error { return tx.AddEvent(ctx, &last) }))
	s := watch(m.Rig, "/api/v1/events?after=0", who.token, "")
	defer s.resp.Body.Close()
	told := map[string]bool{}
	for !told[last.Meeting] {
		_, e := s.event()
		told[e.Meeting] = true
	}
	return told
}

var (
	links = regexp.MustCompile(`(?:href|src|data-src|data-events)="(/[^"#]+)"`)
	forms = regexp.MustCompile(`<form method="post" action="(/[^"]+)"`)
)

// checkPages follows everything that the pages of a meeting offer: nothing of it may be refused. The page
// that asks whether to erase it is left out: what it offers does.
func (m *matrix) checkPages(t *testing.T) {
	offered := map[string]int{}
	pages := slices.DeleteFunc(m.Server.Routes(), func(rt web.Route) bool {
		return rt.Method != http.MethodGet || !strings.HasPrefix(rt.Path, "/meetings/{id}") || erasing(rt)
	})
	for _, who := range m.actors {
		if strings.Contains(who.name, "token") {
			continue // people come with sessions, which have every scope
		}
		for _, p := range m.places {
			page := ""
			for _, rt := range pages {
				resp := m.Do("GET", strings.Replace(rt.Path, "{id}", p.meeting, 1), who.token, nil, nil)
				if body := text(t, resp); resp.StatusCode == http.StatusOK {
					page += body
				}
			}
			if page == "" {
				continue
			}
			if resp := m.Do("GET", "/admin", who.token, nil, nil); resp.StatusCode == http.StatusOK { // the header leads there
				page += text(t, resp)
			} else {
				m.drain(resp)
			}
			later := strings.Contains(page, locale.T("nb", "access.content.later"))
			if want := strings.HasPrefix(who.name, "archive") && !p.approved; later != want {
				t.Errorf("%s in %s is told to wait for the approval: %v", who.name, p.name, later)
			}
			followed := map[string]bool{}
			follow := func(method, path string) {
				path = html.UnescapeString(path)
				if followed[method+path] {
					return
				}
				followed[method+path] = true
				resp := m.Do(method, path, who.token, nil, nil) // without its fields a form acts only where it has none, as to try again
				m.drain(resp)
				if resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusNotFound {
					t.Errorf("%s is offered %s %s in %s: %s", who.name, method, path, p.name, resp.Status)
				}
				offered[method+" "+path[strings.LastIndex(path, "/"):]+" to "+who.name]++
			}
			for _, l := range links.FindAllStringSubmatch(page, -1) {
				follow(http.MethodGet, l[1])
			}
			for _, f := range forms.FindAllStringSubmatch(page, -1) {
				follow(http.MethodPost, f[1])
			}
		}
	}
	for _, want := range []string{"POST /speakers to referent", "GET /delete to archive", "GET /minutes.docx to approver", "GET /minutes.json to owner", "GET /minutes.txt to owner",
		"GET /audio to referent", "GET /departments to administrator",
		"POST /department to registrar+referent for all"} {
		if offered[want] == 0 {
			t.Errorf("nobody is offered: %s", want)
		}
	}
	for _, none := range []string{"GET /delete to referent", "POST /speakers to approver", "GET /audio to registrar", "GET /departments to referent"} {
		if offered[none] != 0 {
			t.Errorf("somebody is offered: %s", none)
		}
	}
	if len(offered) < 50 {
		t.Errorf("only %d offers were followed", len(offered))
	}
}

// A route that does not say what it needs ends the program that registers it.
func TestRouteWithoutRule(t *testing.T) {
	for _, c := range []struct {
		path  string
		needs access.Permission
		fits  bool
	}{
		{"/new", "", false}, {"/new", "see", false}, {"/new", access.Public, true}, {"/new", access.ManageUsers, true},
		{"/meetings/{id}/new", access.OwnAccount, false}, {"/meetings/{id}/new", access.ManageUsers, false}, {"/meetings/{id}/new", access.ChangeDetails, true},
		{"/meetings/{meeting}/new", access.Approve, false}, {"/minutes/{id}", access.ReadContent, false}, {"/new/{$}", access.SeeMeeting, true},
		{"/new/{id}", access.ManageUsers, true}, {"/api/v1/uploads/{id}", access.Upload, true},
		{"/meetings/{id}/new", access.Approve, false}, {"/meetings/{id}/minutes/new", access.Approve, true}, // what it shows is logged as
		{"/new", access.ReadContent, false}, {"/search", access.ReadContent, true}, {"/tasks", access.SeeMeeting, false}, // shows many meetings'
	} {
		func() {
			defer func() {
				if v := recover(); (v == nil) != c.fits {
					t.Errorf("%s needing %q: %v", c.path, c.needs, v)
				}
			}()
			web.Register(http.MethodGet, c.path, c.needs)
		}()
	}
}
