package web_test

import (
	"encoding/json"
	"errors"
	"flag"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// hidden is a word of the owner's meeting, which none of the strangers may ever be shown.
const hidden = "Kvalrossbukta"

// mostAnswer is far more bytes than any answer about one small meeting has.
const mostAnswer = 8 << 20

// bombarded is a server that every route of is sent anything.
type bombarded struct {
	*matrix
	strangers []string // names of actors who may see nothing of the owner's meeting
	routes    []web.Route
}

func bombard(f *testing.F) *bombarded {
	m := &matrix{Rig: webtest.Start(f, nil)}
	m.StartWorker()
	ctx := f.Context()
	webtest.Check(f, m.Store.Tx(ctx, func(tx store.Tx) error {
		if err := tx.PutUser(ctx, &store.User{ID: idOf("changed"), Name: "changed", Locale: "nb"}); err != nil {
			return err
		}
		return errors.Join(
			tx.PutDepartment(ctx, &store.Department{ID: school, Name: "Skole"}),
			tx.PutDepartment(ctx, &store.Department{ID: roads, Name: "Vei"}))
	}))
	full := []store.Scope{store.ScopeRead, store.ScopeWrite}
	m.actor("owner", "", nil, full)
	m.actor("nobody", "", nil, full)
	m.actor("of another department", roads, access.Roles, full)
	m.actor("administrator", "", nil, append(full, store.ScopeAdmin))
	m.actors = append(m.actors, actor{name: "anonymous"})
	p := &place{name: "mine", owner: "owner"}
	m.places = []*place{p}
	p.meeting = uploadTranscript(m.Rig, m.actors[0].token, "title", "Befaring i "+hidden)
	sound(m.Rig, p.meeting, 0, 1)
	m.seal(p.meeting, store.ArtifactAudio, make([]byte, 3200))
	m.seal(p.meeting, store.ArtifactPlan, must(json.Marshal(referent.PrepareResult{Plan: &referent.Plan{Channels: 1}}))(f))
	m.place(p, p.meeting)
	p.waiting, p.doomed = m.empty(p), m.empty(p)
	m.begin(p)
	b := &bombarded{matrix: m, strangers: []string{"nobody", "of another department", "anonymous"}}
	for _, rt := range m.Server.Routes() {
		if rt.Method == "" {
			rt.Method = http.MethodPost
		}
		b.routes = append(b.routes, rt)
	}
	return b
}

// bodies are what the routes expect, one or two of each: of the API as its document describes them, of the pages'
// forms with every name that a form on a page has.
func (b *bombarded) bodies(f *testing.F) map[string][]string {
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]map[string]any }
	}
	resp := b.Do("GET", "/api/openapi.json", b.actors[0].token, nil, nil)
	if err := json.Unmarshal([]byte(text(f, resp)), &doc); err != nil {
		f.Fatal(err)
	}
	bodies := map[string][]string{}
	for path, item := range doc.Paths {
		for method, op := range item {
			for _, c := range op.RequestBody.Content {
				for _, full := range []bool{false, true} {
					body, err := json.Marshal(example(c.Schema, doc.Components.Schemas, full, 0))
					if err != nil {
						f.Fatal(err)
					}
					at := strings.ToUpper(method) + " " + path
					bodies[at] = append(bodies[at], string(body))
				}
			}
		}
	}
	if len(bodies) < 20 {
		f.Fatalf("the document describes %d bodies", len(bodies))
	}
	form := url.Values{}
	for _, rt := range b.routes {
		if rt.Method != http.MethodGet || strings.HasPrefix(rt.Path, "/api/") || strings.Contains(rt.Path, "events") || strings.HasPrefix(rt.Path, "/static/") {
			continue
		}
		for _, who := range b.actors[:4] {
			for _, m := range named.FindAllStringSubmatch(text(f, b.Do("GET", b.path(rt), who.token, nil, nil)), -1) {
				form.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
			}
		}
	}
	if len(form) < 10 {
		f.Fatalf("the pages have %d fields", len(form))
	}
	bodies["form"] = []string{form.Encode()}
	return bodies
}

var named = regexp.MustCompile(`<(?:input|select|textarea|button)[^>]* name="([^"]+)"(?:[^>]* value="([^"]*)")?`)

// example is a value that fits a schema: with what is required, or with everything.
func example(schema map[string]any, all map[string]map[string]any, full bool, depth int) any {
	if ref, ok := schema["$ref"].(string); ok {
		schema = all[ref[strings.LastIndex(ref, "/")+1:]]
	}
	if e, ok := schema["examples"].([]any); ok && len(e) > 0 {
		return e[0]
	}
	if e, ok := schema["enum"].([]any); ok && len(e) > 0 {
		return e[len(e)-1]
	}
	kind, _ := schema["type"].(string)
	if kinds, ok := schema["type"].([]any); ok && len(kinds) > 0 {
		kind, _ = kinds[0].(string)
	}
	switch kind {
	case "object":
		o := map[string]any{}
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for name, p := range properties {
			if p, ok := p.(map[string]any); ok && depth < 5 && name != "$schema" && (full || slices.Contains(required, any(name))) {
				o[name] = example(p, all, full, depth+1)
			}
		}
		return o
	case "array":
		if items, ok := schema["items"].(map[string]any); ok && depth < 5 {
			return []any{example(items, all, full, depth+1)}
		}
		return []any{}
	case "integer", "number":
		return 1
	case "boolean":
		return true
	}
	return "s1"
}

