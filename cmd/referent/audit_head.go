package main

import (
	"context"
	"errors"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// headEvery is how often the log tells the newest link of the audit chain: where logs are gathered on another machine,
// they are a place that whoever changes the database cannot reach.
const headEvery = 24 * time.Hour

func (s *system) tellHead(ctx context.Context) error {
	tick := time.NewTicker(headEvery)
	defer tick.Stop()
	var last int64
	for {
		h, err := s.store.AuditHead(ctx)
		switch {
		case errors.Is(err, store.ErrNotFound), err == nil && h.Seq < last:
			s.log.Error("the newest links of the audit chain are gone", "seq", h.Seq, "was", last)
		case err != nil:
			s.log.Warn("head of the audit chain not read", "code", string(referent.CodeOf(err)))
		}
		if err == nil {
			last = h.Seq
			s.log.Info("head of the audit chain", "head", h.String())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
