package web_test

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// library is a server whose clock the test moves, with a meeting of kari's that has all that can be read.
type library struct {
	*matrix
	ahead   atomic.Int64
	broken  atomic.Bool // no reading can be written
	erased  atomic.Bool // searches find what is erased before it is shown
	meeting string
	kari    string // a token
}

// jammed is a database that cannot log readings while broken.
type jammed struct {
	store.Store
	broken, erased *atomic.Bool
}

func (j jammed) Search(ctx context.Context, q store.SearchQuery) ([]store.Hit, string, error) {
	hits, next, err := j.Store.Search(ctx, q)
	if j.erased.Load() && len(hits) > 0 {
		gone := hits[0]
		gone.Meeting, gone.Text = "gone", "Slettet snøfreser"
		hits = append([]store.Hit{gone}, hits...)
	}
	return hits, next, err
}

type jammedTx struct{ store.Tx }

var errJammed = errors.New("no room")

func (j jammed) Tx(ctx context.Context, fn func(store.Tx) error) error {
	return j.Store.Tx(ctx, func(tx store.Tx) error {
		if j.broken.Load() {
			tx = jammedTx{tx}
		}
		return fn(tx)
	})
}

func (jammedTx) AddReading(context.Context, *store.Reading) error {
	return referent.E(referent.CodeUnavailable, "store: add reading", errJammed)
}

func (jammedTx) ExtendReading(context.Context, int64, time.Time, int) error {
	return referent.E(referent.CodeUnavailable, "store: extend reading", errJammed)
}

func newLibrary(t *testing.T) *library {
	l := &library{}
	l.matrix = &matrix{Rig: webtest.Start(t, func(c *web.Config) { c.Store = jammed{c.Store, &l.broken, &l.erased} })}
	l.Server.SetClock(func() time.Time { return time.Now().Add(time.Duration(l.ahead.Load())) })
	l.StartWorker()
	l.User("kari", true)
	l.kari = l.Token("kari", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	l.meeting = uploadTranscript(l.Rig, l.kari, "title", "Hemmelig tittel")
	sound(l.Rig, l.meeting, 0, 1)
	l.seal(l.meeting, store.ArtifactAudio, make([]byte, 4<<20))
	l.seal(l.meeting, store.ArtifactPlan, must(json.Marshal(referent.PrepareResult{Plan: &referent.Plan{Channels: 1}}))(t))
	return l
}

// later moves the clock on.
func (l *library) later(d time.Duration) { l.ahead.Add(int64(d)) }

// told are the readings that the database has, the first one first.
func (l *library) told(f store.ReadingFilter) []store.Reading {
	l.T.Helper()
	f.Limit = 10000
	rows := must(l.Store.Readings(l.T.Context(), f))(l.T)
	slices.Reverse(rows)
	return rows
}

// get asks as somebody and returns status and body.
func (l *library) get(path, token string, headers ...string) (int, string) {
	l.T.Helper()
	resp := l.Do("GET", path, token, nil, func(q *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			q.Header.Set(headers[i], headers[i+1])
		}
	})
	return resp.StatusCode, text(l.T, resp)
}

