package web

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

// Operations is how the installation is doing.
type Operations struct {
	Version string      `json:"version" doc:"Of the server."`
	Queue   []QueueLine `json:"queue" nullable:"false" doc:"What is not done, by stage and priority."`
	// Idle is what somebody must be started for.
	Idle    []referent.Stage `json:"idle" nullable:"false" doc:"Stages of which work waits and that no worker who is there takes now. It runs when one comes."`
	Disk    Disk             `json:"disk"`
	Weights []Weights        `json:"weights" nullable:"false" doc:"That recognition uses."`
}

// QueueLine is the work of one stage and priority.
type QueueLine struct {
	Stage     referent.Stage    `json:"stage"`
	Priority  referent.Priority `json:"priority" enum:"inter,bulk" doc:"inter: a person waits for it."`
	Waiting   int               `json:"waiting"`
	Running   int               `json:"running"`
	Published int               `json:"published" doc:"Of those that wait, how many workers can find already: of bulk work no more than they soon come to, from each department in turn."`
	Oldest    time.Time         `json:"oldest,omitzero" doc:"When the first of those that wait was asked for."`
}

// Disk is how much room there is and what takes it up, in bytes.
type Disk struct {
	Space
	Code       referent.Code `json:"code,omitempty" doc:"Why free and total are not known."`
	Database   int64         `json:"database"`
	Recordings int64         `json:"recordings" doc:"As they were sent."`
	Results    int64         `json:"results" doc:"Decoded sound, transcripts, minutes and what they are made of."`
}

func (s *Server) registerOperations() {
	register(s, operation{method: http.MethodGet, path: "/operations", id: "get-operations", tag: "administration", needs: access.ManageSystem,
		summary: "How the installation is doing", text: "The queue, the disk, the weights. Workers and given-up jobs have lists of their own."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Operations }, error) {
			o, err := s.operations(ctx)
			return &struct{ Body Operations }{o}, err
		})
}

func (s *Server) operations(ctx context.Context) (Operations, error) {
	o := Operations{Version: s.cfg.Version, Queue: []QueueLine{}, Idle: []referent.Stage{}, Weights: []Weights{}}
	workloads, err := s.store.Workloads(ctx)
	if err != nil {
		return o, err
	}
	workers := s.pipe.Workers()
	for _, b := range workloads {
		o.Queue = append(o.Queue, QueueLine(b))
		if b.Waiting > 0 && b.Stage != referent.StageAssemble && !slices.Contains(o.Idle, b.Stage) &&
			!slices.ContainsFunc(workers, func(w pipeline.WorkerInfo) bool { return w.Able(b.Stage) }) {
			o.Idle = append(o.Idle, b.Stage)
		}
	}
	usage, err := s.usage.get(ctx, s.store, s.now())
	if err != nil {
		return o, err
	}
	o.Disk = Disk{Database: usage.Database, Recordings: usage.Recordings, Results: usage.Results}
	if s.cfg.Installation.Space != nil {
		if o.Disk.Space, err = s.cfg.Installation.Space(); err != nil {
			o.Disk.Code = referent.CodeUnavailable
		}
	}
	if s.cfg.Installation.Weights != nil {
		o.Weights = s.cfg.Installation.Weights()
	}
	return o, nil
}

// usageKept is how much room is taken up, counted once a minute at most: it is a walk through whole tables.
type usageKept struct {
	mu    sync.Mutex
	at    time.Time // it was counted; zero: never
	usage store.Usage
}

func (k *usageKept) get(ctx context.Context, db store.Store, now time.Time) (store.Usage, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.at.IsZero() && now.Sub(k.at) < time.Minute {
		return k.usage, nil
	}
	u, err := db.Usage(ctx)
	if err != nil {
		return store.Usage{}, err
	}
	k.at, k.usage = now, *u
	return k.usage, nil
}

// givenUp is a job that was given up, as whoever looks may know of it.
type givenUp struct {
	referent.Job      // Meeting is "" where it is not seen
	Retry        bool // whoever looks may have the meeting tried again
}

// givenUp lists the newest jobs that were given up. That a meeting can be tried again is said of its first.
func (s *Server) givenUp(ctx context.Context, limit int) ([]givenUp, error) {
	jobs, err := s.store.DeadJobs(ctx, limit)
	if err != nil {
		return nil, err
	}
	if err := s.veil(ctx, jobs); err != nil {
		return nil, err
	}
	list, told := make([]givenUp, len(jobs)), map[string]bool{"": true}
	for i, j := range jobs {
		list[i].Job = j
		if told[j.Meeting] {
			continue
		}
		told[j.Meeting] = true
		m, d, err := s.decideOf(ctx, j.Meeting, access.Process)
		if err != nil {
			return nil, err
		}
		list[i].Retry = d.Allowed && m.State == referent.StateFailed // it may have been tried again, or be done by now
	}
	return list, nil
}
