package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

// QueueAddress is where workers on other machines find the queue.
type QueueAddress struct {
	URLs []string // tls://host:port
	CA   string   // PEM of the authority, or of the very certificate, that they trust; "": their system's
}

// local reports whether only this machine reaches the queue.
func (q QueueAddress) local() bool {
	return !slices.ContainsFunc(q.URLs, func(a string) bool {
		u, err := url.Parse(a)
		return err != nil || !referent.Loopback(u.Hostname())
	})
}

// EnrolledWorker is a key that connects as a worker, and what is heard of it.
type EnrolledWorker struct {
	ID        string                `json:"id"`
	Label     string                `json:"label,omitempty" doc:"What whoever let it in calls it."`
	Key       string                `json:"key" doc:"Public nkey."`
	Own       bool                  `json:"own,omitempty" doc:"Of the workers on a server's own machine; they enrol with nobody."`
	Stages    []referent.Stage      `json:"stages,omitempty" doc:"Whose jobs it may do; absent: those of every stage."`
	By        string                `json:"by,omitempty" doc:"Id of the user who let it in."`
	Made      time.Time             `json:"made"`
	Seen      time.Time             `json:"seen,omitzero" doc:"It was last heard of, to the minute; absent: never."`
	Revoked   time.Time             `json:"revoked,omitzero" doc:"Absent: it is not."`
	RevokedBy string                `json:"revoked_by,omitempty" doc:"Id of the user who shut it out."`
	Now       []pipeline.WorkerInfo `json:"now" nullable:"false" doc:"The processes that are connected, with what they do."`
}

// NewEnrolment is a token with which one worker enrols.
type NewEnrolment struct {
	Token   string           `json:"token" doc:"Shown once; only its hash is kept. It works once."`
	Label   string           `json:"label"`
	Stages  []referent.Stage `json:"stages,omitempty"`
	Expires time.Time        `json:"expires"`
}

// Enrolled is what a worker needs to connect, beside the seed that it keeps to itself.
type Enrolled struct {
	ID     string           `json:"id"`
	Label  string           `json:"label"`
	Stages []referent.Stage `json:"stages,omitempty" doc:"Absent: all."`
	NATS   []string         `json:"nats" nullable:"false" doc:"Addresses of the queue, of which any will do."`
	CA     string           `json:"ca,omitempty" doc:"PEM of what the queue's certificate is signed by; absent: an authority that the system knows."`
}

