package web

import (
	"context"
	"net/http"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// PartialText is what was heard of a recording while it arrived.
type PartialText struct {
	Label    string                    `json:"label" doc:"That a machine made the text, and that it must be checked."`
	Heard    float64                   `json:"heard" doc:"Seconds of the recording to which nothing will be added."`
	Segments []referent.PartialSegment `json:"segments" nullable:"false" doc:"In order of time. Open ones may still change."`
}

func (s *Server) registerPartial() {
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/partial", id: "get-partial", tag: "results", needs: access.ReadContent,
		summary: "What has been heard while the recording arrives",
		text: "Provisional text, for whoever waits; an event of type partial tells that there is more. " +
			"It is kept in memory alone and is gone when the transcript is there, which owes nothing to it. Empty when nobody listens."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body PartialText }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			p, err := s.pipe.Partial(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &struct{ Body PartialText }{PartialText{referent.DraftLabel, p.Heard, p.Segments}}, nil
		})
}
