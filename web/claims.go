package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/store"
)

// ClaimedRole is what a value of the provider's claim gives: to be an administrator, or a role in a department.
type ClaimedRole struct {
	Value         string
	Administrator bool
	Department    string // name or id, or access.All
	Role          string
}

var (
	errDisabled = referent.E(referent.CodeForbidden, "web: let in", errors.New("the user is disabled"))
	errStranger = referent.E(referent.CodeForbidden, "web: let in", errors.New("nobody has given the person a role"))
)

// errWaiting is that somebody is remembered and has no role yet.
type errWaiting struct{ name string }

func (e errWaiting) Error() string { return errStranger.Error() }
func (e errWaiting) Unwrap() error { return errStranger }

// letIn finds the user that a provider's person is, or makes one, and gives and takes the roles that the claims
// say. Roles that were given by hand stay. The person is known by issuer and subject alone: a user who happens to
// be called the same is somebody else. It is errStranger when neither a claim nor anybody here lets them in,
// or errWaiting where they are remembered, which ends their sessions and tokens as well, and errDisabled when they are locked out.
func (s *Server) letIn(ctx context.Context, p *openid.Person) (u *store.User, err error) {
	var verdict error
	made := false
	err = s.store.Tx(ctx, func(tx store.Tx) error {
		verdict, made = nil, false
		claimed, admin, err := s.claimed(ctx, tx, p.Roles)
		if err != nil {
			return err
		}
		u, err = optional(tx.UserBySubject(ctx, p.Issuer, p.Subject))
		switch {
		case err != nil:
			return err
		case u != nil && u.Disabled:
			verdict = errDisabled
			return nil
		case u == nil:
			if !admin && len(claimed) == 0 && s.party.Admit != AdmitWaiting && s.party.Admit != AdmitEverybody {
				verdict = errStranger
				return nil
			}
			name, err := freeName(ctx, tx, cmp.Or(p.User, p.Name, "bruker-"+newID()[:6]))
			if err != nil {
				return err
			}
			made = true
			u = &store.User{ID: newID(), Name: name, Issuer: p.Issuer, Subject: p.Subject, Locale: infoOf(ctx).lang}
			if err := addAct(ctx, tx, store.Act{What: store.ActUserMade, User: u.ID}); err != nil {
				return err
			}
		}
		if u.AdminByClaim != admin {
			u.AdminByClaim = admin
			what := store.ActAdminUnmade
			if admin {
				what = store.ActAdminMade
			}
			if err := addAct(ctx, tx, store.Act{What: what, User: u.ID}); err != nil {
				return err
			}
		}
		u.DisplayName = cmp.Or(p.Name, u.DisplayName)
		if err := tx.PutUser(ctx, u); err != nil {
			return err
		}
		roles, err := exchangeRoles(ctx, tx, u.ID, claimed)
		if err == nil && roles == 0 && !u.Administrator() && s.party.Admit != AdmitEverybody {
			verdict = errStranger
			if s.party.Admit == AdmitWaiting {
				verdict = errWaiting{u.Name}
			}
			err = endAll(ctx, tx, u.ID, true)
		}
		return err
	})
	if err = cmp.Or(err, verdict); err != nil {
		return nil, err
	}
	if made {
		s.log.InfoContext(ctx, "user came by the provider", "user", u.ID)
	}
	return u, nil
}

// claimed is what the values of the claim give. A department that is not there gives nothing.
func (s *Server) claimed(ctx context.Context, r store.Reader, values []string) (roles []store.Membership, admin bool, err error) {
	departments, err := r.Departments(ctx)
	if err != nil {
		return nil, false, err
	}
	add := func(department, role string) { // several values can give the same
		if m := (store.Membership{Department: department, Role: role, ByClaim: true}); !slices.Contains(roles, m) {
			roles = append(roles, m)
		}
	}
	for i, rule := range s.party.Roles {
		switch {
		case !slices.Contains(values, rule.Value):
		case rule.Administrator:
			admin = true
		case rule.Department == access.All:
			add(access.All, rule.Role)
		default:
			at := slices.IndexFunc(departments, func(d store.Department) bool { return d.ID == rule.Department })
			if at < 0 {
				at = slices.IndexFunc(departments, func(d store.Department) bool {
					return strings.EqualFold(norm.NFC.String(d.Name), norm.NFC.String(rule.Department))
				})
			}
			if at < 0 {
				s.log.WarnContext(ctx, "a role of oidc.roles is in no department that there is", "number", i+1)
				continue
			}
			add(departments[at].ID, rule.Role)
		}
	}
	return roles, admin, nil
}

// exchangeRoles puts the claimed roles in the place of those that a user had by claim before, and returns how
// many roles the user has then, with those given by hand.
func exchangeRoles(ctx context.Context, tx store.Tx, user string, claimed []store.Membership) (int, error) {
	held, err := tx.Memberships(ctx, user)
	if err != nil {
		return 0, err
	}
	byHand := 0
	for _, h := range held {
		switch {
		case !h.ByClaim:
			byHand++
		case !slices.ContainsFunc(claimed, sameRole(h)):
			if err := tx.DeleteMembership(ctx, h); err != nil {
				return 0, err
			}
			if err := addAct(ctx, tx, store.Act{What: store.ActRoleTaken, User: user, Department: h.Department, Role: h.Role}); err != nil {
				return 0, err
			}
		}
	}
	for _, c := range claimed {
		if slices.ContainsFunc(held, sameRole(c)) {
			continue
		}
		c.User = user
		if err := tx.PutMembership(ctx, c); err != nil {
			return 0, err
		}
		if err := addAct(ctx, tx, store.Act{What: store.ActRoleGiven, User: user, Department: c.Department, Role: c.Role}); err != nil {
			return 0, err
		}
	}
	return byHand + len(claimed), nil
}

// freeName is a user name that nobody has: the wanted one, or that with a number. Those that the program itself
// looks for are never free.
func freeName(ctx context.Context, r store.Reader, wanted string) (string, error) {
	for i := 1; ; i++ {
		name := wanted
		if i > 1 {
			name = fmt.Sprintf("%s %d", wanted, i)
		}
		if strings.EqualFold(name, FirstAdmin) || strings.EqualFold(name, LocalUser) {
			continue
		}
		taken, err := optional(r.UserByName(ctx, name))
		if err != nil || taken == nil {
			return name, err
		}
	}
}

// addAct writes into the log of administration. Without By it was whoever asks; a sign-in has nobody yet.
func addAct(ctx context.Context, tx store.Tx, a store.Act) error {
	if who := whoAsks(ctx); who != nil && a.By == "" && who.needs.OfSystem() {
		a.By = who.user.ID
	}
	return tx.AddAct(ctx, &a)
}
