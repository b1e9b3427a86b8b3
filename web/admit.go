package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// admit is where a signed-in request is let through to its handler or refused: by the scopes of its
// credentials, then by what its route needs. What one may not see is CodeNotFound like what does not exist,
// so that ids cannot be probed; what one may see but not do is CodeForbidden.
// It returns the meeting that the route is about; nil: about none.
func (s *Server) admit(r *http.Request, rt route) (*referent.Meeting, error) {
	const op = "web: authorise request"
	ctx := r.Context()
	who := whoAsks(ctx)
	if scope := scopeOf(r.Method, who.needs); !who.may(scope) {
		return nil, referent.E(referent.CodeForbidden, op, nil).WithHint("needs the scope %q", scope)
	}
	switch {
	case !who.needs.OfMeeting():
		if d := access.DecideSystem(who.member, who.needs); !d.Allowed {
			return nil, referent.E(referent.CodeForbidden, op, nil).WithHint("needs the permission %q", who.needs)
		}
	case rt.ofMeeting():
		return s.meeting(ctx, r.PathValue("id"))
	}
	return nil, nil
}

// refuse answers err: to a person's browser as a page, to programs as a problem document.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics" || r.Header.Get("Authorization") != "" {
		s.writeProblem(w, r, err)
		return
	}
	s.pages.fail(w, r, err)
}

// meeting returns the meeting if whoever asks may do with it what the route needs.
func (s *Server) meeting(ctx context.Context, id string) (*referent.Meeting, error) {
	m, err := s.store.Meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.permit(ctx, m, whoAsks(ctx).needs); err != nil {
		return nil, err
	}
	return m, nil
}

// permit fails unless whoever asks may do p with the meeting. Every request that names a meeting passes here,
// some several times; [Server.mayMove] asks for ReadContent where nothing is read. That is why readings are not
// logged here but where an answer begins ([gate]), and by search and tasks ([showsOf]), which name no meeting.
func (s *Server) permit(ctx context.Context, m *referent.Meeting, p access.Permission) error {
	const op = "web: find meeting"
	d, err := s.decide(ctx, m, p)
	if err != nil {
		return err
	}
	info := infoOf(ctx)
	info.needs, info.reason = p, d.Reason
	switch {
	case d.Allowed:
		return nil
	case d.Hides():
		return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
	case d.Reason == access.NotApproved:
		return referent.E(referent.CodeForbidden, op, nil).WithHint("you hold the permission %q when the minutes are approved", p)
	}
	return referent.E(referent.CodeForbidden, op, nil).WithHint("needs the permission %q in the meeting's department", p)
}

// decide is what the table says of p with the meeting, for whoever asks.
func (s *Server) decide(ctx context.Context, m *referent.Meeting, p access.Permission) (access.Decision, error) {
	on, err := s.subject(ctx, m)
	if err != nil {
		return access.Decision{}, err
	}
	return access.Decide(whoAsks(ctx).member, on, p), nil
}

// permissions are what whoever asks may do with a meeting, for pages that show no more than that.
func (s *Server) permissions(ctx context.Context, m *referent.Meeting) (map[access.Permission]access.Decision, error) {
	on, err := s.subject(ctx, m)
	if err != nil {
		return nil, err
	}
	may := map[access.Permission]access.Decision{}
	for _, p := range access.MeetingPermissions() {
		may[p] = access.Decide(whoAsks(ctx).member, on, p)
	}
	return may, nil
}

// subject is what counts of a meeting. A department that nobody knows is closed like one of health.
func (s *Server) subject(ctx context.Context, m *referent.Meeting) (access.Meeting, error) {
	on := access.Meeting{Owner: m.Owner, Department: m.Department, Approved: m.State.Approved()}
	if m.Department == "" {
		return on, nil
	}
	d, err := s.store.Department(ctx, m.Department)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return on, err
	}
	on.Health = d == nil || d.Health
	return on, nil
}

// decideOf looks at a meeting that something was found of, and decides whether whoever asks may do p with it. The
// meeting is nil, and nothing allowed, when it has been erased since.
func (s *Server) decideOf(ctx context.Context, id string, p access.Permission) (*referent.Meeting, access.Decision, error) {
	m, err := optional(s.store.Meeting(ctx, id))
	if err != nil || m == nil {
		return nil, access.Decision{}, err
	}
	d, err := s.decide(ctx, m, p)
	return m, d, err
}

