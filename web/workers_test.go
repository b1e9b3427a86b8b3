package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

func TestWorkersEnrolAndAreShutOut(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) {
		c.Queue = web.QueueAddress{URLs: []string{"tls://ko.example.no:4222"}, CA: "PEM"}
	})
	r.User("sjef", true)
	r.User("kari", false)
	admin, kari := r.Token("sjef", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin), r.Token("kari", store.ScopeRead, store.ScopeWrite)
	const enrolments, enrol, enrolled = "/api/v1/workers/enrolments", "/api/v1/workers/enrol", "/api/v1/workers/enrolled"
	ask[web.Problem](r, "POST", enrolments, kari, `{"label":"x"}`, 403)
	ask[web.Problem](r, "POST", enrolments, admin, `{"label":""}`, 422)
	ask[web.Problem](r, "POST", enrolments, admin, `{"label":"x","stages":["assemble"]}`, 422)
	made := ask[web.NewEnrolment](r, "POST", enrolments, admin, `{"label":"Maskinrommet","stages":["transcribe"]}`, 201)
	body := func(token string) string {
		key, signature, err := queue.MakeSeed(filepath.Join(t.TempDir(), "worker.nk"), pipeline.EnrolmentMessage(token))
		webtest.Check(t, err)
		return string(must(json.Marshal(map[string]any{"token": token, "key": key, "signature": signature}))(t))
	}
	ask[web.Problem](r, "POST", enrol, "", body("rfw_guess"), 403)
	got := ask[web.Enrolled](r, "POST", enrol, "", body(made.Token), 201)
	if got.Label != "Maskinrommet" || len(got.NATS) != 1 || got.NATS[0] != "tls://ko.example.no:4222" || got.CA != "PEM" || len(got.Stages) != 1 {
		t.Errorf("the worker is told %+v", got)
	}
	ask[web.Problem](r, "POST", enrol, "", body(made.Token), 403) // used up

	// The same on the page, without script.
	page := text(t, r.Do("GET", "/admin/operations/workers", admin, nil, nil))
	for _, want := range []string{"Maskinrommet", "Serverens egne", "Ikke tilkoblet", "/admin/operations/workers/" + got.ID + "/revoke"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	form := func(path string, v url.Values) (int, string) {
		resp := r.Do("POST", path, admin, strings.NewReader(v.Encode()), func(q *http.Request) { q.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
		return resp.StatusCode, text(t, resp)
	}
	if code, page := form("/admin/operations/workers", url.Values{"label": {" "}}); code != 422 || !strings.Contains(page, "Gi arbeideren et navn") {
		t.Errorf("without a name: %d", code)
	}
	code, page := form("/admin/operations/workers", url.Values{"label": {"Skjermkort <1>"}, "stages": {"minutes", "live"}})
	token := regexp.MustCompile(`value="(rfw_[^"]+)"`).FindStringSubmatch(page)
	if code != 200 || token == nil {
		t.Fatalf("no token on the page: %d", code)
	}
	second := ask[web.Enrolled](r, "POST", enrol, "", body(token[1]), 201)
	if second.Label != "Skjermkort <1>" || len(second.Stages) != 2 {
		t.Errorf("the second worker: %+v", second)
	}
	if log := text(t, r.Do("GET", "/admin/log?what=worker_enrolled", admin, nil, nil)); !strings.Contains(log, "Arbeider meldt inn Maskinrommet") || !strings.Contains(log, "Arbeider meldt inn Skjermkort &lt;1&gt;") {
		t.Error("the log does not say which worker was let in")
	}
	if acts := ask[[]web.Act](r, "GET", "/api/v1/administration?what=worker_enrolled", admin, "", 200); len(acts) != 2 || acts[1].Worker != got.ID {
		t.Errorf("the log tells programs %+v", acts)
	}
	if page := text(t, r.Do("GET", "/admin/operations/workers", admin, nil, nil)); strings.Contains(page, token[1]) || !strings.Contains(page, "Skjermkort &lt;1&gt;") {
		t.Error("the token is shown again, or the name is not")
	}
	if code, page := form("/admin/operations/workers/"+second.ID+"/revoke", nil); code != 200 || !strings.Contains(page, "er stengt ute") {
		t.Errorf("shut out on the page: %d", code)
	}
	own := must(r.Store.Workers(t.Context()))(t)[0]
	if code, _ := form("/admin/operations/workers/"+own.ID+"/revoke", nil); code != 409 {
		t.Errorf("the server's own: %d", code)
	}

	ask[web.Problem](r, "DELETE", enrolled+"/"+got.ID, kari, "", 403)
	if w := ask[web.EnrolledWorker](r, "DELETE", enrolled+"/"+got.ID, admin, "", 200); w.Revoked.IsZero() || w.RevokedBy == "" {
		t.Errorf("shut out: %+v", w)
	}
	ask[web.Problem](r, "DELETE", enrolled+"/nobody", admin, "", 404)
	all := ask[[]web.EnrolledWorker](r, "GET", enrolled, admin, "", 200)
	if len(all) != 3 || !all[0].Own || all[1].Revoked.IsZero() || all[2].Revoked.IsZero() {
		t.Errorf("the list: %+v", all)
	}
	if log := r.Log.String(); strings.Contains(log, made.Token) || strings.Contains(log, token[1]) || strings.Contains(log, "Maskinrommet") {
		t.Error("a token or a name is in the log")
	}
}

func TestNobodyEnrolsWithoutAnAddress(t *testing.T) {
	r := webtest.Start(t, nil)
	ask[web.Problem](r, "POST", "/api/v1/workers/enrol", "", `{"token":"x","key":"`+strings.Repeat("U", 56)+`","signature":"eA=="}`, 503)
}

// Who guesses at tokens waits, and a good one is not looked at meanwhile.
func TestWrongEnrolmentTokensCostTime(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) {
		c.Queue = web.QueueAddress{URLs: []string{"tls://ko.example.no:4222"}, CA: "PEM"}
	})
	r.User("sjef", true)
	admin := r.Token("sjef", store.ScopeRead, store.ScopeWrite, store.ScopeAdmin)
	var mu sync.Mutex
	now := time.Now()
	r.Server.SetClock(func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
	const enrol = "/api/v1/workers/enrol"
	made := ask[web.NewEnrolment](r, "POST", "/api/v1/workers/enrolments", admin, `{"label":"Maskinrommet"}`, 201)
	body := func(token string) string {
		key, signature, err := queue.MakeSeed(filepath.Join(t.TempDir(), "worker.nk"), pipeline.EnrolmentMessage(token))
		webtest.Check(t, err)
		return string(must(json.Marshal(map[string]any{"token": token, "key": key, "signature": signature}))(t))
	}
	guess := body("rfw_guess")
	for range 101 {
		ask[web.Problem](r, "POST", enrol, "", guess, 403)
	}
	resp := r.Do("POST", enrol, "", strings.NewReader(body(made.Token)), func(q *http.Request) { q.Header.Set("Content-Type", "application/json") })
	if why := text(t, resp); resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "1" || !strings.Contains(why, "For mange forsøk") {
		t.Errorf("after too many: %s, %v, %s", resp.Status, resp.Header, why)
	}
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	ask[web.Enrolled](r, "POST", enrol, "", body(made.Token), 201)
}