// Each route that answers with something of a meeting leaves a row, and no other does.
func TestEveryReadingIsLogged(t *testing.T) {
	l := newLibrary(t)
	me := must(l.Store.UserByName(t.Context(), "kari"))(t).ID
	p := &place{owner: "kari", meeting: l.meeting}
	empty := func() string {
		row := &referent.Meeting{Owner: me}
		webtest.Check(t, l.Pipeline.Create(t.Context(), row))
		return row.ID
	}
	p.doomed = empty()
	who := actor{"kari", l.kari}
	shown, seen := map[string]int{}, map[string]bool{}
	for _, rt := range l.Server.Routes() {
		method := cmp.Or(rt.Method, "GET")
		name := method + " " + rt.Path
		reads := ""
		switch many := strings.TrimPrefix(rt.Path, "/api/v1"); {
		case method == "GET" && (rt.Reads != "" || strings.HasSuffix(rt.Path, "/meetings/{id}")):
			reads = rt.Reads
			seen[rt.Path] = true
		case method == "GET" && (many == "/search" || many == "/tasks"):
			reads = strings.TrimPrefix(many, "/")
		}
		if rt.Needs.ShowsContent() && rt.Reads == "" && reads == "" {
			t.Errorf("%s shows content, and nothing is logged", name)
		}
		if _, err := l.Store.Meeting(t.Context(), p.doomed); errors.Is(err, store.ErrNotFound) {
			p.doomed = empty()
		}
		l.later(2 * time.Hour)
		before := len(l.told(store.ReadingFilter{}))
		status := l.visit(rt, who, p)
		if method != "GET" && status == 200 { // is answered with what it is about
			reads = rt.Reads
		}
		rows := l.told(store.ReadingFilter{})[before:]
		switch {
		case reads == "" && len(rows) > 0:
			t.Errorf("%s: %d, and logged as reading: %+v", name, status, rows)
		case reads != "" && (status != 200 || len(rows) != 1):
			t.Errorf("%s: %d, and logged are %d readings", name, status, len(rows))
		case reads != "":
			x := rows[0]
			if x.User != me || x.Meeting != l.meeting || x.What != reads || !x.Own || x.Ground != string(access.ByOwner) || !x.Token || x.Times != 1 || x.Department != "" {
				t.Errorf("%s is logged as %+v", name, x)
			}
			if method == "GET" {
				shown[x.What+" "+x.Format]++
			}
		}
	}
	for what, want := range map[string]int{"meeting ": 2, "audio ": 1, "export recording": 1, "export minutes.docx": 1, "export minutes.txt": 1, "export transcript.docx": 1, "export transcript.vtt": 1, "search ": 2, "tasks ": 2} {
		if shown[what] != want {
			t.Errorf("%d routes show %q, want %d", shown[what], what, want)
		}
	}
	if shown["transcript "] < 9 || shown["minutes "] < 6 || len(seen) < 25 {
		t.Errorf("shown: %v", shown)
	}
}

// visit asks the route and returns the status. What is to be changed is not understood, so that nothing is.
func (l *library) visit(rt web.Route, who actor, p *place) int {
	l.T.Helper()
	id, method := p.meeting, cmp.Or(rt.Method, "GET")
	if erasing(rt) {
		id = p.doomed
	}
	path := strings.NewReplacer("{id}", id, "{$}", "", "{file}", "referent.css", "{version}", "x", "{speaker}", "S1", "{segment}", "s1", "{index}", "0", "{task}", "t1",
		"{department}", "none", "{user}", "none", "{role}", "none").Replace(rt.Path)
	switch {
	case strings.HasSuffix(path, "/search"):
		path += "?q=sn%C3%B8freser"
	case strings.HasSuffix(path, "/changes"):
		path += "?since=1"
	}
	body, mediaType := "[]", "application/json"
	if !strings.HasPrefix(rt.Path, "/api/") {
		body, mediaType = "%zz", "application/x-www-form-urlencoded"
	}
	if method == "GET" {
		body = ""
	}
	resp := l.Do(method, path, who.token, strings.NewReader(body), func(q *http.Request) { q.Header.Set("Content-Type", mediaType) })
	l.drain(resp)
	return resp.StatusCode
}

// A reading is one row for as long as it goes on, and another when it was let be, or has gone on for an hour. Who asks
// for nothing, or gets nothing, has not read.
func TestReadingsGoOn(t *testing.T) {
	l := newLibrary(t)
	audio := "/api/v1/meetings/" + l.meeting + "/audio"
	start := time.Now()
	for range 20 {
		if code, _ := l.get(audio, l.kari, "Range", "bytes=0-99"); code != 206 {
			t.Fatal(code)
		}
		l.later(4 * time.Minute)
	}
	l.later(2 * time.Minute)
	l.get(audio, l.kari, "Range", "bytes=0-99")
	rows := l.told(store.ReadingFilter{What: store.ReadAudio})
	if len(rows) != 3 || rows[0].Times < 15 || rows[0].Times > 16 || rows[2].Times != 1 || rows[0].Last.Sub(rows[0].First) < 55*time.Minute || rows[0].First.Before(start.Add(-time.Second)) {
		t.Errorf("the log has %+v", rows)
	}

	// Within a minute it is counted, and written when somebody looks, or the server ends.
	l.get(audio, l.kari)
	l.get(audio, l.kari)
	l.Do("HEAD", audio, l.kari, nil, nil).Body.Close()
	l.get(audio, l.kari, "If-None-Match", "*")
	if rows = ask2(l, "/api/v1/readings?what=audio"); rows[0].Times != 3 {
		t.Errorf("counted: %+v", rows[0])
	}
	l.get(audio, l.kari)
	l.Stop()
	if rows = l.told(store.ReadingFilter{What: store.ReadAudio}); rows[len(rows)-1].Times != 4 {
		t.Errorf("written at the end: %+v", rows)
	}
}

