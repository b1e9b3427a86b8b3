package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
)

// A purge of many calls tells what failed in any of them, once, and not what went well since.
func TestPurgeTellsAllThatFailed(t *testing.T) {
	failed := func(code referent.Code, ids ...string) (all []pipeline.PurgeFailure) {
		for _, id := range ids {
			all = append(all, pipeline.PurgeFailure{Meeting: id, Code: code})
		}
		return all
	}
	answers := []pipeline.Purge{
		{Meetings: []pipeline.Purged{{Meeting: "a"}}, Failed: failed(referent.CodeInternal, "b", "c", ""), Begun: 2, More: 2},
		{Meetings: []pipeline.Purged{{Meeting: "c"}}, Failed: failed(referent.CodeTimeout, "d", ""), Begun: 1, More: 1},
		{Meetings: []pipeline.Purged{{Meeting: "e"}}, Failed: failed(referent.CodeUnavailable, "d")},
	}
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answers[asked]); err != nil {
			t.Error(err)
		}
		asked++
	}))
	defer srv.Close()
	a, out, errs := newApp(locale.Bokmal, "REFERENT_SERVER="+srv.URL, "REFERENT_TOKEN=x")
	if code := a.run(t.Context(), []string{"purge", "--yes", "--json"}); code != exitCode(referent.E(referent.CodeInternal, "", nil)) {
		t.Errorf("exits with %d: %s", code, errs)
	}
	told := onlyPurge(t, out.Bytes())
	if e := told.Error; e == nil || e.Code != referent.CodeInternal || e.Exit != exitInternal || e.Message == "" {
		t.Errorf("it tells of the failure as %+v", e)
	}
	if told.Begun != 3 {
		t.Errorf("%d have begun", told.Begun)
	}
	want := append(failed(referent.CodeInternal, "b"), failed(referent.CodeUnavailable, "d")...)
	if !slices.Equal(told.Failed, want) || len(told.Meetings) != 3 {
		t.Errorf("it tells %+v", told)
	}
}

type toldPurge struct {
	pipeline.Purge
	Error *failure `json:"error"`
}

// onlyPurge is what a program reads, which is one value.
func onlyPurge(t *testing.T, out []byte) (told toldPurge) {
	t.Helper()
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return told
}

// A server that is lost in the middle: what it had done is told together with the error.
func TestPurgeThatBreaksOffTellsOneValue(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked > 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(pipeline.Purge{Meetings: []pipeline.Purged{{Meeting: "a"}}, More: 1}); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	a, out, errs := newApp(locale.Bokmal, "REFERENT_SERVER="+srv.URL, "REFERENT_TOKEN=x")
	if code := a.run(t.Context(), []string{"purge", "--yes", "--json"}); code != exitUnavailable || errs.Len() > 0 {
		t.Errorf("exits with %d: %s", code, errs)
	}
	told := onlyPurge(t, out.Bytes())
	if len(told.Meetings) != 1 || told.Error == nil || told.Error.Code != referent.CodeUnavailable || told.Error.Exit != exitUnavailable {
		t.Errorf("it tells %s", out)
	}
}

// What has begun and takes long is no failure.
func TestPurgeTellsWhatHasBegun(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(pipeline.Purge{Meetings: []pipeline.Purged{{Meeting: "a", What: "audio"}}, Begun: 7}); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	a, out, errs := newApp(locale.Bokmal, "REFERENT_SERVER="+srv.URL, "REFERENT_TOKEN=x")
	if code := a.run(t.Context(), []string{"purge", "--yes"}); code != 0 || !strings.Contains(out.String(), "7 slettinger til er påbegynt") {
		t.Errorf("exits with %d: %s%s", code, out, errs)
	}
}
