package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
)

const (
	operationsAt = "/admin/operations"
	deadPage     = 50       // given-up jobs shown at once
	scarce       = 10 << 30 // bytes free: two long meetings more, and it is time to do something
)

// operationsView is how the installation is doing.
type operationsView struct {
	Operations
	Workers []workerRow
	Dead    []deadRow
	Scarce  bool // the disk will soon be full
	At      time.Time

	NobodyTakes string // the stages in Idle, by name
}

type workerRow struct {
	pipeline.WorkerInfo
	Stages string
	Runs   string   // the kind of device; "": of a release that does not tell
	OnDisk string   // weights; "": none, or not told
	Faults []string // a sentence for each
}

type deadRow struct {
	givenUp
	Cause string
}

func (s *Server) registerOperationPages() {
	s.routes.handle(http.MethodGet, operationsAt, access.ManageSystem, func(w http.ResponseWriter, r *http.Request) {
		v, err := s.operationsView(r.Context())
		if err != nil {
			s.pages.fail(w, r, err)
			return
		}
		s.pages.render(w, r, http.StatusOK, "operations", v)
	})
}

func (s *Server) operationsView(ctx context.Context) (*operationsView, error) {
	lang := infoOf(ctx).lang
	o, err := s.operations(ctx)
	if err != nil {
		return nil, err
	}
	v := &operationsView{Operations: o, At: s.now(), Scarce: o.Disk.Total > 0 && o.Disk.Free < scarce}
	for _, w := range s.pipe.Workers() {
		row := workerRow{WorkerInfo: w}
		var stages []string
		for _, st := range w.Stages {
			stages = append(stages, stageName(lang, st))
		}
		row.Stages, row.OnDisk = strings.Join(stages, ", "), strings.Join(w.Models, ", ")
		if w.Class != "" {
			row.Runs = locale.T(lang, "operations.class."+string(w.Class))
		}
		for _, f := range w.Faults {
			key := "operations.fault"
			if !f.Until.After(v.At) {
				key = "operations.fault.over"
			}
			row.Faults = append(row.Faults, locale.T(lang, key, "stage", stageName(lang, f.Stage), "time", f.Until.Local().Format("15.04.05"), "cause", locale.ErrorCode(lang, f.Code)))
		}
		v.Workers = append(v.Workers, row)
	}
	var idle []string
	for _, st := range o.Idle {
		idle = append(idle, stageName(lang, st))
	}
	v.NobodyTakes = strings.Join(idle, ", ")
	dead, err := s.givenUp(ctx, deadPage)
	for _, d := range dead {
		v.Dead = append(v.Dead, deadRow{d, locale.ErrorCode(lang, d.Code)})
	}
	return v, err
}

// stageName is what a stage is called; that of a worker of another release may have no name here.
func stageName(lang string, st referent.Stage) string {
	if key := "operations.stage." + string(st); locale.Has(key) {
		return locale.T(lang, key)
	}
	return string(st)
}

// Stage is what a stage is called.
func (v view) Stage(st referent.Stage) string { return stageName(v.Lang, st) }

// Cause is why something is not known.
func (v view) Cause(c referent.Code) string { return locale.ErrorCode(v.Lang, c) }

// Bytes writes an amount of data: 1,2 GB, where a GB is 10⁹ bytes.
func (v view) Bytes(n int64) string {
	f, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if f < 1000 {
			break
		}
		f, unit = f/1000, next
	}
	digits := 1
	if unit == "B" || f >= 100 {
		digits = 0
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if v.Lang != locale.English {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + " " + unit
}
