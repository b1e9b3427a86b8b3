package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// Roster is whom a body had at the table the last time, to begin the next meeting with.
type Roster struct {
	Body         string                 `json:"body"`
	Meeting      string                 `json:"meeting" doc:"Id of the meeting that it is taken from."`
	Held         time.Time              `json:"held" doc:"When that was; when it was made, if that is not known."`
	Kind         referent.Kind          `json:"kind"`
	Place        string                 `json:"place,omitempty"`
	Purpose      string                 `json:"purpose,omitempty"`
	LegalBasis   string                 `json:"legal_basis,omitempty"`
	Participants []referent.Participant `json:"participants" nullable:"false" doc:"Who was absent then is not marked so."`
}

func (s *Server) registerBodies() {
	register(s, operation{method: http.MethodGet, path: "/bodies", id: "list-bodies", tag: "meetings", needs: access.SeeMeeting,
		summary: "List bodies", text: "The councils, boards and teams of the meetings that you may see, whoever met last first; at most 100."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []string }, error) {
			return list(s.bodies(ctx))
		})
	register(s, operation{method: http.MethodGet, path: "/roster", id: "get-roster", tag: "meetings", needs: access.SeeMeeting,
		summary: "Whom a body had at the table the last time", text: "From the newest meeting of it that you may see and that says who took part."},
		func(ctx context.Context, in *struct {
			Name string `query:"body" required:"true" maxLength:"300" example:"Formannskapet"`
		}) (*struct{ Body Roster }, error) {
			seen, err := s.sight(ctx)
			if err != nil {
				return nil, err
			}
			m, err := s.store.LastOf(ctx, seen, in.Name)
			if err != nil {
				return nil, err
			}
			r := Roster{Body: m.Body, Meeting: m.ID, Held: m.Start, Kind: m.Kind, Place: m.Place, Purpose: m.Purpose,
				LegalBasis: m.LegalBasis, Participants: []referent.Participant{}}
			if r.Held.IsZero() {
				r.Held = m.Created
			}
			for _, p := range m.Participants {
				p.Absent = false // that was then
				r.Participants = append(r.Participants, p)
			}
			return &struct{ Body Roster }{r}, nil
		})
}

// bodies are those of the meetings that whoever asks sees.
func (s *Server) bodies(ctx context.Context) ([]string, error) {
	seen, err := s.sight(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.Bodies(ctx, seen, 0)
}
