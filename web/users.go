package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// invitationLasts is how long a link to choose a password is good for.
const invitationLasts = 7 * 24 * time.Hour

// What those who manage users may not do, each with a sentence of its own on the page.
var (
	errOneself   = refusedChange("nobody locks themselves out: another administrator does it")
	errLast      = refusedChange("the last administrator stays one")
	errHigher    = referent.E(referent.CodeForbidden, "web: change user", errors.New("only an administrator changes administrators"))
	errProgram   = refusedChange("the user of this machine's own command line is not changed")
	errElsewhere = refusedChange("the OpenID provider knows the person: what they are called and how they sign in is changed there")
	errTaken     = refusedChange("the name is taken")
	errNoUse     = refusedChange("only administrators sign in with a password here: the others come by the OpenID provider")
)

func refusedChange(why string) error {
	return referent.E(referent.CodeConflict, "web: change user", errors.New(why)).WithHint("%s", why)
}

// UserPatch is what of a user can be changed by hand. What is absent stays.
type UserPatch struct {
	DisplayName *string `json:"display_name,omitempty" maxLength:"100" doc:"What the person is called. Of a user of the OpenID provider it comes from there."`
	Admin       *bool   `json:"admin,omitempty" doc:"By hand. Only administrators change this, and not their own."`
	Disabled    *bool   `json:"disabled,omitempty" doc:"Who is disabled cannot sign in; their sessions end and their tokens are deleted at once. Nobody disables themselves, or the last administrator."`
}

