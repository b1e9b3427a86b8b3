package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// searchFor asks the API, and gives what was found as "said s1".
func searchFor(r *webtest.Rig, token, query string) (found []string, hits []web.Hit) {
	r.T.Helper()
	hits = ask[[]web.Hit](r, "GET", "/api/v1/search?"+query, token, "", 200)
	found = []string{}
	for _, h := range hits {
		found = append(found, fmt.Sprintf("%s %s", h.What, h.Segment))
	}
	return found, hits
}

func TestSearch(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	title := "Møte i formannskapet"
	ask[referent.Meeting](r, "PATCH", at, token, `{"body":"Formannskapet"}`, 200)
	edit(r, at, token, review.Edit{Do: review.Add, List: review.Decisions, Words: review.Words{Text: "Blåbærsyltetøy <b>serveres</b> ved BLÅBÆR-festen."}})
	edit(r, at, token, review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Koke blåbærsyltetøy", Owner: "Ola Hansen", Due: "2027-01-31"}})

	if found, _ := searchFor(r, token, "q=bl%C3%A5b%C3%A6r"); len(found) != 0 {
		t.Errorf("what was said is asked for, and found is %q", found)
	}
	found, hits := searchFor(r, token, "q=bl%C3%A5b%C3%A6r&what=said,decision,task")
	if strings.Join(found, ", ") != "decision , task " || hits[0].Title != title || hits[0].Date != "2026-11-24" {
		t.Fatalf("found %q: %+v", found, hits)
	}
	if want := (web.Mark{From: 0, To: 14}); len(hits[0].Marks) != 2 || hits[0].Marks[0] != want || hits[0].Marks[1] != (web.Mark{From: 35, To: 41}) {
		t.Errorf("marks: %+v", hits[0].Marks)
	}
	if k := hits[1].Task; k == nil || k.Owner != "Ola Hansen" || k.Due != "2027-01-31" || !k.May || k.Title != title {
		t.Errorf("the task: %+v", k)
	}
	for query, want := range map[string]int{
		"q=bl%C3%A5b%C3%A6r&what=decision&body=Formannskapet": 1, "q=bl%C3%A5b%C3%A6r&what=decision&body=R%C3%A5d": 0,
		"q=bl%C3%A5b%C3%A6r&what=decision&from=2026-11-24&to=2026-11-24": 1, "q=bl%C3%A5b%C3%A6r&what=decision&from=2026-11-25": 0, "q=bl%C3%A5b%C3%A6r&what=decision&to=2026-11-23": 0,
		"q=bl%C3%A5b%C3%A6r&what=decision&kind=moteprotokoll&state=reviewed": 1, "q=bl%C3%A5b%C3%A6r&what=decision&state=approved": 0,
		"q=bl%C3%A5b%C3%A6r&what=task&speaker=ola": 1, "q=bl%C3%A5b%C3%A6r&what=task&speaker=kari": 0, "q=bl%C3%A5b%C3%A6r&what=task&department=none": 0, "": 0, "what=said": 0,
	} {
		if found, _ := searchFor(r, token, query); len(found) != want {
			t.Errorf("%s finds %q", query, found)
		}
	}
	for _, query := range []string{"q=x&what=secret", "q=x&from=i+dag", "q=x&from=2026-02-31", "q=x&after=*", "q=x&state=gone", "q=x&limit=0", "q=x&state=" + strings.Repeat("draft,", 20) + "draft"} {
		if resp := r.Do("GET", "/api/v1/search?"+query, token, nil, nil); resp.StatusCode != 422 && resp.StatusCode != 400 {
			t.Errorf("%s: %s", query, resp.Status)
		}
	}
	// Pages, by the header: each link is followed as it is, and asks for the same as the first.
	found = nil
	for next, pages := "/api/v1/search?what=decision,task&state=reviewed,draft&limit=2", 0; next != ""; pages++ {
		resp := r.Do("GET", next, token, nil, nil)
		var page []web.Hit
		if err := json.Unmarshal([]byte(text(t, resp)), &page); err != nil || len(page) > 2 || pages > 20 {
			t.Fatalf("page %d holds %d: %v", pages, len(page), err)
		}
		for _, h := range page {
			found = append(found, string(h.What))
		}
		next = strings.TrimSuffix(strings.TrimPrefix(resp.Header.Get("Link"), "<"), `>; rel="next"`)
	}
	mi := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200).Minutes
	if want := slices.Concat(slices.Repeat([]string{"decision"}, len(mi.Decisions)), slices.Repeat([]string{"task"}, len(mi.Actions))); !slices.Equal(found, want) {
		t.Errorf("the pages hold %q, want %q", found, want)
	}
	// The page shows the same: marked, and as text.
	page := text(t, r.Do("GET", "/search?q=bl%C3%A5b%C3%A6r", token, nil, nil))
	for _, want := range []string{"<mark>Blåbærsyltetøy</mark> &lt;b&gt;serveres&lt;/b&gt; ved <mark>BLÅBÆR</mark>-festen.", `href="/meetings/` + id + `/minutes#decisions-0"`,
		`href="/meetings/` + id + `/minutes#actions-0"`, "24.11.2026", "Ansvarlig: Ola Hansen", "Frist: 31.01.2027"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s: %s", want, page)
		}
	}
	link, err := url.Parse(strings.Trim(strings.TrimSuffix(r.Do("GET", "/api/v1/search?q=er&limit=2", token, nil, nil).Header.Get("Link"), `; rel="next"`), "<>"))
	if err != nil {
		t.Fatal(err)
	}
	if page := text(t, r.Do("GET", "/search?q=er&what=said&after="+link.Query().Get("after"), token, nil, nil)); !strings.Contains(page, `href="/search?q=er&amp;what=said"`) {
		t.Error("another page asks for other kinds than this one")
	}
	// The field of states has four: what else stands in the address is no choice.
	many := "&state=" + strings.Repeat("x&state=", 40_000) + "draft"
	if resp := r.Do("GET", "/search?q=er"+many, token, nil, nil); resp.StatusCode != 200 {
		t.Errorf("states that there are none of: %s", resp.Status)
	}
	if page := text(t, r.Do("GET", "/tasks?state=approved", token, nil, nil)); !strings.Contains(page, "Koke blåbærsyltetøy") {
		t.Error("the list of tasks is narrowed by a field that it does not have")
	}
	if strings.Contains(page, "<b>") {
		t.Error("markup of the minutes reached the page")
	}
	for path, want := range map[string]string{"/search": "Skriv ett eller flere ord", "/search?q=finnesikke": "Ingen treff i møtene", "/search?q=x&body=Formannskapet": "ta bort noe av avgrensingen", "/search?what=decision": "decisions-1"} {
		if page := text(t, r.Do("GET", path, token, nil, nil)); !strings.Contains(page, want) {
			t.Errorf("%s lacks %q", path, want)
		}
	}
	if log := r.Log.String(); strings.Contains(log, "blåbær") || strings.Contains(log, "bl%C3") || strings.Contains(log, "Hansen") {
		t.Error("what was searched for is in the log")
	}
	r.User("ola", false)
	if found, _ := searchFor(r, r.Token("ola", store.ScopeRead), "q=bl%C3%A5b%C3%A6r&what=said,decision,task"); len(found) != 0 {
		t.Errorf("somebody else finds %q", found)
	}
}