func (s *Server) registerWorkers() {
	register(s, operation{method: http.MethodGet, path: "/workers/enrolled", id: "list-enrolled-workers", tag: "administration", needs: access.ManageSystem,
		summary: "List the workers that were let in", text: "Those revoked last. With each what is heard of its processes now: what they do, what their machine lacks."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []EnrolledWorker }, error) {
			return list(s.enrolledWorkers(ctx))
		})
	register(s, operation{method: http.MethodPost, path: "/workers/enrolments", id: "make-enrolment", tag: "administration", needs: access.ManageSystem,
		status: http.StatusCreated, summary: "Make a token with which one worker enrols", text: "It works once and for an hour, with referent worker enrol on the worker's machine."},
		func(ctx context.Context, in *struct {
			Body struct {
				Label  string           `json:"label" minLength:"1" maxLength:"100" doc:"What the worker is to be called." example:"Maskinrommet, skjermkort 1"`
				Stages []referent.Stage `json:"stages,omitempty" maxItems:"4" enum:"prepare,transcribe,minutes,live" doc:"Whose jobs it may do; absent: those of every stage."`
			}
		}) (*struct{ Body NewEnrolment }, error) {
			token, e, err := s.pipe.MakeEnrolment(ctx, whoAsks(ctx).user.ID, in.Body.Label, in.Body.Stages)
			if err != nil {
				return nil, err
			}
			return &struct{ Body NewEnrolment }{NewEnrolment{token, e.Label, e.Stages, e.Expires}}, nil
		})
	register(s, operation{method: http.MethodPost, path: "/workers/enrol", id: "enrol-worker", tag: "administration", needs: access.Public,
		status: http.StatusCreated, summary: "Enrol a worker", text: "For the worker itself. The token is its credential, and is used up. The seed of its key stays where it was made; the signature proves that it is there."},
		func(ctx context.Context, in *struct {
			Body struct {
				Token     string `json:"token" minLength:"1" maxLength:"200"`
				Key       string `json:"key" minLength:"56" maxLength:"56" doc:"Public nkey of a user."`
				Signature []byte `json:"signature" maxLength:"200" doc:"Of 'referent worker enrol ' and the token, by the key; base64."`
			}
		}) (*struct{ Body Enrolled }, error) {
			if len(s.cfg.Queue.URLs) == 0 {
				return nil, referent.E(referent.CodeUnavailable, "web: enrol worker", nil).
					WithHint("the queue is reached from this machine alone: set nats.listen and a certificate, or nats.url")
			}
			select {
			case s.enrolling <- struct{}{}:
				defer func() { <-s.enrolling }()
			default:
				return nil, referent.E(referent.CodeUnavailable, "web: enrol worker", nil).WithHint("many enrol at once; try again")
			}
			var w *store.Worker
			err := s.present(ctx, "enrol", in.Body.Token, referent.CodeForbidden, func() (err error) {
				w, err = s.pipe.Enrol(ctx, in.Body.Token, in.Body.Key, in.Body.Signature)
				return err
			})
			if many, ok := errors.AsType[errTooMany](err); ok {
				return nil, huma.ErrorWithHeaders(problem(ctx, err), http.Header{"Retry-After": {strconv.Itoa(many.seconds())}})
			}
			if err != nil {
				return nil, err
			}
			return &struct{ Body Enrolled }{Enrolled{w.ID, w.Label, w.Stages, s.cfg.Queue.URLs, s.cfg.Queue.CA}}, nil
		})
	register(s, operation{method: http.MethodDelete, path: "/workers/enrolled/{worker}", id: "revoke-worker", tag: "administration", needs: access.ManageSystem,
		summary: "Revoke a worker", text: "At once: its connections are closed, its jobs go to others, and nothing that it asks is answered. For good: it enrols anew with another key."},
		func(ctx context.Context, in *struct {
			Worker string `path:"worker" maxLength:"64"`
		}) (*struct{ Body EnrolledWorker }, error) {
			w, err := s.pipe.RevokeWorker(ctx, in.Worker, whoAsks(ctx).user.ID)
			if err != nil {
				return nil, err
			}
			return &struct{ Body EnrolledWorker }{enrolledWorker(w, nil)}, nil
		})
}

func enrolledWorker(w *store.Worker, present []pipeline.WorkerInfo) EnrolledWorker {
	now := []pipeline.WorkerInfo{}
	for _, p := range present {
		if strings.HasPrefix(p.Worker, pipeline.WorkerPrefix(w.ID)) {
			now = append(now, p)
		}
	}
	return EnrolledWorker{ID: w.ID, Label: w.Label, Key: w.Key, Own: w.Own, Stages: w.Stages, By: w.By, Made: w.Made, Seen: w.Seen,
		Revoked: w.Revoked, RevokedBy: w.RevokedBy, Now: now}
}

// enrolledWorkers lists who was let in. The workers on the server's own machine have no names that tell whose they are,
// and are shown with the key that they all have where there is only one such.
func (s *Server) enrolledWorkers(ctx context.Context) ([]EnrolledWorker, error) {
	rows, err := s.store.Workers(ctx)
	if err != nil {
		return nil, err
	}
	present := s.pipe.Workers()
	all := make([]EnrolledWorker, len(rows))
	var own []int
	for i := range rows {
		all[i] = enrolledWorker(&rows[i], present)
		if rows[i].Own && rows[i].Admitted() {
			own = append(own, i)
		}
	}
	if len(own) == 1 {
		all[own[0]].Now = slices.DeleteFunc(present, func(p pipeline.WorkerInfo) bool { return !strings.HasPrefix(p.Worker, pipeline.LocalWorkers) })
	}
	return all, nil
}
