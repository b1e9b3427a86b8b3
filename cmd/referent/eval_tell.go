package main

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/report"
	"github.com/referent/referent/locale"
)

// tell prints the totals, what was passed over and the bars, missed ones last. The error says only that
// one was missed.
func (e *evaluation) tell() error {
	a := e.app
	if a.json {
		if err := json.NewEncoder(a.out).Encode(&e.report); err != nil {
			return referent.E(referent.CodeInternal, "eval all: print report", err)
		}
	} else {
		e.print()
	}
	if !e.report.Met() {
		return &reported{errFailedCheck}
	}
	return nil
}

func (e *evaluation) print() {
	a := e.app
	text := func(key string, args ...any) string { return locale.T(a.lang, "eval."+key, args...) }
	for i := range e.report.Sets {
		set := &e.report.Sets[i]
		for _, m := range set.Measures {
			interval := ""
			if m.Interval != nil {
				interval = text("page.interval", "low", a.figure(m.Name, m.Interval.Low), "high", a.figure(m.Name, m.Interval.High))
			}
			a.printf("%s", a.t("eval.all.total", "value", pad(a.figure(m.Name, m.Value), 10), "interval", pad(interval, 24),
				"set", text("set."+set.Name), "measure", text("measure."+m.Name)))
		}
		for _, f := range set.Files {
			if f.Failed != "" {
				a.printf("%s", a.t("eval.all.failed", "name", f.Name, "spoken", f.Spoken, "message", locale.ErrorCode(a.lang, referent.Code(f.Failed))))
			}
		}
	}
	for _, s := range e.report.Skipped {
		name := s.Name
		if !strings.Contains(name, "/") {
			name = text("set." + name)
		}
		a.printf("%s", a.t("eval.all.skipped", "name", name, "reason", text("reason."+s.Reason)))
	}
	for _, met := range []bool{true, false} {
		for _, b := range e.report.Bars {
			if b.Met == met {
				a.printBar(b, strings.TrimSpace(text("set."+b.Set)+" "+b.File))
			}
		}
	}
	a.printf("%s", a.t("eval.all.written", "file", filepath.Join(e.out, "report.html")))
}

// printBar tells whether a bar was met. set is what it was measured on, in words.
func (a *app) printBar(b report.Bar, set string) {
	text := func(key string, args ...any) string { return locale.T(a.lang, "eval."+key, args...) }
	verdict := "bar.missed"
	if b.Met {
		verdict = "bar.met"
	}
	a.printf("%s", a.t("eval.all.bar", "verdict", pad(text(verdict), 11), "set", set, "measure", text("measure."+b.Measure),
		"value", a.figure(b.Measure, b.Value), "limit", text("bar."+b.Sign(), "limit", a.figure(b.Measure, b.Limit))))
}

// pad fills with spaces on the left, counted in characters.
func pad(s string, width int) string {
	return strings.Repeat(" ", max(0, width-len([]rune(s)))) + s
}
