package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// Me is whoever asks, and what they may do with the credentials that they ask with.
type Me struct {
	Account
	May         []access.Permission `json:"may" nullable:"false" doc:"About the installation."`
	Departments []MyDepartment      `json:"departments" nullable:"false" doc:"Those whose meetings one sees. With meetings that are in none, one may do everything when they are one's own."`
}

// MyDepartment is a department as one who belongs to it sees it.
type MyDepartment struct {
	ID       string              `json:"id"`
	Name     string              `json:"name"`
	Health   bool                `json:"health" doc:"Only those with a role in this very department see its meetings."`
	Roles    []access.Role       `json:"roles" nullable:"false" doc:"Held in this department. What is held for all of them counts too, unless it is one of health."`
	May      []access.Permission `json:"may" nullable:"false"`
	Approved []access.Permission `json:"may_when_approved,omitempty" doc:"Only with meetings whose minutes are approved."`
}

// me is what whoever asks may do.
func (s *Server) me(ctx context.Context) (Me, error) {
	who := whoAsks(ctx)
	me := Me{Account: accountOf(who.user), May: []access.Permission{}, Departments: []MyDepartment{}}
	for _, p := range access.SystemPermissions() {
		if access.DecideSystem(who.member, p).Allowed {
			me.May = append(me.May, p)
		}
	}
	rows, err := s.store.Departments(ctx)
	for _, d := range rows {
		may, approved := who.member.In(access.Department{ID: d.ID, Health: d.Health})
		if len(may) == 0 {
			continue
		}
		roles := slices.Clone(who.member.Roles[d.ID])
		if roles == nil {
			roles = []access.Role{}
		}
		me.Departments = append(me.Departments, MyDepartment{d.ID, d.Name, d.Health, roles, may, approved})
	}
	return me, err
}

// placesFor are the departments where one may always do p.
func (m Me) placesFor(p access.Permission) []MyDepartment {
	return slices.DeleteFunc(slices.Clone(m.Departments), func(d MyDepartment) bool { return !slices.Contains(d.May, p) })
}

// names are what the departments are called, by id.
func (m Me) names() map[string]string {
	names := map[string]string{}
	for _, d := range m.Departments {
		names[d.ID] = d.Name
	}
	return names
}

// Department is a department as those who manage it see it.
type Department struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Health bool   `json:"health" doc:"Need to know: no role that is held for all departments reaches it."`
}

// DepartmentMember is a role that a user has.
type DepartmentMember struct {
	User string      `json:"user" doc:"The user's id."`
	Name string      `json:"name"`
	Role access.Role `json:"role"`
	// ByClaim is for a role that the OpenID provider gives: it is not taken away here.
	ByClaim bool `json:"by_claim,omitempty" doc:"Given by the provider's claims at the last sign-in, and taken by them. One that is given by hand too stands twice."`
}

// DepartmentPath is the input of everything about one department.
type DepartmentPath struct {
	Department string `path:"department" maxLength:"64" doc:"The department's id; * stands for all that are not of health."`
}

// MemberPath is the input of everything about one role that somebody has.
type MemberPath struct {
	DepartmentPath
	User string      `path:"user" maxLength:"64" doc:"The user's id."`
	Role access.Role `path:"role" enum:"registrar,referent,approver,archive,admin,auditor"`
}

func (in *MemberPath) membership() store.Membership {
	return store.Membership{User: in.User, Department: in.Department, Role: string(in.Role)}
}

