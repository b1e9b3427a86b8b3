package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
)

func (s *Server) registerPurge() {
	register(s, operation{method: http.MethodGet, path: "/purge", id: "preview-purge", tag: "administration", needs: access.ReadAudit,
		summary: "What the rules of retention would erase now",
		text:    "Also what they would if it were not for a legal hold. Of all departments, also of health: a meeting's id alone."},
		func(ctx context.Context, in *struct {
			Days int `query:"days" minimum:"0" maximum:"36525" doc:"Also what they will erase in so many days."`
		}) (*struct{ Body pipeline.Purge }, error) {
			p, err := s.pipe.PreviewPurge(ctx, s.now().Add(time.Duration(in.Days)*24*time.Hour))
			if err == nil {
				err = s.veilPurge(ctx, &p, nil)
			}
			return &struct{ Body pipeline.Purge }{p}, err
		})
	register(s, operation{method: http.MethodPost, path: "/purge", id: "purge", tag: "administration", needs: access.ManageSystem,
		summary: "Erase what the rules of retention say",
		text:    "What the server would do within the hour. New rules wait for their week here too, and legal holds keep what they hold. Some meetings a call: more tells how many others there are."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body pipeline.Purge }, error) {
			seen := map[string]bool{} // those that are to be erased; afterwards nobody can tell
			p, err := s.pipe.Purge(ctx, func(ctx context.Context, meetings []string) (err error) {
				for _, id := range meetings {
					if seen[id], err = s.seesMeeting(ctx, id); err != nil {
						return err
					}
				}
				return nil
			})
			if err == nil {
				err = s.veilPurge(ctx, &p, seen)
			}
			return &struct{ Body pipeline.Purge }{p}, err
		})
}

// seesMeeting reports whether whoever asks may see a meeting.
func (s *Server) seesMeeting(ctx context.Context, id string) (bool, error) {
	m, d, err := s.decideOf(ctx, id, access.SeeMeeting)
	return m != nil && !d.Hides(), err
}

// veilPurge leaves nothing but the id, what goes and when of meetings that whoever asks may not see: the kind alone tells
// that it is of a health department. seen says it of those that are erased.
func (s *Server) veilPurge(ctx context.Context, p *pipeline.Purge, seen map[string]bool) error {
	for i := range p.Meetings {
		x := &p.Meetings[i]
		may, known := seen[x.Meeting]
		if !known {
			var err error
			if may, err = s.seesMeeting(ctx, x.Meeting); err != nil {
				return err
			}
		}
		if !may {
			x.Kind, x.Rule, x.Days = "", "", 0
		}
	}
	return nil
}