// ask2 is the log as the API tells it.
func ask2(l *library, path string) (rows []store.Reading) {
	l.T.Helper()
	for _, x := range ask[[]web.Reading](l.Rig, "GET", path, l.kari, "", 200) {
		rows = append(rows, store.Reading{ID: x.ID, Times: x.Times, What: x.What})
	}
	return rows
}

// Who changes something is answered with what stands there, and so has read it, also when it was not changed; whose
// request is not understood is not.
func TestWhoChangesReads(t *testing.T) {
	l := newLibrary(t)
	at := "/api/v1/meetings/" + l.meeting
	edit := func(seen string, want int) {
		t.Helper()
		ask[struct{}](l.Rig, "POST", at+"/transcript/edits", l.kari, `{"edits":[{"do":"text","segment":"s1","seen":{"text":"`+seen+`"},"text":"Nytt"}]}`, want)
	}
	ask[web.Problem](l.Rig, "POST", at+"/transcript/edits", l.kari, `{"edits":[]}`, 422)
	if rows := l.told(store.ReadingFilter{}); len(rows) > 0 {
		t.Errorf("what was not understood: %+v", rows)
	}
	edit("noe helt annet", 409)
	if rows := l.told(store.ReadingFilter{}); len(rows) != 1 || rows[0].What != store.ReadTranscript {
		t.Errorf("a conflict: %+v", rows)
	}
	ask[struct{}](l.Rig, "DELETE", at+"/audio", l.kari, "", 200) // is answered with a receipt
	if rows := l.told(store.ReadingFilter{}); len(rows) != 1 {
		t.Errorf("erasing: %+v", rows)
	}
	ask[struct{}](l.Rig, "PATCH", at, l.kari, "{}", 200)
	if rows := l.told(store.ReadingFilter{}); len(rows) != 2 || rows[1].What != store.ReadMeeting {
		t.Errorf("nothing changed: %+v", rows)
	}

	// A page on which something could not be done shows all that it ever does.
	l.later(2 * time.Hour)
	for path, f := range l.impossible() {
		if code, page := l.post(path, f); code < 400 || !strings.Contains(page, "Hemmelig") {
			t.Errorf("%s: %d %s", path, code, page)
		}
	}
	if rows := l.told(store.ReadingFilter{}); len(rows) != 4 {
		t.Errorf("what could not be done: %+v", rows)
	}
}

// impossible are forms that ask for what is not there, by their address.
func (l *library) impossible() map[string]url.Values {
	at := "/meetings/" + l.meeting
	return map[string]url.Values{
		at + "/minutes":  {"version": {"1"}, "do": {"restore"}, "restore": {"99999"}, "text": {"Mine egne ord"}},
		at + "/speakers": {"version": {"1"}, "edit": {"rename"}, "speaker": {"nope"}, "name": {"Mine egne ord"}},
	}
}