func (s *Server) registerDepartments() {
	const at = "/departments"
	register(s, operation{method: http.MethodGet, path: at, id: "list-departments", tag: "administration", needs: access.ManageUsers,
		summary: "List departments", text: "By name."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []Department }, error) {
			rows, err := s.store.Departments(ctx)
			out := make([]Department, len(rows))
			for i, d := range rows {
				out[i] = Department{d.ID, d.Name, d.Health}
			}
			return list(out, err)
		})
	register(s, operation{method: http.MethodPost, path: at, id: "create-department", tag: "administration", needs: access.ManageUsers,
		status: http.StatusCreated, summary: "Make a department"},
		func(ctx context.Context, in *struct {
			Body struct {
				Name   string `json:"name" minLength:"1" maxLength:"100"`
				Health bool   `json:"health,omitempty" doc:"Need to know: no role that is held for all departments reaches it."`
			}
		}) (*struct{ Body Department }, error) {
			d, err := s.makeDepartment(ctx, in.Body.Name, in.Body.Health)
			return &struct{ Body Department }{d}, err
		})
	register(s, operation{method: http.MethodPatch, path: at + "/{department}", id: "change-department", tag: "administration", needs: access.ManageUsers,
		summary: "Change a department"},
		func(ctx context.Context, in *struct {
			DepartmentPath
			Body struct {
				Name   *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
				Health *bool   `json:"health,omitempty"`
			}
		}) (*struct{ Body Department }, error) {
			d, err := s.changeDepartment(ctx, in.Department, in.Body.Name, in.Body.Health)
			return &struct{ Body Department }{d}, err
		})
	register(s, operation{method: http.MethodGet, path: at + "/{department}/members", id: "list-members", tag: "administration", needs: access.ManageUsers,
		summary: "List a department's members", text: "One entry for each role that somebody has."},
		func(ctx context.Context, in *DepartmentPath) (*struct{ Body []DepartmentMember }, error) {
			if err := s.departmentExists(ctx, in.Department); err != nil {
				return nil, err
			}
			members, err := s.members(ctx)
			return list(members[in.Department], err)
		})
	register(s, operation{method: http.MethodPut, path: at + "/{department}/members/{user}/{role}", id: "give-role", tag: "administration", needs: access.ManageUsers,
		status: http.StatusNoContent, summary: "Give somebody a role in a department", text: "It counts from their next request on."},
		func(ctx context.Context, in *MemberPath) (*struct{}, error) {
			return nil, s.giveRole(ctx, in.membership())
		})
	register(s, operation{method: http.MethodDelete, path: at + "/{department}/members/{user}/{role}", id: "take-role", tag: "administration", needs: access.ManageUsers,
		status: http.StatusNoContent, summary: "Take a role away", text: "It counts from their next request on; a stream of events that is open shows no more of it within 15 seconds."},
		func(ctx context.Context, in *MemberPath) (*struct{}, error) {
			return nil, s.takeRole(ctx, in.membership())
		})
}

func (s *Server) makeDepartment(ctx context.Context, name string, health bool) (Department, error) {
	return s.putDepartment(ctx, func(store.Tx) (d, before *store.Department, err error) {
		return &store.Department{ID: newID(), Name: name, Health: health}, nil, nil
	})
}

// changeDepartment writes what is given. Making one that was of health an ordinary one opens it to those
// who hold roles for all.
func (s *Server) changeDepartment(ctx context.Context, id string, name *string, health *bool) (Department, error) {
	return s.putDepartment(ctx, func(tx store.Tx) (d, before *store.Department, err error) {
		before, err = tx.Department(ctx, id) // here, so that what another writes meanwhile is not written back
		if err != nil {
			return nil, nil, err
		}
		changed := *before
		set(&changed.Name, name)
		set(&changed.Health, health)
		return &changed, before, nil
	})
}

