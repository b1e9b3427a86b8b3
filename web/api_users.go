package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// NewAccount is a user who was made, or who is to choose a new password.
type NewAccount struct {
	Account
	Invitation string `json:"invitation,omitempty" doc:"Address where the user chooses a password, once and within seven days. Shown here only."`
}

// Act is what somebody did to users, roles or departments, or with the log of who read what, with ids and without names.
type Act struct {
	ID         int64     `json:"id"`
	What       string    `json:"what" enum:"user_made,user_changed,invitation_made,password_chosen,user_disabled,user_enabled,sessions_ended,admin_made,admin_unmade,role_given,role_taken,department_made,department_changed,health_set,health_taken,words_changed,enrolment_made,worker_enrolled,worker_revoked,readings_read,readings_reviewed,audit_exported"`
	By         string    `json:"by,omitempty" doc:"Absent: the OpenID provider's claims, at a sign-in."`
	User       string    `json:"user,omitempty" doc:"Whom it was done to."`
	Department string    `json:"department,omitempty"`
	Role       string    `json:"role,omitempty"`
	Meeting    string    `json:"meeting,omitempty" doc:"Whose readings were looked at."`
	Worker     string    `json:"worker,omitempty" doc:"Who was let in or shut out."`
	Until      time.Time `json:"until,omitzero" doc:"Up to when readings were gone through."`
	At         time.Time `json:"at"`
}

// UserPath is the input of everything about one user.
type UserPath struct {
	User string `path:"user" maxLength:"64" doc:"The user's id."`
}

func (s *Server) registerUsers() {
	const at = "/users"
	register(s, operation{method: http.MethodGet, path: at, id: "list-users", tag: "administration", needs: access.ManageUsers,
		summary: "List users"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []Account }, error) {
			users, err := s.store.Users(ctx)
			out := make([]Account, len(users))
			for i := range users {
				out[i] = accountOf(&users[i])
			}
			return list(out, err)
		})
	register(s, operation{method: http.MethodPost, path: at, id: "create-user", tag: "administration", needs: access.ManageUsers,
		status: http.StatusCreated, summary: "Make a user", text: "Without a password the answer has an address where the user chooses one. Where passwords are for administrators only, the user must be one."},
		func(ctx context.Context, in *struct {
			Body struct {
				Name        string `json:"name" minLength:"1" maxLength:"64"`
				DisplayName string `json:"display_name,omitempty" maxLength:"100" doc:"What the person is called."`
				Password    string `json:"password,omitempty" minLength:"10" maxLength:"1024" writeOnly:"true"`
				Admin       bool   `json:"admin,omitempty" doc:"Only an administrator makes administrators."`
			}
		}) (*struct{ Body NewAccount }, error) {
			u, link, err := s.makeUser(ctx, store.User{Name: in.Body.Name, DisplayName: in.Body.DisplayName, Admin: in.Body.Admin}, in.Body.Password)
			if err != nil {
				return nil, err
			}
			return &struct{ Body NewAccount }{NewAccount{accountOf(u), link}}, nil
		})
	register(s, operation{method: http.MethodPatch, path: at + "/{user}", id: "change-user", tag: "administration", needs: access.ManageUsers,
		summary: "Change a user"},
		func(ctx context.Context, in *struct {
			UserPath
			Body UserPatch
		}) (*struct{ Body Account }, error) {
			u, err := s.changeUser(ctx, in.User, in.Body)
			if err != nil {
				return nil, err
			}
			return &struct{ Body Account }{accountOf(u)}, nil
		})
	register(s, operation{method: http.MethodPost, path: at + "/{user}/invitation", id: "invite-user", tag: "administration", needs: access.ManageUsers,
		status: http.StatusCreated, summary: "Let a local user choose a new password", text: "The address that was made before stops working. The old password works until the new one is chosen."},
		func(ctx context.Context, in *UserPath) (*struct{ Body NewAccount }, error) {
			u, link, err := s.invite(ctx, in.User)
			if err != nil {
				return nil, err
			}
			return &struct{ Body NewAccount }{NewAccount{accountOf(u), link}}, nil
		})
	register(s, operation{method: http.MethodDelete, path: at + "/{user}/sessions", id: "end-sessions", tag: "administration", needs: access.ManageUsers,
		status: http.StatusNoContent, summary: "Sign a user out everywhere", text: "API tokens go on working."},
		func(ctx context.Context, in *UserPath) (*struct{}, error) {
			return nil, s.endSessions(ctx, in.User)
		})
	register(s, operation{method: http.MethodGet, path: "/administration", id: "list-acts", tag: "administration", needs: access.ReadAudit,
		summary: "List what was done to users, roles and departments, and who looked at the log of who read what", text: "Newest first, with ids and without names."},
		func(ctx context.Context, in *struct {
			Limited
			What   string `query:"what" enum:"user_made,user_changed,invitation_made,password_chosen,user_disabled,user_enabled,sessions_ended,admin_made,admin_unmade,role_given,role_taken,department_made,department_changed,health_set,health_taken,words_changed,enrolment_made,worker_enrolled,worker_revoked,readings_read,readings_reviewed,audit_exported" doc:"Only acts of this kind."`
			User   string `query:"user" maxLength:"64" doc:"Only what this user did, or had done."`
			Before int64  `query:"before" minimum:"0" doc:"Only those with a lesser id: the next page."`
		}) (*struct{ Body []Act }, error) {
			acts, err := s.store.Acts(ctx, store.ActFilter{What: in.What, User: in.User, Before: in.Before, Limit: in.Limit})
			out := make([]Act, len(acts))
			for i, a := range acts {
				out[i] = Act(a)
			}
			return list(out, err)
		})
}