func (l *library) post(path string, form url.Values) (int, string) {
	l.T.Helper()
	resp := l.Do("POST", path, l.kari, strings.NewReader(form.Encode()), func(q *http.Request) { q.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	return resp.StatusCode, text(l.T, resp)
}

// How long something is read is not lost when it cannot be written at once.
func TestReadingsAreCountedLater(t *testing.T) {
	l := newLibrary(t)
	minutes := "/api/v1/meetings/" + l.meeting + "/minutes.json"
	l.get(minutes, l.kari)
	l.get(minutes, l.kari)
	l.broken.Store(true)
	ask[web.Problem](l.Rig, "GET", "/api/v1/readings", l.kari, "", 503)
	l.broken.Store(false)
	if rows := ask2(l, "/api/v1/readings?what=minutes"); len(rows) != 1 || rows[0].Times != 2 {
		t.Errorf("after a look that failed: %+v", rows)
	}
	l.get(minutes, l.kari)
	l.later(10 * time.Minute)
	l.broken.Store(true)
	for range 2 { // it is over, and what comes after it fails
		if code, _ := l.get(minutes, l.kari); code != 503 {
			t.Error(code)
		}
	}
	l.broken.Store(false)
	l.get(minutes, l.kari)
	if rows := l.told(store.ReadingFilter{What: store.ReadMinutes}); len(rows) != 2 || rows[0].Times != 3 || rows[1].Times != 1 {
		t.Errorf("when it was over: %+v", rows)
	}
}

// A meeting that is moved is read anew, in its new department; a list that a program asks for every ten minutes is one
// reading; and what is erased after it was found is not shown.
func TestReadingsOfWhatChanges(t *testing.T) {
	l := newLibrary(t)
	reader := l.User("leser", false).ID
	put := func(do ...func(store.Tx) error) {
		t.Helper()
		webtest.Check(t, l.Store.Tx(t.Context(), func(tx store.Tx) (err error) {
			for _, f := range do {
				err = errors.Join(err, f(tx))
			}
			return err
		}))
	}
	for _, d := range []string{"a", "b"} {
		put(func(tx store.Tx) error { return tx.PutDepartment(t.Context(), &store.Department{ID: d, Name: d}) },
			func(tx store.Tx) error {
				return tx.PutMembership(t.Context(), store.Membership{User: reader, Department: d, Role: "referent"})
			})
	}
	token := l.Token("leser", store.ScopeRead)
	for _, d := range []string{"a", "b"} {
		put(func(tx store.Tx) error { return tx.MoveMeeting(t.Context(), l.meeting, d) })
		l.get("/api/v1/meetings/"+l.meeting+"/minutes.json", token)
	}
	if rows := l.told(store.ReadingFilter{}); len(rows) != 2 || rows[0].Department != "a" || rows[1].Department != "b" {
		t.Errorf("moved: %+v", rows)
	}

	l.erased.Store(true)
	for range 5 {
		if code, body := l.get("/api/v1/search?q=sn%C3%B8freser", token); code != 200 || !strings.Contains(body, "nøfreser") || strings.Contains(body, "Slettet") {
			t.Errorf("found: %d %s", code, body)
		}
		l.later(10 * time.Minute)
	}
	if rows := l.told(store.ReadingFilter{What: store.ReadSearch}); len(rows) != 1 || rows[0].Meeting != l.meeting || rows[0].Ground != "role" {
		t.Errorf("searched: %+v", rows)
	}
}

// Many who come at once for the same are one reading, which all wait for.
func TestReadingsAtOnce(t *testing.T) {
	l := newLibrary(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			resp := l.Do("GET", "/api/v1/meetings/"+l.meeting+"/minutes.json", l.kari, nil, nil)
			if resp.StatusCode != 200 {
				t.Error(resp.Status)
			}
			resp.Body.Close()
		})
	}
	all.Wait()
	if rows := ask2(l, "/api/v1/readings?what=minutes"); len(rows) != 1 || rows[0].Times != 20 {
		t.Errorf("logged: %+v", rows)
	}
}

