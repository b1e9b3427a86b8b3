package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/queue"
)

const workersAt = operationsAt + "/workers"

// workersView is who may work, and the token that was just made.
type workersView struct {
	Workers []enrolledRow
	Stages  []referent.Stage // to choose from

	Token   string // just made, and shown this once
	Server  string // where the worker hands it in
	Expires time.Time
	Local   bool   // the queue is reached from this machine alone
	Label   string // what stands in the field
	Alert   string // why the last change was not made; "": it was
	Revoked string // label of who was just shut out
}

type enrolledRow struct {
	EnrolledWorker
	Who   string // let it in
	Takes string // stages, by name; "": all
	Doing int    // jobs now
}

// registerWorkerPages registers the page of workers that were let in. What it does is what the API does.
func (s *Server) registerWorkerPages() {
	reg := s.routes.handle
	reg(http.MethodGet, workersAt, access.ManageSystem, func(w http.ResponseWriter, r *http.Request) {
		s.showWorkers(w, r, http.StatusOK, workersView{})
	})
	reg(http.MethodPost, workersAt, access.ManageSystem, s.postEnrolment)
	reg(http.MethodPost, workersAt+"/{worker}/revoke", access.ManageSystem, s.postRevoke)
}

func (s *Server) showWorkers(w http.ResponseWriter, r *http.Request, status int, v workersView) {
	ctx := r.Context()
	all, err := s.enrolledWorkers(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	names, lang := s.names(ctx), infoOf(ctx).lang
	for _, e := range all {
		row := enrolledRow{EnrolledWorker: e}
		if row.Who, err = names.of(e.By); err != nil {
			s.pages.fail(w, r, err)
			return
		}
		var takes []string
		for _, st := range e.Stages {
			takes = append(takes, stageName(lang, st))
		}
		row.Takes = strings.Join(takes, ", ")
		for _, p := range e.Now {
			row.Doing += len(p.Jobs)
		}
		v.Workers = append(v.Workers, row)
	}
	v.Stages, v.Local = queue.Stages, s.cfg.Queue.local()
	s.pages.render(w, r, status, "workers", v)
}

func (s *Server) postEnrolment(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	var stages []referent.Stage
	for _, st := range r.PostForm["stages"] {
		stages = append(stages, referent.Stage(st))
	}
	v := workersView{Label: r.PostFormValue("label"), Server: s.cfg.PublicURL}
	token, e, err := s.pipe.MakeEnrolment(r.Context(), whoAsks(r.Context()).user.ID, v.Label, stages)
	if err != nil {
		s.workersRefused(w, r, v, err)
		return
	}
	v.Token, v.Expires, v.Label = token, e.Expires, ""
	s.showWorkers(w, r, http.StatusOK, v)
}

func (s *Server) postRevoke(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	e, err := s.pipe.RevokeWorker(r.Context(), r.PathValue("worker"), whoAsks(r.Context()).user.ID)
	if err != nil {
		s.workersRefused(w, r, workersView{}, err)
		return
	}
	s.showWorkers(w, r, http.StatusOK, workersView{Revoked: e.Label})
}

// workersRefused shows the page with why nothing was changed.
func (s *Server) workersRefused(w http.ResponseWriter, r *http.Request, v workersView, err error) {
	lang := infoOf(r.Context()).lang
	switch referent.CodeOf(err) {
	case referent.CodeInvalid:
		v.Alert = locale.T(lang, "workers.wrong")
		s.showWorkers(w, r, http.StatusUnprocessableEntity, v)
	case referent.CodeConflict:
		v.Alert = locale.T(lang, "workers.own.kept")
		s.showWorkers(w, r, http.StatusConflict, v)
	default:
		s.pages.fail(w, r, err)
	}
}
