package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/store"
)

// watchLive prints what is heard of a recording while it arrives, sentence by sentence, and how the
// meeting ends. Speech that may still change is not printed: a line cannot be taken back.
func (a *app) watchLive(ctx context.Context, api *client.Client, id string) error {
	lines := liveLines{a: a}
	m, err := followEach(ctx, api, id, func(*referent.Meeting) {}, func(e store.Event) error {
		if e.Type != "partial" {
			return nil
		}
		p, err := api.Partial(ctx, id)
		if err != nil {
			return err
		}
		return lines.print(p)
	})
	if err != nil {
		return err
	}
	if m.State == referent.StateFailed || m.State == referent.StateCancelled {
		return meetingError(m)
	}
	return a.tellMeeting(m)
}

// liveLines prints each settled segment once.
type liveLines struct {
	a     *app
	begun bool
	until float64 // seconds: where the last printed segment ends
}

func (l *liveLines) print(p *referent.Partial) error {
	for _, s := range p.Segments {
		if s.Open || s.End <= l.until {
			continue
		}
		l.until = s.End
		if l.a.json {
			if err := json.NewEncoder(l.a.out).Encode(map[string]any{"event": "partial", "segment": s}); err != nil {
				return err
			}
			continue
		}
		if !l.begun {
			l.begun = true
			fmt.Fprintln(l.a.err, l.a.t("watch.provisional"))
		}
		l.a.printf("%s", s.Text)
	}
	return nil
}