// What cannot be logged is not shown, in no form, and the answer says why.
func TestWhatIsNotLoggedIsNotShown(t *testing.T) {
	l := newLibrary(t)
	l.broken.Store(true)
	at := "/meetings/" + l.meeting
	secrets := []string{"nøfreser", "Hemmelig", "RIFF"}
	for path, accept := range map[string]string{at: "", at + "/transcript": "", at + "/minutes": "", "/api/v1" + at: "", "/api/v1" + at + "/transcript.json": "", "/api/v1" + at + "/minutes.docx": "",
		"/api/v1" + at + "/audio": "", "/api/v1" + at + "/recording": "", "/search?q=sn%C3%B8freser": "", "/api/v1/search?q=sn%C3%B8freser": "", "/api/v1/tasks": ""} {
		resp := l.Do("GET", path, l.kari, nil, func(q *http.Request) { q.Header.Set("Accept", accept) })
		body := text(t, resp)
		if resp.StatusCode != 503 || resp.Header.Get("Content-Disposition") != "" || resp.Header.Get("ETag") != "" || len(body) > 20000 || len(body) == 0 {
			t.Errorf("%s: %s, %d bytes, %v", path, resp.Status, len(body), resp.Header)
		}
		for _, s := range secrets {
			if strings.Contains(body, s) && !strings.Contains(path, "search") { // the form repeats what was asked for
				t.Errorf("%s shows %q", path, s)
			}
		}
	}
	for path, f := range l.impossible() {
		if code, page := l.post(path, f); code != 503 || strings.Contains(page, "Hemmelig") || strings.Contains(page, "nøfreser") || !strings.Contains(page, "Mine egne ord") {
			t.Errorf("%s: %d %s", path, code, page)
		}
	}
	if code, page := l.get("/", l.kari); code != 200 || !strings.Contains(page, "Hemmelig") {
		t.Errorf("the list: %d", code)
	}
	if rows := l.told(store.ReadingFilter{}); len(rows) > 0 {
		t.Errorf("logged: %+v", rows)
	}
	l.broken.Store(false)
	if code, body := l.get(at, l.kari); code != 200 || !strings.Contains(body, "Hemmelig") {
		t.Errorf("afterwards: %d", code)
	}
}

