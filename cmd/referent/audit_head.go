package main

import (
	"context"
	"time"

	"github.com/referent/referent"
)

// headEvery is how often the log tells the newest link of the audit chain: where logs are gathered on another machine,
// they are a place that whoever changes the database cannot reach.
const headEvery = 24 * time.Hour

func (s *system) tellHead(ctx context.Context) error {
	tick := time.NewTicker(headEvery)
	defer tick.Stop()
	for {
		if h, err := s.store.AuditHead(ctx); err != nil {
			s.log.Warn("head of the audit chain not read", "code", string(referent.CodeOf(err)))
		} else {
			s.log.Info("head of the audit chain", "head", h.String())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