// putDepartment writes the row that find returns, and what is other in it than before; nil: it is new.
func (s *Server) putDepartment(ctx context.Context, find func(store.Tx) (d, before *store.Department, err error)) (Department, error) {
	var d, before *store.Department
	err := s.store.Tx(ctx, func(tx store.Tx) (err error) {
		if d, before, err = find(tx); err != nil {
			return err
		}
		if d.Name = strings.TrimSpace(d.Name); d.Name == "" || len(d.Name) > 400 {
			return referent.E(referent.CodeInvalid, "web: check department", nil).WithHint("a department has a name of at most 100 characters")
		}
		if err := tx.PutDepartment(ctx, d); err != nil {
			return err
		}
		for _, what := range departmentActs(before, d) {
			if err := addAct(ctx, tx, store.Act{What: what, Department: d.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Department{}, err
	}
	what := "department changed"
	if before == nil {
		what = "department made"
	}
	s.log.InfoContext(ctx, what, "by", whoAsks(ctx).user.ID, "department", d.ID, "health", d.Health)
	return Department{d.ID, d.Name, d.Health}, nil
}

// departmentActs are what was done to a department.
func departmentActs(before, d *store.Department) (acts []string) {
	switch {
	case before == nil:
		acts, before = append(acts, store.ActDepartmentMade), &store.Department{}
	case before.Name != d.Name:
		acts = append(acts, store.ActDepartment)
	}
	switch {
	case d.Health && !before.Health:
		acts = append(acts, store.ActHealthSet)
	case before.Health && !d.Health:
		acts = append(acts, store.ActHealthTaken)
	}
	return acts
}

func (s *Server) giveRole(ctx context.Context, m store.Membership) error {
	if !access.Role(m.Role).Known() {
		return referent.E(referent.CodeInvalid, "web: give role", nil).WithHint("roles are %v", access.Roles)
	}
	err := s.store.Tx(ctx, func(tx store.Tx) error {
		held, err := tx.Memberships(ctx, m.User)
		if err != nil || slices.ContainsFunc(held, sameRole(m)) {
			return err
		}
		if err := tx.PutMembership(ctx, m); err != nil {
			return err
		}
		return addAct(ctx, tx, store.Act{What: store.ActRoleGiven, User: m.User, Department: m.Department, Role: m.Role})
	})
	if err == nil {
		s.log.InfoContext(ctx, "role given", "by", whoAsks(ctx).user.ID, "user", m.User, "department", m.Department, "role", m.Role)
	}
	return err
}

func (s *Server) takeRole(ctx context.Context, m store.Membership) error {
	err := s.store.Tx(ctx, func(tx store.Tx) error {
		held, err := tx.Memberships(ctx, m.User)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(held, sameRole(m)) {
			if m.ByClaim = true; slices.ContainsFunc(held, sameRole(m)) {
				return errByClaim
			}
			return referent.E(referent.CodeNotFound, "web: take role", store.ErrNotFound)
		}
		if err := tx.DeleteMembership(ctx, m); err != nil {
			return err
		}
		return addAct(ctx, tx, store.Act{What: store.ActRoleTaken, User: m.User, Department: m.Department, Role: m.Role})
	})
	if err == nil {
		s.log.InfoContext(ctx, "role taken", "by", whoAsks(ctx).user.ID, "user", m.User, "department", m.Department, "role", m.Role)
	}
	return err
}

// errByClaim is that what the provider gives is not taken away here.
var errByClaim = referent.E(referent.CodeConflict, "web: take role", nil).WithHint("the role comes from the OpenID provider: take it away there")

// sameRole looks for the role m, given as m was.
func sameRole(m store.Membership) func(store.Membership) bool {
	return func(h store.Membership) bool {
		return h.Department == m.Department && h.Role == m.Role && h.ByClaim == m.ByClaim
	}
}

// members lists who has which role, by department, in the order of their names and of the roles.
func (s *Server) members(ctx context.Context) (map[string][]DepartmentMember, error) {
	users, err := s.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Memberships(ctx, "")
	if err != nil {
		return nil, err
	}
	held := map[string][]store.Membership{}
	for _, row := range rows {
		held[row.User] = append(held[row.User], row)
	}
	members := map[string][]DepartmentMember{}
	for _, u := range users {
		for _, role := range access.Roles {
			for _, row := range held[u.ID] {
				if row.Role == string(role) {
					members[row.Department] = append(members[row.Department], DepartmentMember{u.ID, u.Called(), role, row.ByClaim})
				}
			}
		}
	}
	return members, nil
}

// departmentExists fails with CodeNotFound unless there is the department, or the id stands for all.
func (s *Server) departmentExists(ctx context.Context, id string) error {
	if id == access.All {
		return nil
	}
	_, err := s.store.Department(ctx, id)
	return err
}
