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
			return &struct{ Body pipeline.Purge }{p}, err
		})
	register(s, operation{method: http.MethodPost, path: "/purge", id: "purge", tag: "administration", needs: access.ManageSystem,
		summary: "Erase what the rules of retention say",
		text:    "What the server would do within the hour. New rules wait for their week here too, and legal holds keep what they hold. At most 20 meetings a call: more tells that there are others."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body pipeline.Purge }, error) {
			p, err := s.pipe.Purge(ctx)
			return &struct{ Body pipeline.Purge }{p}, err
		})
}
