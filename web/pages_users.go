package web

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

const (
	usersAt   = "/admin/users"
	logAt     = "/admin/log"
	usersPage = 100 // shown at once; who is not among them is searched for
	actsPage  = 100
)

// usersView is where users are made, changed and locked out.
type usersView struct {
	Users  []userPart
	More   int    // that match and are not shown
	Search string // what is looked for in names
	Alert  string // why the last change was not made; "": it was
	Link   string // made now, shown this once
	For    string // whom the link is for
	Name   string // what stands in the form for a new user
	Called string
	Admin  bool
	Makes  bool // whoever looks makes administrators
}

type userPart struct {
	store.User
	Roles    []string // in words
	Seen     string   // when they last signed in; "": never
	Oneself  bool
	Above    bool // only administrators change them
	Program  bool // the user of this machine's own command line
	MayAdmin bool // whoever looks makes administrators
	Link     bool // a link to choose a password is of use to them
}

// registerUserPages registers the pages of users and of the log. What they do is what the API does.
func (s *Server) registerUserPages() {
	reg := s.routes.handle
	reg(http.MethodGet, usersAt, access.ManageUsers, func(w http.ResponseWriter, r *http.Request) {
		s.showUsers(w, r, http.StatusOK, usersView{Search: strings.TrimSpace(r.URL.Query().Get("q"))})
	})
	reg(http.MethodPost, usersAt, access.ManageUsers, s.postUser)
	reg(http.MethodPost, usersAt+"/{user}", access.ManageUsers, s.postChangedUser)
	reg(http.MethodGet, logAt, access.ReadAudit, s.showLog)
	reg(http.MethodGet, logAt+".csv", access.ReadAudit, s.sendLog)
}

func (s *Server) showUsers(w http.ResponseWriter, r *http.Request, status int, v usersView) {
	ctx := r.Context()
	users, err := s.store.Users(ctx)
	if err == nil {
		v.Makes = whoAsks(ctx).member.Administrator
		v.Users, v.More, err = s.userParts(ctx, users, v.Search)
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, status, "users", v)
}

// userParts are the users whose names hold the words, and how many more there are than are shown.
func (s *Server) userParts(ctx context.Context, users []store.User, words string) (parts []userPart, more int, err error) {
	lang, who := infoOf(ctx).lang, whoAsks(ctx)
	departments, err := s.departmentNames(ctx)
	if err != nil {
		return nil, 0, err
	}
	held, err := s.store.Memberships(ctx, "")
	if err != nil {
		return nil, 0, err
	}
	roles := map[string][]string{}
	for _, m := range held {
		text := locale.T(lang, "users.role.in", "role", locale.T(lang, "access.role."+m.Role), "department", cmp.Or(departments[m.Department], m.Department))
		if m.ByClaim {
			text += " (" + locale.T(lang, "users.by_claim") + ")"
		}
		roles[m.User] = append(roles[m.User], text)
	}
	for _, u := range users {
		if !strings.Contains(strings.ToLower(u.Name+"\n"+u.DisplayName), strings.ToLower(words)) {
			continue
		}
		if len(parts) == usersPage {
			more++
			continue
		}
		p := userPart{User: u, Roles: roles[u.ID], Oneself: u.ID == who.user.ID, Above: u.Administrator() && !who.member.Administrator,
			Program: isProgram(&u), MayAdmin: who.member.Administrator, Link: u.Issuer == "" && !u.Disabled && s.opensFor(&u)}
		if !u.LastSignIn.IsZero() {
			p.Seen = moment(u.LastSignIn)
		}
		parts = append(parts, p)
	}
	return parts, more, nil
}

// departmentNames are what departments are called, by id, with all of them.
func (s *Server) departmentNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{access.All: locale.T(infoOf(ctx).lang, "access.all")}
	rows, err := s.store.Departments(ctx)
	for _, d := range rows {
		names[d.ID] = d.Name
	}
	return names, err
}

