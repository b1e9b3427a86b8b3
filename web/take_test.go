package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// takeForms are the forms on a page that compares two versions, with what they say beforehand.
var takeForms = regexp.MustCompile(`(?s)name="version" value="(\d+)"><input type="hidden" name="from" value="(\d+)"><input type="hidden" name="list" value="(\w+)"><input type="hidden" name="index" value="(\d+)">\s*<p class="help" id="[^"]+">([^<]*)</p>\s*<button[^>]* aria-label="([^"]*)"`)

// The parts of another version stand with a form each, which says what goes; taken, a part is in the minutes and the
// rest as it was.
func TestTakeOnePart(t *testing.T) {
	r := webtest.Start(t, nil)
	r.StartWorker()
	id, token := people(r, "sjef", "kari", "per")
	school := ask[web.Department](r, "POST", departments, token["sjef"], `{"name":"Skole"}`, 201).ID
	for _, given := range []string{id["kari"] + "/registrar", id["kari"] + "/referent", id["kari"] + "/approver", id["per"] + "/approver"} {
		ask[struct{}](r, "PUT", departments+"/"+school+"/members/"+given, token["sjef"], "", 204)
	}
	example := func(name string) string { return string(must(os.ReadFile(filepath.Join("..", "examples", name)))(t)) }
	vtt := example("formannskapet.vtt")
	path, meeting := begin(r, token["kari"], len(vtt), meta("title", "Møte i formannskapet", "kind", "moteprotokoll", "date", "2026-11-24", "department", school,
		"participants", example("formannskapet-deltakere.csv"), "agenda", example("formannskapet-saksliste.txt")))
	if resp := patch(r, path, token["kari"], 0, strings.NewReader(vtt)); resp.StatusCode != 204 {
		t.Fatal(resp.Status)
	}
	at := "/api/v1/meetings/" + meeting
	versions := func(n int) {
		t.Helper()
		r.Eventually("the minutes are written", func() bool {
			m := must(r.Store.Meeting(t.Context(), meeting))(t)
			return (m.State == referent.StateDraft || m.State == referent.StateReviewed) && len(must(r.Pipeline.MinutesVersions(t.Context(), meeting))(t)) == n
		})
	}
	versions(1)
	// A person changes a resolution and the tasks, and has it all written again.
	edit(r, at, token["kari"], review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Biblioteket stenges.", Case: "PS 31/26 Lørdagsåpent bibliotek"}})
	mine := edit(r, at, token["kari"], review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Rydde", Owner: "Kari"}})
	webtest.Check(t, r.Pipeline.Remake(t.Context(), meeting))
	versions(4)

	get := func(user, query string) (string, int) {
		t.Helper()
		resp := r.Do("GET", "/meetings/"+meeting+"/minutes"+query, token[user], nil, func(q *http.Request) { q.Header.Set("Accept-Language", "nb") })
		return text(t, resp), resp.StatusCode
	}
	if page, _ := get("kari", ""); !strings.Contains(page, "Maskinen har skrevet en nyere versjon, nummer 4.") || !strings.Contains(page, fmt.Sprintf("/compare?from=%d&amp;to=4", mine.Version)) {
		t.Error("nothing leads to what the machine has written")
	}
	compare := fmt.Sprintf("/compare?from=4&to=%d", mine.Version)
	page, _ := get("kari", compare)
	// Whichever way it was asked for, it tells what would become of what is shown.
	if !strings.Contains(page, fmt.Sprintf("Fra versjon %d til 4", mine.Version)) || !regexp.MustCompile(`<del><span class="unseen" lang="nb">Forsvinner: </span>[^<]*Rydde`).MatchString(page) ||
		!strings.Contains(page, "Kommer inn: ") || regexp.MustCompile(`<ins>[^/]*/span>[^<]*(Rydde|stenges)`).MatchString(page) {
		t.Errorf("what goes and what comes: %s", page)
	}
	found := map[string][]string{}
	for _, f := range takeForms.FindAllStringSubmatch(page, -1) {
		found[f[3]] = f
	}
	if len(found) != 2 || found["cases"] == nil || found["actions"] == nil || found["cases"][1] != strconv.Itoa(mine.Version) || found["cases"][2] != "4" ||
		!strings.Contains(found["cases"][5], "endret eller tatt med, og som forsvinner: ") || !strings.Contains(found["cases"][6], "PS 31/26") {
		t.Fatalf("forms: %q\n%s", found, page)
	}
	for user, other := range map[string]string{"per": compare, "kari": "/compare?from=1&to=2"} {
		if page, status := get(user, other); status != 200 || takeForms.MatchString(page) {
			t.Errorf("%s may take from %s: %d", user, other, status)
		}
	}
	if page, _ := get("per", ""); strings.Contains(page, "machine-newer") {
		t.Error("who cannot take anything is led to it")
	}

	post := func(user string, version, from int, list, index string, want int) (page, to string) {
		t.Helper()
		body := url.Values{"version": {strconv.Itoa(version)}, "from": {strconv.Itoa(from)}, "list": {list}, "index": {index}}.Encode()
		resp := r.Do("POST", "/meetings/"+meeting+"/minutes/compare", token[user], strings.NewReader(body), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("Accept-Language", "nb")
		})
		if page = text(t, resp); resp.StatusCode != want {
			t.Errorf("%s, %s %s of %d into %d: %s %s", user, list, index, from, version, resp.Status, page)
		}
		return page, resp.Header.Get("Location")
	}
	index := found["cases"][4]
	post("per", mine.Version, 4, "cases", index, 403)
	if page, _ := post("kari", mine.Version-1, 4, "cases", index, 409); !strings.Contains(page, "Noen andre endret referatet imens") || !takeForms.MatchString(page) {
		t.Errorf("a conflict is told so: %s", page)
	}
	if page, _ := post("kari", mine.Version, 4, "cases", "77", 404); !strings.Contains(page, `id="compare-alert"`) {
		t.Errorf("a case that is not there: %s", page)
	}
	_, to := post("kari", mine.Version, 4, "cases", index, 303)
	query, onward := strings.CutPrefix(strings.TrimSuffix(to, "#took"), "/meetings/"+meeting+"/minutes")
	if !onward || !strings.HasSuffix(to, "#took") {
		t.Fatalf("led to %s", to)
	}
	// What was done is told at the next part, with the way to it; what was not done is not told.
	told := regexp.MustCompile(`(?s)<p id="took"[^>]* role="status"[^>]*>Hentet fra versjon 4: ([^<]*)\. <a class="ds-link" href="/meetings/` + meeting + `/minutes#items-\d+">Se delen i referatet</a></p>\s*<section aria-labelledby="([^"]*)"`)
	page, _ = get("kari", query)
	if f := told.FindStringSubmatch(page); f == nil || !strings.Contains(f[1], "PS 31/26") || f[2] != "take-actions-0" {
		t.Errorf("after a part: %q %s", f, page)
	}
	if page, status := get("kari", strings.Replace(query, "made=5", "made=3", 1)); status != 200 || strings.Contains(page, `id="took"`) {
		t.Error("something is told that was not done")
	}
	v := ask[web.MinutesVersion](r, "GET", at+"/minutes", token["kari"], "", 200)
	first := ask[web.MinutesVersion](r, "GET", at+"/minutes?version=1", token["kari"], "", 200)
	if v.Version != 5 || v.Minutes.Decisions[0].Text != first.Minutes.Decisions[0].Text || len(v.Minutes.Actions) != len(mine.Minutes.Actions) || len(v.Minutes.Provenance.Taken) != 2 { // what kari moved to the case came from none
		t.Errorf("taken: %+v", v)
	}
	if page, _ := get("kari", ""); !strings.Contains(page, "hentet fra versjon 4 (Sak)") || !strings.Contains(page, "machine-newer") {
		t.Error("the history does not tell where it came from, or nothing leads to the other parts")
	}
	deeds := ask[[]web.Deed](r, "GET", at+"/history", token["kari"], "", 200)
	if d := deeds[len(deeds)-1]; d.What != "take" || d.Source != 4 || d.From != mine.Version || d.Part != "cases" {
		t.Errorf("the deed: %+v", d)
	}

	// By the API: what there is to take, and the edit.
	parts := ask[web.MinutesParts](r, "GET", at+"/minutes/parts?from=4", token["kari"], "", 200)
	takes := 0
	for _, o := range parts.Parts {
		if o.Takes {
			takes++
		}
	}
	if parts.Version != 5 || takes != 1 {
		t.Errorf("%+v", parts)
	}
	v = edit(r, at, token["kari"], review.Edit{Do: review.Take, List: review.Actions, Version: 4})
	if v.Version != 6 || len(v.Minutes.Actions) != len(first.Minutes.Actions) {
		t.Errorf("tasks: %+v", v.Minutes.Actions)
	}

	if page, _ := get("kari", "/compare?to=4&made=6&index=0"); !strings.Contains(page, "Hentet fra versjon 4: Oppgaver. Det er ikke flere deler å hente fra versjon 4.") ||
		!strings.Contains(page, "/minutes#part-actions") || strings.Contains(page, "Du kan hente én del") {
		t.Errorf("after the last part: %s", page)
	}

	// What is in the other written form is not mixed in; all of it can be had.
	resp := r.Do("POST", "/meetings/"+meeting+"/minutes/remake", token["kari"], strings.NewReader("kind=moteprotokoll&language=nn"), func(q *http.Request) {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	if text(t, resp); resp.StatusCode != 303 {
		t.Fatal(resp.Status)
	}
	versions(7)
	edit(r, at, token["kari"], review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Vaske"}})
	page, _ = get("kari", "/compare?from=7&to=8")
	if !strings.Contains(page, "Alt i versjon 8, som vises nå, blir byttet ut") || !strings.Contains(page, "tatt med, og som forsvinner: 1.") ||
		!regexp.MustCompile(`Forsvinner: </span>[^<]*Vaske`).MatchString(page) {
		t.Errorf("what goes with all: %s", page)
	}
	if takeForms.MatchString(page) || !strings.Contains(page, "Versjon 7 er skrevet i en annen målform.") || !strings.Contains(page, `name="restore" value="7"`) {
		t.Errorf("of another form: %s", page)
	}
	if page, _ := post("kari", 8, 7, "cases", "1", 422); !strings.Contains(page, "i en annen målform") {
		t.Errorf("refused: %s", page)
	}
	if p := ask[web.Problem](r, "GET", at+"/minutes/parts?from=7", token["kari"], "", 422); p.Hint == "" {
		t.Errorf("%+v", p)
	}

	// Whoever goes over to the machine's newest is not led to it; whoever goes back from it is.
	for _, back := range []int{7, 8} {
		edit(r, at, token["kari"], review.Edit{Do: review.Restore, Version: back})
		if page, _ := get("kari", ""); strings.Contains(page, "machine-newer") != (back == 8) {
			t.Errorf("after going back to %d the page leads to the machine's newest: %t", back, back != 8)
		}
	}

	// Nothing is taken into what somebody answers for.
	ready := check(r, at, token["kari"])
	done := ask[web.MinutesVersion](r, "POST", at+"/minutes/approve", token["kari"], version(ready.Version), 200)
	if page, _ := get("kari", fmt.Sprintf("/compare?from=1&to=%d", done.Version)); takeForms.MatchString(page) || strings.Contains(page, "take-") {
		t.Error("approved minutes can be taken into")
	}
	post("kari", done.Version, mine.Version, "actions", "0", 409)
	if m := must(r.Store.Meeting(t.Context(), meeting))(t); m.State != referent.StateApproved {
		t.Errorf("state %s", m.State)
	}
}