// veil takes out of jobs which meeting they are of, where whoever asks may not see it.
func (s *Server) veil(ctx context.Context, jobs []referent.Job) error {
	hidden := map[string]bool{} // by meeting: one has as many jobs as chunks
	for i := range jobs {
		id := jobs[i].Meeting
		if _, known := hidden[id]; !known {
			m, d, err := s.decideOf(ctx, id, access.SeeMeeting)
			if err != nil {
				return err
			}
			hidden[id] = m == nil || d.Hides()
		}
		if hidden[id] {
			jobs[i].Meeting = ""
		}
	}
	return nil
}

// reach is where whoever asks holds p, for lists.
func (s *Server) reach(ctx context.Context, p access.Permission) (access.Reach, error) {
	rows, err := s.store.Departments(ctx)
	if err != nil {
		return access.Reach{}, err
	}
	departments := make([]access.Department, len(rows))
	for i, d := range rows {
		departments[i] = access.Department{ID: d.ID, Health: d.Health}
	}
	return whoAsks(ctx).member.Reach(p, departments), nil
}

// sight is which meetings whoever asks sees.
func (s *Server) sight(ctx context.Context) (*store.Sight, error) {
	r, err := s.reach(ctx, access.SeeMeeting)
	return sightOf(r), err
}

func sightOf(r access.Reach) *store.Sight {
	return &store.Sight{Owner: r.Owner, Unassigned: r.Unassigned, Departments: r.Departments}
}

// mayMakeIn fails unless whoever asks may make meetings in the department; in none, everybody may.
func (s *Server) mayMakeIn(ctx context.Context, department string) error {
	return s.permit(ctx, &referent.Meeting{Owner: whoAsks(ctx).user.ID, Department: department}, access.CreateMeeting)
}

// mayMove fails unless whoever asks may put the meeting into another department. Others read it there than
// did before, so it is for those who read it now; what was health's stays with health; and nobody gets to
// approve, erase or hold it by moving it to where they may.
func (s *Server) mayMove(ctx context.Context, m *referent.Meeting, to string) error {
	const op = "web: move meeting"
	if to == "" {
		return referent.E(referent.CodeInvalid, op, nil).WithHint("a meeting of a department does not become one person's")
	}
	on, err := s.subject(ctx, m)
	if err != nil {
		return err
	}
	if on.Health {
		return referent.E(referent.CodeForbidden, op, nil).WithHint("meetings are not moved out of a department of health")
	}
	if err := s.permit(ctx, m, access.ReadContent); err != nil {
		return err
	}
	if err := s.mayMakeIn(ctx, to); err != nil {
		return err
	}
	there := *m
	there.Department = to
	after, err := s.subject(ctx, &there)
	if err != nil {
		return err
	}
	if p := gained(whoAsks(ctx).member, on, after); p != "" {
		return referent.E(referent.CodeForbidden, op, nil).WithHint("it would give you the permission %q over the meeting", p)
	}
	return nil
}

// gained is what of deciding over a meeting m holds where it would be and not where it is; "": nothing.
func gained(m access.Member, before, after access.Meeting) access.Permission {
	for _, p := range []access.Permission{access.Approve, access.Erase, access.Hold} {
		if access.Decide(m, after, p).Allowed && !access.Decide(m, before, p).Allowed {
			return p
		}
	}
	return ""
}

// placesToMove are the departments that mayMove allows, when whoever asks may do with the meeting what may says.
func (s *Server) placesToMove(ctx context.Context, m *referent.Meeting, may map[access.Permission]access.Decision) ([]MyDepartment, error) {
	if !may[access.ChangeDetails].Allowed || !may[access.ReadContent].Allowed {
		return nil, nil
	}
	on, err := s.subject(ctx, m)
	if err != nil || on.Health {
		return nil, err
	}
	me, err := s.me(ctx)
	return slices.DeleteFunc(me.placesFor(access.CreateMeeting), func(d MyDepartment) bool {
		there := on
		there.Department, there.Health = d.ID, d.Health
		return d.ID == m.Department || gained(whoAsks(ctx).member, on, there) != ""
	}), err
}

// memberOf is what a user is, from the rows that say so.
func memberOf(u *store.User, rows []store.Membership) access.Member {
	m := access.Member{User: u.ID, Administrator: u.Administrator(), Roles: map[string][]access.Role{}}
	for _, row := range rows {
		if role := access.Role(row.Role); !slices.Contains(m.Roles[row.Department], role) { // by hand and by claim is still one
			m.Roles[row.Department] = append(m.Roles[row.Department], role)
		}
	}
	return m
}