// path is a route's address about the owner's meeting.
func (b *bombarded) path(rt web.Route) string {
	p := b.places[0]
	id := p.meeting
	switch {
	case strings.HasPrefix(rt.Path, "/api/v1/uploads"):
		id = p.upload
	case erasing(rt):
		id = p.doomed
	}
	return strings.NewReplacer("{id}", id, "{$}", "", "{file}", "referent.css", "{version}", "x", "{speaker}", "S1", "{segment}", "s1", "{index}", "0",
		"{task}", "t1", "{department}", school, "{user}", idOf("changed"), "{role}", "reader").Replace(rt.Path)
}

// FuzzRoutes sends anything to every route as several people: no answer says that the server failed, and no stranger is
// shown a word of another's meeting.
func FuzzRoutes(f *testing.F) {
	b := bombard(f)
	bodies := b.bodies(f)
	for i, rt := range b.routes {
		seeds := bodies[rt.Method+" "+rt.Path]
		if rt.Method != http.MethodGet && !strings.HasPrefix(rt.Path, "/api/") {
			seeds = bodies["form"]
		}
		for who := range b.actors {
			// A fuzzer runs its seeds much slower than a test does: it is given each route once.
			if fuzzing() && who != i%len(b.actors) {
				continue
			}
			for _, body := range append(seeds, "") {
				f.Add(uint16(i), uint8(who), "q=sn%C3%B8freser&page=1&from=2026-01-01", "7", body)
			}
		}
		if fuzzing() {
			continue
		}
		f.Add(uint16(i), uint8(0), "%zz&a=%ff&page=-1&limit=99999999999999999999", "bytes=-1", `{"a":[`)
	}
	f.Fuzz(func(t *testing.T, route uint16, who uint8, query, header, body string) {
		b.T = t
		defer func() { b.T = f }()
		rt, a := b.routes[int(route)%len(b.routes)], b.actors[int(who)%len(b.actors)]
		target, err := url.Parse(b.URL + b.path(rt))
		if err != nil {
			t.Fatal(err)
		}
		target.RawQuery = strings.Map(func(r rune) rune { // what no client can send is not asked
			if r <= ' ' || r == 0x7f || r == '#' {
				return -1
			}
			return r
		}, query)
		header = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, header)
		resp := b.Do(rt.Method, strings.TrimPrefix(target.String(), b.URL), a.token, strings.NewReader(body), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/json")
			if !strings.HasPrefix(rt.Path, "/api/") {
				q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			if strings.HasPrefix(rt.Path, "/api/v1/uploads") {
				q.Header.Set("Content-Type", offsetStream)
				q.Header.Set("Tus-Resumable", "1.0.0")
				q.Header.Set("Upload-Metadata", meta("meeting", b.places[0].waiting))
			}
			for _, name := range []string{"Range", "Last-Event-ID", "If-None-Match", "If-Match", "Accept-Language", "Cookie", "Upload-Offset", "Upload-Length", "X-Forwarded-For"} {
				q.Header.Set(name, header)
			}
		})
		defer resp.Body.Close()
		if resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented { // what this server is not set up for
			t.Errorf("%s %s as %s: %s", rt.Method, rt.Path, a.name, resp.Status)
		}
		if resp.Header.Get("Content-Type") == "text/event-stream" {
			return
		}
		answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
		if err != nil {
			t.Errorf("%s %s as %s: %v", rt.Method, rt.Path, a.name, err)
		}
		if len(answer) == mostAnswer {
			t.Errorf("%s %s as %s: the answer does not end", rt.Method, rt.Path, a.name)
		}
		// What somebody sends himself may come back, in a page's fields.
		sent := strings.Contains(query+header+body, hidden)
		if slices.Contains(b.strangers, a.name) && !sent && strings.Contains(string(answer)+resp.Header.Get("Location"), hidden) {
			t.Errorf("%s %s shows %s a word of another's meeting", rt.Method, rt.Path, a.name)
		}
		b.again(t)
	})
}

func fuzzing() bool {
	pattern := flag.Lookup("test.fuzz")
	return pattern != nil && pattern.Value.String() != ""
}

// again puts back what a request took away.
func (b *bombarded) again(t *testing.T) {
	p, ctx := b.places[0], t.Context()
	if _, err := b.Store.Meeting(ctx, p.doomed); errors.Is(err, store.ErrNotFound) {
		p.doomed = b.empty(p)
	}
	if _, err := b.Store.Upload(ctx, p.upload); errors.Is(err, store.ErrNotFound) {
		p.waiting = b.empty(p)
		b.begin(p)
	}
	row, err := b.Store.Meeting(ctx, p.meeting)
	if err != nil {
		t.Fatalf("the meeting is gone: %v", err)
	}
	if row.Owner != idOf("owner") || row.State == referent.StatePurged {
		t.Fatalf("the meeting is not the owner's: %s, %s", row.Owner, row.State)
	}
}