// People with roles read; who may see it sees who did, and nobody else does. A department of health is told of by
// ids alone, and the log by what was looked at.
func TestWhoSeesWhoRead(t *testing.T) {
	l := newLibrary(t)
	id := map[string]string{"kari": must(l.Store.UserByName(t.Context(), "kari"))(t).ID}
	token := map[string]string{}
	for _, name := range []string{"leser", "sjef", "registrator", "revisor", "avdelingsrevisor"} {
		id[name] = l.User(name, false).ID
	}
	webtest.Check(t, l.Store.Tx(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.PutDepartment(t.Context(), &store.Department{ID: care, Name: "Hjemmetjenesten", Health: true}),
			tx.PutMembership(t.Context(), store.Membership{User: id["leser"], Department: care, Role: "referent"}),
			tx.PutMembership(t.Context(), store.Membership{User: id["sjef"], Department: care, Role: "approver"}),
			tx.PutMembership(t.Context(), store.Membership{User: id["registrator"], Department: care, Role: "registrar"}),
			tx.PutMembership(t.Context(), store.Membership{User: id["avdelingsrevisor"], Department: care, Role: "auditor"}),
			tx.PutMembership(t.Context(), store.Membership{User: id["revisor"], Department: access.All, Role: "auditor"}),
			tx.MoveMeeting(t.Context(), l.meeting, care))
	}))
	for name := range id {
		scopes := []store.Scope{store.ScopeRead, store.ScopeWrite}
		if name == "revisor" {
			scopes = append(scopes, store.ScopeAdmin)
		}
		token[name] = l.Token(name, scopes...)
	}
	at := "/api/v1/meetings/" + l.meeting
	ask[struct{}](l.Rig, "GET", at+"/transcript.json", token["leser"], "", 200)
	ask[web.Problem](l.Rig, "GET", at+"/transcript.json", token["registrator"], "", 403) // and this is no reading
	ask[web.Problem](l.Rig, "GET", at+"/transcript.json", token["revisor"], "", 404)

	for _, name := range []string{"sjef", "avdelingsrevisor"} {
		rows := ask[[]web.Reading](l.Rig, "GET", at+"/readings", token[name], "", 200)
		if len(rows) != 1 || rows[0].User != id["leser"] || rows[0].Ground != "role" || rows[0].Own || rows[0].Department != care {
			t.Errorf("%s sees %+v", name, rows)
		}
		if code, page := l.get("/meetings/"+l.meeting+"/readings", token[name]); code != 200 || !strings.Contains(page, "leser") || !strings.Contains(page, "Transkripsjonen") {
			t.Errorf("%s is shown %d %s", name, code, page)
		}
	}
	ask[web.Problem](l.Rig, "GET", at+"/readings", token["leser"], "", 403)
	ask[web.Problem](l.Rig, "GET", at+"/readings", token["registrator"], "", 403)
	ask[web.Problem](l.Rig, "GET", at+"/readings", token["revisor"], "", 404)
	ask[web.Problem](l.Rig, "GET", "/api/v1/readings", token["avdelingsrevisor"], "", 403)

	// The auditor of all knows that it was read, by whom and when.
	rows := ask[[]web.Reading](l.Rig, "GET", "/api/v1/readings?meeting="+l.meeting, token["revisor"], "", 200)
	if len(rows) != 1 || rows[0].Meeting != l.meeting || rows[0].User != id["leser"] || rows[0].Department != "" {
		t.Errorf("the auditor sees %+v", rows)
	}
	if rows = ask[[]web.Reading](l.Rig, "GET", "/api/v1/readings?department="+care, token["revisor"], "", 200); len(rows) != 0 {
		t.Errorf("a filter tells the department: %+v", rows)
	}
	_, page := l.get("/admin/access", token["revisor"])
	if strings.Contains(page, "Hemmelig") || strings.Contains(page, "Hjemmetjenesten") || !strings.Contains(page, l.meeting) || !strings.Contains(page, "leser") {
		t.Errorf("the auditor's page: %s", page)
	}

	// That they looked is told of once; what was typed and is no id is not.
	ask[[]web.Reading](l.Rig, "GET", "/api/v1/readings?meeting=Kari+Nordmann&user=Kari", token["revisor"], "", 200)
	var looked []string
	for _, a := range must(l.Store.Acts(t.Context(), store.ActFilter{What: store.ActReadingsRead, User: id["revisor"]}))(t) {
		looked = append(looked, a.User+"/"+a.Meeting)
	}
	if want := []string{"/", "/" + l.meeting}; !slices.Equal(looked, want) {
		t.Errorf("looked: %q, want %q", looked, want)
	}
	if acts := must(l.Store.Acts(t.Context(), store.ActFilter{What: store.ActReadingsRead, User: id["sjef"]}))(t); len(acts) != 1 || acts[0].Meeting != l.meeting || acts[0].By != id["sjef"] {
		t.Errorf("the approver's look: %+v", acts)
	}

	// Whose own the meeting is may look without being told of.
	own := uploadTranscript(l.Rig, l.kari, "title", "Eget")
	if code, page := l.get("/meetings/"+own+"/readings", l.kari); code != 200 || strings.Contains(page, "At du ser her") {
		t.Errorf("the owner is shown %d %s", code, page)
	}
	if acts := must(l.Store.Acts(t.Context(), store.ActFilter{What: store.ActReadingsRead, User: id["kari"]}))(t); len(acts) != 0 {
		t.Errorf("the owner's look: %+v", acts)
	}

	// It outlives the meeting, and the names are those of now.
	must(l.Pipeline.Delete(t.Context(), l.meeting, id["sjef"]))(t)
	ask[web.Account](l.Rig, "PATCH", usersAPI+"/"+id["leser"], l.kari, `{"display_name":"=Nytt navn"}`, 200)
	if _, page = l.get("/admin/access", token["revisor"]); !strings.Contains(page, l.meeting) || !strings.Contains(page, "=Nytt navn") {
		t.Errorf("afterwards: %s", page)
	}
	body, marked := strings.CutPrefix(text(t, l.Do("GET", "/admin/access.csv?what=transcript", token["revisor"], nil, nil)), "\ufeff")
	table := csv.NewReader(strings.NewReader(body))
	table.Comma = ';'
	lines := must(table.ReadAll())(t)
	if !marked || len(lines) != 2 || lines[1][4] != id["leser"] || lines[1][5] != "'=Nytt navn" || lines[1][6] != l.meeting || lines[1][7] != "" || lines[1][12] != "token" {
		t.Errorf("the table: %q", lines)
	}
}

