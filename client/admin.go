package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/pipeline"
)

// Workers lists the workers that the server hears from. It needs the admin scope.
func (c *Client) Workers(ctx context.Context) ([]pipeline.WorkerInfo, error) {
	workers, err := call[[]pipeline.WorkerInfo](ctx, c, http.MethodGet, "/workers", nil)
	if err != nil {
		return nil, err
	}
	return *workers, nil
}

// Idle lists the stages of which work waits that no worker who is there takes. It needs the admin scope.
func (c *Client) Idle(ctx context.Context) ([]referent.Stage, error) {
	type operations struct {
		Idle []referent.Stage `json:"idle"`
	}
	o, err := call[operations](ctx, c, http.MethodGet, "/operations", nil)
	if err != nil {
		return nil, err
	}
	return o.Idle, nil
}

// EnrolledWorker is a key that connects as a worker, and what is heard of it.
type EnrolledWorker struct {
	ID      string                `json:"id"`
	Label   string                `json:"label"`
	Key     string                `json:"key"`
	Own     bool                  `json:"own"` // of the workers on a server's own machine
	Stages  []referent.Stage      `json:"stages,omitempty"`
	Made    time.Time             `json:"made"`
	Seen    time.Time             `json:"seen,omitzero"`
	Revoked time.Time             `json:"revoked,omitzero"`
	Now     []pipeline.WorkerInfo `json:"now"`
}

// Enrolment is a token with which one worker enrols, once.
type Enrolment struct {
	Token   string           `json:"token"`
	Label   string           `json:"label"`
	Stages  []referent.Stage `json:"stages,omitempty"`
	Expires time.Time        `json:"expires"`
}

// Enrolled is what a worker needs to connect, beside its seed.
type Enrolled struct {
	ID     string           `json:"id"`
	Label  string           `json:"label"`
	Stages []referent.Stage `json:"stages,omitempty"` // none: all
	NATS   []string         `json:"nats"`
	CA     string           `json:"ca,omitempty"` // PEM
}

// EnrolledWorkers lists the workers that were let in. It needs the admin scope.
func (c *Client) EnrolledWorkers(ctx context.Context) ([]EnrolledWorker, error) {
	workers, err := call[[]EnrolledWorker](ctx, c, http.MethodGet, "/workers/enrolled", nil)
	if err != nil {
		return nil, err
	}
	return *workers, nil
}

// MakeEnrolment makes a token with which one worker enrols; no stages are all. It needs the admin scope.
func (c *Client) MakeEnrolment(ctx context.Context, label string, stages []referent.Stage) (*Enrolment, error) {
	return call[Enrolment](ctx, c, http.MethodPost, "/workers/enrolments", struct {
		Label  string           `json:"label"`
		Stages []referent.Stage `json:"stages,omitempty"`
	}{label, stages})
}

// Enrol hands in a worker's public key, with the signature that its seed made of the token.
func (c *Client) Enrol(ctx context.Context, token, key string, signature []byte) (*Enrolled, error) {
	return call[Enrolled](ctx, c, http.MethodPost, "/workers/enrol", struct {
		Token     string `json:"token"`
		Key       string `json:"key"`
		Signature []byte `json:"signature"`
	}{token, key, signature})
}

// RevokeWorker shuts a worker out, at once and for good. It needs the admin scope.
func (c *Client) RevokeWorker(ctx context.Context, id string) (*EnrolledWorker, error) {
	return call[EnrolledWorker](ctx, c, http.MethodDelete, "/workers/enrolled/"+url.PathEscape(id), nil)
}
