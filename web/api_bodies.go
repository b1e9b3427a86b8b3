package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
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
		summary: "List bodies", text: "The councils, boards and teams of a department's meetings that you may see, whoever met last first; at most 100."},
		func(ctx context.Context, in *InDepartment) (*struct{ Body []string }, error) {
			seen, err := s.sightIn(ctx, in.Department)
			if err != nil {
				return nil, err
			}
			return list(s.store.Bodies(ctx, seen, 0))
		})
	register(s, operation{method: http.MethodGet, path: "/roster", id: "get-roster", tag: "meetings", needs: access.SeeMeeting,
		summary: "Whom a body had at the table the last time", text: "From the department's newest meeting of it that you may see and that says who took part."},
		func(ctx context.Context, in *struct {
			InDepartment
			Name string `query:"body" required:"true" maxLength:"300" example:"Formannskapet"`
		}) (*struct{ Body Roster }, error) {
			seen, err := s.sightIn(ctx, in.Department)
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

// InDepartment keeps one department's names from being offered in another.
type InDepartment struct {
	Department string `query:"department" maxLength:"64" doc:"Id of the department. Absent: meetings without one."`
}

// sightIn is which meetings of a department whoever asks sees; "": those without one.
func (s *Server) sightIn(ctx context.Context, department string) (*store.Sight, error) {
	seen, err := s.sight(ctx)
	if err != nil || department == "" {
		return &store.Sight{Owner: seen.Owner, Unassigned: seen.Unassigned}, err
	}
	if slices.Contains(seen.Departments, department) {
		return &store.Sight{Departments: []string{department}}, nil
	}
	return &store.Sight{}, nil
}