func TestTasks(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	for _, words := range []review.Words{{Text: "Uten frist"}, {Text: "Senere", Owner: "Ola", Due: "2099-01-01"}, {Text: "For lenge siden", Owner: "Kari", Due: "2020-01-01"}} {
		edit(r, at, token, review.Edit{Do: review.Add, List: review.Actions, Words: words})
	}
	list := func(query string) web.TaskPage {
		t.Helper()
		return ask[web.TaskPage](r, "GET", "/api/v1/tasks?"+query, token, "", 200)
	}
	all := list("limit=200").Tasks
	if len(all) < 3 || all[0].Text != "For lenge siden" || all[len(all)-1].Due != "" {
		t.Fatalf("the list: %+v", all)
	}
	for query, want := range map[string]string{"when=overdue": "For lenge siden", "owner=KARI": "For lenge siden", "owner=ola&from=2026-11-24": "Senere"} {
		if got := list(query).Tasks; len(got) == 0 || got[0].Text != want {
			t.Errorf("%s: %+v", query, got)
		}
	}
	if page := list("limit=1"); page.Next == "" || list("limit=1&after=" + url.QueryEscape(page.Next)).Tasks[0].ID == page.Tasks[0].ID {
		t.Errorf("pages: %+v", page)
	}

	// Done, also when the minutes are approved: they stay as they are.
	check(r, at, token)
	now := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200)
	approved := ask[web.MinutesVersion](r, "POST", at+"/minutes/approve", token, version(now.Version), 200)
	task := at + "/tasks/" + all[0].ID
	if k := ask[web.Task](r, "PATCH", task, token, `{"done":true}`, 200); !k.Done || k.DoneBy != "kari" || k.Title != "Møte i formannskapet" {
		t.Errorf("done: %+v", k)
	}
	if got := list("done=true").Tasks; len(got) != 1 || got[0].ID != all[0].ID {
		t.Errorf("those that are done: %+v", got)
	}
	if v := ask[web.MinutesVersion](r, "GET", at+"/minutes", token, "", 200); v.Version != approved.Version || v.State != referent.StateApproved {
		t.Errorf("the minutes are at version %d, %s", v.Version, v.State)
	}
	history := ask[[]web.Deed](r, "GET", at+"/history", token, "", 200)
	if d := history[len(history)-1]; d.What != store.DeedTaskDone || d.By != "kari" || d.Version != 0 {
		t.Errorf("history: %+v", d)
	}
	if page := text(t, r.Do("GET", "/meetings/"+id+"/minutes", token, nil, nil)); !strings.Contains(page, "kari – oppgave utført") {
		t.Error("the page's history does not tell of it")
	}
	ask[web.Problem](r, "PATCH", at+"/tasks/none", token, `{"done":true}`, 404)
	ask[web.Problem](r, "PATCH", task, token, `{}`, 422)

	// With those that are done, so are their people.
	if page := text(t, r.Do("GET", "/tasks?done=1", token, nil, nil)); !strings.Contains(page, "<option>Kari</option>") || strings.Contains(page, "<option>Ola</option>") {
		t.Errorf("whose tasks are done: %s", page)
	}

	// The page: a form without script, that comes back to where it was, and nowhere else.
	form := func(next, done string) *http.Response {
		body := url.Values{"next": {next}, "done": {done}}.Encode()
		return r.Do("POST", "/meetings/"+id+"/tasks/"+all[0].ID, token, strings.NewReader(body), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
	}
	back := form("/tasks?owner=Kari", "").Header.Get("Location")
	if !strings.HasPrefix(back, "/tasks?owner=Kari&settled=") {
		t.Fatalf("it leads to %s", back)
	}
	page := text(t, r.Do("GET", back, token, nil, nil))
	if !regexp.MustCompile(`(?s)«For lenge siden» er åpen igjen.*Over fristen.*Frist: 01.01.2020`).MatchString(page) {
		t.Errorf("the page: %s", page)
	}
	for _, next := range []string{"https://example.org/tasks", "//example.org/tasks", "/signout", "/tasks%zz", "\\\\x"} {
		if to := form(next, "1").Header.Get("Location"); !strings.HasPrefix(to, "/tasks?settled=") {
			t.Errorf("%s leads to %s", next, to)
		}
	}
	r.User("ola", false)
	other := r.Token("ola", store.ScopeRead, store.ScopeWrite)
	if page := text(t, r.Do("GET", strings.Replace(back, "owner=Kari&", "", 1), other, nil, nil)); strings.Contains(page, "lenge siden") || !strings.Contains(page, "Det er ingen åpne oppgaver") {
		t.Errorf("somebody else sees: %s", page)
	}
	ask[web.Problem](r, "PATCH", task, other, `{"done":false}`, 404)
}