// workerNames are what the workers that were let in are called, by id.
func (s *Server) workerNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	rows, err := s.store.Workers(ctx)
	for _, w := range rows {
		names[w.ID] = w.Label
	}
	return names, err
}

func (s *Server) postUser(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	name, called, admin := r.PostFormValue("name"), r.PostFormValue("called"), r.PostFormValue("admin") != ""
	u, link, err := s.makeUser(r.Context(), store.User{Name: name, DisplayName: called, Admin: admin}, "")
	if err != nil {
		s.againUsers(w, r, err, usersView{Name: name, Called: called, Admin: admin})
		return
	}
	s.showUsers(w, r, http.StatusCreated, usersView{Link: link, For: u.Called()})
}

func (s *Server) postChangedUser(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, id, yes, no := r.Context(), r.PathValue("user"), true, false
	var err error
	switch r.PostFormValue("edit") {
	case "name":
		called := r.PostFormValue("called")
		_, err = s.changeUser(ctx, id, UserPatch{DisplayName: &called})
	case "disable":
		_, err = s.changeUser(ctx, id, UserPatch{Disabled: &yes})
	case "enable":
		_, err = s.changeUser(ctx, id, UserPatch{Disabled: &no})
	case "admin":
		_, err = s.changeUser(ctx, id, UserPatch{Admin: &yes})
	case "unadmin":
		_, err = s.changeUser(ctx, id, UserPatch{Admin: &no})
	case "end":
		err = s.endSessions(ctx, id)
	case "invite":
		var u *store.User
		var link string
		if u, link, err = s.invite(ctx, id); err == nil {
			s.showUsers(w, r, http.StatusCreated, usersView{Link: link, For: u.Called()})
			return
		}
	default:
		err = referent.E(referent.CodeInvalid, "web: read form", nil)
	}
	if err != nil {
		s.againUsers(w, r, err, usersView{})
		return
	}
	http.Redirect(w, r, usersAt+"#user-"+id, http.StatusSeeOther)
}

// againUsers tells on the page why nothing was changed.
func (s *Server) againUsers(w http.ResponseWriter, r *http.Request, err error, v usersView) {
	pr := problem(r.Context(), err)
	v.Alert = pr.Detail
	for sentinel, key := range map[error]string{errOneself: "users.refused.oneself", errLast: "users.refused.last", errHigher: "users.refused.higher",
		errProgram: "users.refused.program", errElsewhere: "users.refused.elsewhere", errTaken: "users.refused.taken", errNoUse: "users.refused.no_use", errDisabled: "users.refused.disabled"} {
		if errors.Is(err, sentinel) {
			v.Alert = locale.T(infoOf(r.Context()).lang, key)
		}
	}
	s.showUsers(w, r, pr.Status, v)
}

// logView is what was done to users, roles and departments.
type logView struct {
	Acts   []actRow
	Kinds  []string
	People []store.User
	Filter store.ActFilter
	Next   string // address of the older ones; "": there are none
	Export string // address of them all
	Head   audit.Head
}

type actRow struct{ When, Who, What, User, Role, Department string }

// filterOf reads what the page's address asks for.
func filterOf(r *http.Request) (store.ActFilter, error) {
	q := r.URL.Query()
	f := store.ActFilter{What: q.Get("what"), User: q.Get("user")}
	if f.What != "" && !slices.Contains(store.ActKinds, f.What) {
		return f, referent.E(referent.CodeInvalid, "web: read log", nil)
	}
	if before := q.Get("before"); before != "" {
		n, err := strconv.ParseInt(before, 10, 64)
		if err != nil || n < 0 {
			return f, referent.E(referent.CodeInvalid, "web: read log", nil)
		}
		f.Before = n
	}
	return f, nil
}