// Somebody who goes through the log has something to begin with, and says when it is done.
func TestReadingsAreReviewed(t *testing.T) {
	l := newLibrary(t)
	kari := must(l.Store.UserByName(t.Context(), "kari"))(t).ID
	year, month, day := time.Now().Date()
	add := func(user, meeting string, own bool, hour int) {
		at := time.Date(year, month, day-1, hour, 30, 0, 0, time.Local)
		webtest.Check(t, l.Store.Tx(t.Context(), func(tx store.Tx) error {
			return tx.AddReading(t.Context(), &store.Reading{User: user, Meeting: meeting, Own: own, What: store.ReadMinutes, Ground: "role", First: at, Last: at, Times: 1})
		}))
	}
	add("u1", "m1", false, 12)
	add("u2", "m1", true, 12)
	add("u2", "m2", false, 3)
	add("u2", "m2", false, 23)
	counts := ask[[]web.ReadingCount](l.Rig, "GET", "/api/v1/readings/days", l.kari, "", 200)
	yesterday := time.Date(year, month, day-1, 12, 0, 0, 0, time.Local).Format(time.DateOnly)
	if want := []web.ReadingCount{{yesterday, "u2", 2, 1, 3, 2}, {yesterday, "u1", 1, 1, 1, 0}}; !slices.Equal(counts, want) {
		t.Errorf("counted %+v, want %+v", counts, want)
	}
	for query, want := range map[string]int{"from=" + yesterday + "&to=" + yesterday: 4, "user=u2": 3, "limit=1": 1, "to=2001-01-01": 0} {
		if rows := ask[[]web.Reading](l.Rig, "GET", "/api/v1/readings?"+query, l.kari, "", 200); len(rows) != want {
			t.Errorf("%s: %d, want %d", query, len(rows), want)
		}
	}
	ask[web.Problem](l.Rig, "GET", "/api/v1/readings?from=yesterday", l.kari, "", 422)
	ask[web.Problem](l.Rig, "GET", "/api/v1/readings?what=thoughts", l.kari, "", 422)

	review := func(at time.Time, want int) {
		t.Helper()
		ask[struct{}](l.Rig, "POST", "/api/v1/readings/reviews", l.kari, string(must(json.Marshal(map[string]time.Time{"until": at}))(t)), want)
	}
	now := time.Now().Truncate(time.Second)
	review(now.Add(time.Hour), 422)
	review(now.Add(-time.Hour), 204)
	review(now.Add(-time.Hour), 409)
	review(now.Add(-2*time.Hour), 409)
	review(now.Add(-time.Minute), 204)
	acts := ask[[]web.Act](l.Rig, "GET", "/api/v1/administration?what=readings_reviewed", l.kari, "", 200)
	if len(acts) != 2 || acts[0].By != kari || !acts[0].Until.Equal(now.Add(-time.Minute)) {
		t.Errorf("the administration log: %+v", acts)
	}
	if code, page := l.post("/admin/access/reviews", url.Values{"until": {now.Add(-time.Hour).Format(time.RFC3339Nano)}}); code != 409 || !strings.Contains(page, "En annen var raskere") {
		t.Errorf("the second of two: %d %s", code, page)
	}
	if _, page := l.get("/admin/access?user=u2", l.kari); strings.Contains(page, "/admin/access/reviews") {
		t.Error("who sees a part can say that all was gone through")
	}

	// A clock that was a day ahead does not hide what comes after it was set back.
	l.later(24 * time.Hour)
	review(now.Add(23*time.Hour), 204)
	ask[[]web.Reading](l.Rig, "GET", "/api/v1/readings?user=u1", l.kari, "", 200)
	l.later(-24 * time.Hour)
	review(now, 204)
	review(now, 409)
	ask[[]web.Reading](l.Rig, "GET", "/api/v1/readings?user=u1", l.kari, "", 200)
	looks := must(l.Store.Acts(t.Context(), store.ActFilter{What: store.ActReadingsRead, User: "u1"}))(t)
	if len(looks) != 2 {
		t.Errorf("looked by two clocks: %+v", looks)
	}
}