// changeUser writes what the patch says.
func (s *Server) changeUser(ctx context.Context, id string, p UserPatch) (*store.User, error) {
	return s.onUser(ctx, id, func(tx store.Tx, u *store.User) error {
		if p.DisplayName != nil {
			name := strings.Join(strings.Fields(*p.DisplayName), " ")
			if len(name) > 400 || name == "" && *p.DisplayName != "" {
				return referent.E(referent.CodeInvalid, "web: change user", nil).WithHint("what somebody is called has at most 100 characters")
			}
			if u.Issuer != "" && name != u.DisplayName {
				return errElsewhere
			}
			if name != u.DisplayName {
				u.DisplayName = name
				if err := addAct(ctx, tx, store.Act{What: store.ActUserChanged, User: u.ID}); err != nil {
					return err
				}
			}
		}
		if p.Admin != nil && *p.Admin != u.Admin {
			switch who := whoAsks(ctx); {
			case !who.member.Administrator:
				return errHigher
			case u.ID == who.user.ID: // also an administrator by claim, who would stay one when the claim is gone
				return errOneself
			}
			u.Admin = *p.Admin
			what := store.ActAdminUnmade
			if u.Admin {
				what = store.ActAdminMade
				if err := tx.DeleteInvitation(ctx, u.ID); err != nil { // whoever holds it may be no administrator
					return err
				}
			}
			if err := addAct(ctx, tx, store.Act{What: what, User: u.ID}); err != nil {
				return err
			}
		}
		if p.Disabled != nil && *p.Disabled != u.Disabled {
			u.Disabled = *p.Disabled
			what := store.ActUserEnabled
			if u.Disabled {
				what = store.ActUserDisabled
				if err := endAll(ctx, tx, u.ID, true); err != nil {
					return err
				}
			}
			if err := addAct(ctx, tx, store.Act{What: what, User: u.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// onUser changes a user in one transaction, within what nobody may do: reach above themselves, lock themselves
// out, or leave the installation without an administrator.
func (s *Server) onUser(ctx context.Context, id string, change func(store.Tx, *store.User) error) (u *store.User, err error) {
	who := whoAsks(ctx)
	err = s.store.Tx(ctx, func(tx store.Tx) error {
		if u, err = tx.User(ctx, id); err != nil {
			return err
		}
		before := *u
		switch {
		case isProgram(u):
			return errProgram
		case u.Administrator() && !who.member.Administrator:
			return errHigher
		}
		if err := change(tx, u); err != nil {
			return err
		}
		if fell := before.Administrator() && (!u.Administrator() || u.Disabled && !before.Disabled); fell || u.Disabled && !before.Disabled {
			if u.ID == who.user.ID {
				return errOneself
			}
			if fell {
				if err := s.anotherAdministrator(ctx, tx, &before); err != nil {
					return err
				}
			}
		}
		return tx.PutUser(ctx, u)
	})
	return u, err
}

// opensFor reports whether a password lets the user in: where there is a provider it may be for administrators only.
func (s *Server) opensFor(u *store.User) bool {
	return s.party == nil || !s.party.AdminsOnly || u.Administrator()
}

// isProgram reports whether the user is the one that this machine's command line acts as.
func isProgram(u *store.User) bool {
	return u.Name == LocalUser && u.PasswordHash == "" && u.Issuer == ""
}

// anotherAdministrator fails with errLast unless somebody but the user is one and can sign in. In the place of one
// with a password it is another with a password: the provider may be gone, or take its claims back.
func (s *Server) anotherAdministrator(ctx context.Context, r store.Reader, fallen *store.User) error {
	users, err := r.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.ID == fallen.ID || !u.Administrator() || u.Disabled {
			continue
		}
		if u.PasswordHash != "" || fallen.PasswordHash == "" && s.ownIssuer(u.Issuer) {
			return nil
		}
	}
	return errLast
}

// endAll ends a user's sessions and open invitation, and with tokens deletes these too.
func endAll(ctx context.Context, tx store.Tx, id string, tokens bool) error {
	if err := tx.DeleteSessionsOf(ctx, id); err != nil {
		return err
	}
	if !tokens {
		return nil
	}
	if err := tx.DeleteInvitation(ctx, id); err != nil {
		return err
	}
	held, err := tx.Tokens(ctx, id)
	for _, t := range held {
		if err := tx.DeleteToken(ctx, t.ID); err != nil {
			return err
		}
	}
	return err
}

// endSessions signs a user out everywhere. Tokens, which programs use, go on.
func (s *Server) endSessions(ctx context.Context, id string) error {
	_, err := s.onUser(ctx, id, func(tx store.Tx, u *store.User) error {
		if err := endAll(ctx, tx, u.ID, false); err != nil {
			return err
		}
		return addAct(ctx, tx, store.Act{What: store.ActSessionsEnded, User: u.ID})
	})
	return err
}

// makeUser makes a local user as described, with the password. Without one, a link comes with which they choose it.
func (s *Server) makeUser(ctx context.Context, wanted store.User, password string) (u *store.User, link string, err error) {
	who := whoAsks(ctx)
	if wanted.Admin && !who.member.Administrator { // the role admin for all holds less than an administrator does
		return nil, "", errHigher
	}
	if !s.opensFor(&wanted) {
		return nil, "", errNoUse
	}
	if u, err = newUser(wanted); err != nil {
		return nil, "", err
	}
	if password != "" {
		if u.PasswordHash, err = hashPassword(password); err != nil {
			return nil, "", err
		}
	}
	err = s.store.Tx(ctx, func(tx store.Tx) error {
		if err := addUser(ctx, tx, u); err != nil {
			return err
		}
		if password == "" {
			if link, err = s.putInvitation(ctx, tx, u.ID); err != nil {
				return err
			}
		}
		acts := []string{store.ActUserMade}
		if u.Admin {
			acts = append(acts, store.ActAdminMade)
		}
		if link != "" {
			acts = append(acts, store.ActInvitationMade)
		}
		for _, what := range acts {
			if err := addAct(ctx, tx, store.Act{What: what, User: u.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	s.log.InfoContext(ctx, "user made", "by", who.user.ID, "user", u.ID, "admin", u.Admin)
	return u, link, nil
}

// invite makes a link with which a local user chooses a new password. The old one is good until they do.
func (s *Server) invite(ctx context.Context, id string) (u *store.User, link string, err error) {
	u, err = s.onUser(ctx, id, func(tx store.Tx, u *store.User) (err error) {
		switch {
		case u.Issuer != "":
			return errElsewhere
		case u.Disabled:
			return errDisabled
		case !s.opensFor(u):
			return errNoUse
		}
		if link, err = s.putInvitation(ctx, tx, u.ID); err != nil {
			return err
		}
		return addAct(ctx, tx, store.Act{What: store.ActInvitationMade, User: u.ID})
	})
	return u, link, err
}

func (s *Server) putInvitation(ctx context.Context, tx store.Tx, user string) (link string, err error) {
	secret := newSecret()
	err = tx.PutInvitation(ctx, &store.Invitation{User: user, TokenHash: hashSecret(secret), Expires: s.now().Add(invitationLasts)})
	return s.cfg.PublicURL + "/setup?token=" + secret, err
}

// invited is the user whom the secret lets choose a password; CodeNotFound when it is good for nobody.
func (s *Server) invited(ctx context.Context, r store.Reader, secret string) (*store.User, error) {
	refused := referent.E(referent.CodeNotFound, "web: check invitation", nil)
	i, err := r.Invitation(ctx, hashSecret(secret))
	if errors.Is(err, store.ErrNotFound) || err == nil && !s.now().Before(i.Expires) {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	u, err := r.User(ctx, i.User)
	if err == nil && (u.Disabled || !s.opensFor(u)) {
		return nil, refused
	}
	return u, err
}

// acceptInvitation gives the user the password, and ends the sessions that the one before it opened.
func (s *Server) acceptInvitation(ctx context.Context, secret, password string) (u *store.User, err error) {
	hash, err := hashPassword(password)
	if err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx store.Tx) error {
		if u, err = s.invited(ctx, tx, secret); err != nil {
			return err
		}
		u.PasswordHash = hash
		if err := tx.DeleteInvitation(ctx, u.ID); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, u.ID); err != nil {
			return err
		}
		if err := tx.PutUser(ctx, u); err != nil {
			return err
		}
		return tx.AddAct(ctx, &store.Act{What: store.ActPasswordChosen, By: u.ID, User: u.ID})
	})
	return u, err
}