func (s *Server) showLog(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	f, err := filterOf(r)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	f.Limit = actsPage + 1
	acts, err := s.store.Acts(ctx, f)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	v := logView{Kinds: store.ActKinds, Filter: f}
	q := r.URL.Query()
	q.Del("before")
	v.Export = logAt + ".csv?" + q.Encode()
	if len(acts) > actsPage {
		acts = acts[:actsPage]
		q.Set("before", strconv.FormatInt(acts[actsPage-1].ID, 10))
		v.Next = logAt + "?" + q.Encode()
	}
	if v.People, err = s.acquainted(ctx); err == nil {
		v.Acts, err = s.actRows(ctx, acts)
	}
	if err == nil {
		if v.Head, err = s.store.AuditHead(ctx); errors.Is(err, store.ErrNotFound) {
			err = nil // somebody emptied it, which the page says
		}
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "log", v)
}

// acquainted are the users without those who wait for a first role, of whom there may be very many.
func (s *Server) acquainted(ctx context.Context) ([]store.User, error) {
	users, err := s.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	held, err := s.store.Memberships(ctx, "")
	has := map[string]bool{}
	for _, m := range held {
		has[m.User] = true
	}
	return slices.DeleteFunc(users, func(u store.User) bool {
		return u.Issuer != "" && u.LastSignIn.IsZero() && !u.Administrator() && !u.Disabled && !has[u.ID]
	}), err
}

// actRows are acts in words. The names are those of now.
func (s *Server) actRows(ctx context.Context, acts []store.Act) ([]actRow, error) {
	lang, names := infoOf(ctx).lang, s.names(ctx)
	departments, err := s.departmentNames(ctx)
	if err != nil {
		return nil, err
	}
	workers, err := s.workerNames(ctx)
	rows := make([]actRow, len(acts))
	for i, a := range acts {
		if err != nil {
			return nil, err
		}
		row := &rows[i]
		row.When, row.What, row.Department = a.At.Local().Format("02.01.2006 15:04:05"), locale.T(lang, "users.act."+a.What), cmp.Or(departments[a.Department], a.Department)
		switch {
		case !a.Until.IsZero():
			row.What += " " + moment(a.Until)
		case a.Meeting != "":
			row.What += " " + a.Meeting
		case a.Worker != "":
			row.What += " " + cmp.Or(workers[a.Worker], a.Worker)
		}
		if a.Role != "" {
			row.Role = locale.T(lang, "access.role."+a.Role)
		}
		if a.By == "" {
			row.Who = locale.T(lang, "users.by_claim")
		} else if row.Who, err = names.of(a.By); err != nil {
			return nil, err
		}
		row.User, err = names.of(a.User)
	}
	return rows, err
}

// byteOrderMark and semicolons are what a spreadsheet set to Norwegian reads a table's letters and columns by.
const byteOrderMark = "\ufeff"

// sendLog is the log as a table for auditors: ids and codes that stay the same, beside the names of now.
func (s *Server) sendLog(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	f, err := filterOf(r)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="referent-administration.csv"`)
	io.WriteString(w, byteOrderMark)
	out := csv.NewWriter(w)
	out.Comma = ';'
	out.Write([]string{"id", "at", "what", "by", "by_name", "user", "user_name", "department", "department_name", "role", "meeting", "until", "worker"})
	for f.Limit = 1000; ; {
		acts, err := s.store.Acts(ctx, f)
		var rows []actRow
		if err == nil {
			rows, err = s.actRows(ctx, acts)
		}
		if err != nil {
			infoOf(ctx).err = err
			panic(http.ErrAbortHandler) // half a table must not look like a whole one
		}
		for i, a := range acts {
			out.Write([]string{strconv.FormatInt(a.ID, 10), a.At.UTC().Format(time.RFC3339), a.What, a.By, cell(rows[i].Who), a.User, cell(rows[i].User), a.Department, cell(rows[i].Department), a.Role, a.Meeting, timeCell(a.Until), a.Worker})
		}
		if len(acts) < f.Limit {
			break
		}
		f.Before = acts[len(acts)-1].ID
	}
	out.Flush() // a reader who went away needs no answer
}

// timeCell is a time that may be none.
func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
