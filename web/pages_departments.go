package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

const departmentsAt = "/admin/departments"

var (
	errNoSuchUser   = referent.E(referent.CodeInvalid, "web: find user", errors.New("nobody has that name"))
	errSeveralUsers = referent.E(referent.CodeInvalid, "web: find user", errors.New("several have that name"))
)

// departmentsPage is where departments are made and their members chosen.
type departmentsPage struct {
	Departments []departmentPart // all of them together first
	Users       []store.User     // to choose from, by user name: once, however many departments there are
	Roles       []access.Role
	Alert       string // why the last change was not made; "": it was
	Name        string // what stands in the field for a new department
	Health      bool
	Given       givenRole // what stands in the fields for a role that was not given
}

// givenRole is what somebody wrote to give a role.
type givenRole struct {
	Department, Who, Role string
	Alert                 string // what is wrong with Who; "": nothing
}

// GivenIn is what stands in the department's fields for a role.
func (p departmentsPage) GivenIn(department string) givenRole {
	if p.Given.Department == department {
		return p.Given
	}
	return givenRole{}
}

type departmentPart struct {
	Department
	All     bool // stands for all that are not of health
	Members []DepartmentMember
}

// registerDepartmentPages registers the pages of departments. What they do is what the API does.
func (s *Server) registerDepartmentPages() {
	reg := s.routes.handle
	reg(http.MethodGet, departmentsAt, access.ManageUsers, func(w http.ResponseWriter, r *http.Request) {
		s.showDepartments(w, r, http.StatusOK, departmentsPage{})
	})
	reg(http.MethodPost, departmentsAt, access.ManageUsers, s.postDepartment)
	reg(http.MethodPost, departmentsAt+"/{department}", access.ManageUsers, s.postChangedDepartment)
	reg(http.MethodPost, departmentsAt+"/{department}/members", access.ManageUsers, s.postMember)
}

func (s *Server) showDepartments(w http.ResponseWriter, r *http.Request, status int, p departmentsPage) {
	ctx := r.Context()
	rows, err := s.store.Departments(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	members, err := s.members(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	if p.Users, err = s.store.Users(ctx); err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p.Roles = access.Roles
	for _, d := range rows {
		p.Departments = append(p.Departments, departmentPart{Department{d.ID, d.Name, d.Health}, false, members[d.ID]})
	}
	all := Department{ID: access.All, Name: locale.T(infoOf(ctx).lang, "access.all")}
	p.Departments = append(p.Departments, departmentPart{all, true, members[access.All]})
	s.pages.render(w, r, status, "departments", p)
}

func (s *Server) postDepartment(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	name, health := r.PostFormValue("name"), r.PostFormValue("health") != ""
	d, err := s.makeDepartment(r.Context(), name, health)
	s.afterDepartment(w, r, d.ID, err, departmentsPage{Name: name, Health: health})
}

func (s *Server) postChangedDepartment(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	name, was, is := r.PostFormValue("name"), r.PostFormValue("was_health") != "", r.PostFormValue("health") != ""
	var health *bool
	if is != was { // else a page that was opened before the mark was set would take it away with a new name
		health = &is
	}
	d, err := s.changeDepartment(r.Context(), r.PathValue("department"), &name, health)
	s.afterDepartment(w, r, d.ID, err, departmentsPage{})
}

func (s *Server) postMember(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	m := store.Membership{User: r.PostFormValue("user"), Department: r.PathValue("department"), Role: r.PostFormValue("role")}
	var again departmentsPage
	var err error
	switch r.PostFormValue("edit") {
	case "give":
		again.Given = givenRole{Department: m.Department, Who: r.PostFormValue("who"), Role: m.Role}
		if m.User, err = s.userCalled(r.Context(), strings.TrimSpace(again.Given.Who)); err == nil {
			err = s.giveRole(r.Context(), m)
		}
	case "take":
		err = s.takeRole(r.Context(), m)
	default:
		err = referent.E(referent.CodeInvalid, "web: read form", nil)
	}
	s.afterDepartment(w, r, m.Department, err, again)
}

// userCalled finds the user with that user name, or the only one who is called so.
func (s *Server) userCalled(ctx context.Context, name string) (id string, err error) {
	u, err := s.store.UserByName(ctx, name)
	if err == nil {
		return u.ID, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	users, err := s.store.Users(ctx)
	if err != nil {
		return "", err
	}
	for _, u := range users {
		if !strings.EqualFold(strings.TrimSpace(u.DisplayName), name) || name == "" {
			continue
		}
		if id != "" {
			return "", errSeveralUsers
		}
		id = u.ID
	}
	if id == "" {
		return "", errNoSuchUser
	}
	return id, nil
}

// postMove puts a meeting into the department that its page's form names.
func (s *Server) postMove(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	id, to := r.PathValue("id"), r.PostFormValue("department")
	if _, err := s.changeMeeting(r.Context(), id, &MeetingPatch{Department: &to}, nil); err != nil {
		s.pages.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/meetings/"+url.PathEscape(id), http.StatusSeeOther)
}

// afterDepartment goes back to the department, or tells on the page why nothing was changed.
func (s *Server) afterDepartment(w http.ResponseWriter, r *http.Request, id string, err error, again departmentsPage) {
	if err == nil {
		anchor := "#department-" + id
		if id == access.All {
			anchor = "#department-all"
		}
		http.Redirect(w, r, departmentsAt+anchor, http.StatusSeeOther)
		return
	}
	pr := problem(r.Context(), err)
	again.Alert = pr.Detail
	switch {
	case errors.Is(err, errByClaim):
		again.Alert = locale.T(infoOf(r.Context()).lang, "users.by_claim.refused")
	case errors.Is(err, errNoSuchUser):
		again.Alert, again.Given.Alert = "", locale.T(infoOf(r.Context()).lang, "access.member.unknown")
	case errors.Is(err, errSeveralUsers):
		again.Alert, again.Given.Alert = "", locale.T(infoOf(r.Context()).lang, "access.member.several")
	case pr.Code == referent.CodeConflict:
		again.Alert = locale.T(infoOf(r.Context()).lang, "access.department.taken")
	}
	s.showDepartments(w, r, pr.Status, again)
}
