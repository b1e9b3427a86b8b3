package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

// Account is a user as others see them.
type Account struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	DisplayName string    `json:"display_name,omitempty" doc:"What the person is called."`
	Admin       bool      `json:"admin" doc:"By hand or by claim."`
	Locale      string    `json:"locale" enum:"nb,nn,en"`
	Created     time.Time `json:"created"`
	LastSignIn  time.Time `json:"last_sign_in,omitzero"`
	Issuer      string    `json:"issuer,omitempty" doc:"The OpenID provider that knows the person; absent: a local user."`
	Disabled    bool      `json:"disabled,omitempty" doc:"Cannot sign in, and has neither sessions nor tokens."`
}

func accountOf(u *store.User) Account {
	return Account{ID: u.ID, Name: u.Name, DisplayName: u.DisplayName, Admin: u.Administrator(), Locale: u.Locale, Created: u.Created,
		LastSignIn: u.LastSignIn, Issuer: u.Issuer, Disabled: u.Disabled}
}

// TokenInfo is an API token without its secret.
type TokenInfo struct {
	ID      string        `json:"id"`
	Name    string        `json:"name"`
	Scopes  []store.Scope `json:"scopes" nullable:"false"`
	Created time.Time     `json:"created"`
	Expires time.Time     `json:"expires,omitzero" doc:"Absent: never."`
}

func tokenInfo(t *store.Token) TokenInfo {
	return TokenInfo{ID: t.ID, Name: t.Name, Scopes: t.Scopes, Created: t.Created, Expires: t.Expires}
}

// NewToken is a fresh token with its secret, which is shown this once.
type NewToken struct {
	TokenInfo
	Secret string `json:"secret" doc:"Shown once; only its hash is kept."`
}

func (s *Server) registerAccount() {
	register(s, operation{method: http.MethodGet, path: "/me", id: "get-me", tag: "account", needs: access.OwnAccount, summary: "Who asks, and what they may do"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Me }, error) {
			me, err := s.me(ctx)
			return &struct{ Body Me }{me}, err
		})
	register(s, operation{method: http.MethodPatch, path: "/me", id: "change-me", tag: "account", needs: access.OwnAccount, summary: "Choose a language"},
		func(ctx context.Context, in *struct {
			Body struct {
				Locale string `json:"locale" enum:"nb,nn,en"`
			}
		}) (*struct{ Body Account }, error) {
			u, err := s.chooseLanguage(ctx, in.Body.Locale)
			if err != nil {
				return nil, err
			}
			return &struct{ Body Account }{accountOf(u)}, nil
		})
	register(s, operation{method: http.MethodGet, path: "/tokens", id: "list-tokens", tag: "account", needs: access.OwnAccount, summary: "List your API tokens"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []TokenInfo }, error) {
			tokens, err := s.store.Tokens(ctx, whoAsks(ctx).user.ID)
			out := make([]TokenInfo, len(tokens))
			for i := range tokens {
				out[i] = tokenInfo(&tokens[i])
			}
			return list(out, err)
		})
	register(s, operation{method: http.MethodPost, path: "/tokens", id: "create-token", tag: "account", needs: access.OwnAccount, status: http.StatusCreated,
		summary: "Make an API token", text: "A token can make only tokens that allow no more than itself."},
		func(ctx context.Context, in *struct {
			Body struct {
				Name   string        `json:"name" minLength:"1" maxLength:"100"`
				Scopes []store.Scope `json:"scopes" minItems:"1" maxItems:"3" enum:"read,write,admin" nullable:"false"`
				Days   int           `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"Lifetime; 0 or absent: until it is deleted."`
			}
		}) (*struct{ Body NewToken }, error) {
			me := whoAsks(ctx)
			for _, sc := range in.Body.Scopes {
				if !me.may(sc) {
					return nil, referent.E(referent.CodeForbidden, "web: mint token", nil).WithHint("you do not have the scope %q yourself", sc)
				}
			}
			t, secret, err := mintToken(ctx, s.store, me.user, in.Body.Name, in.Body.Scopes, time.Duration(in.Body.Days)*24*time.Hour)
			if err != nil {
				return nil, err
			}
			return &struct{ Body NewToken }{NewToken{tokenInfo(t), secret}}, nil
		})
	register(s, operation{method: http.MethodDelete, path: "/tokens/{id}", id: "delete-token", tag: "account", needs: access.OwnAccount, status: http.StatusNoContent,
		summary: "Delete one of your API tokens", text: "It stops working at once."},
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*struct{}, error) {
			return nil, s.store.Tx(ctx, func(tx store.Tx) error {
				tokens, err := tx.Tokens(ctx, whoAsks(ctx).user.ID)
				if err != nil {
					return err
				}
				for _, t := range tokens {
					if t.ID == in.ID {
						return tx.DeleteToken(ctx, t.ID)
					}
				}
				return referent.E(referent.CodeNotFound, "web: delete token", store.ErrNotFound)
			})
		})
}

func (s *Server) registerAdministration() {
	register(s, operation{method: http.MethodGet, path: "/workers", id: "list-workers", tag: "administration", needs: access.ManageSystem,
		summary: "List the workers that are there"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []pipeline.WorkerInfo }, error) {
			return list(s.pipe.Workers(), nil)
		})
	register(s, operation{method: http.MethodGet, path: "/dead-letters", id: "list-dead-letters", tag: "administration", needs: access.ManageSystem,
		summary: "List jobs that were given up", text: "Newest first. Retry their meetings to try again. The meeting is left empty where one may not see it."},
		func(ctx context.Context, in *Limited) (*struct{ Body []referent.Job }, error) {
			jobs, err := s.store.DeadJobs(ctx, in.Limit)
			if err == nil {
				err = s.veil(ctx, jobs)
			}
			return list(jobs, err)
		})
	register(s, operation{method: http.MethodGet, path: "/receipts", id: "list-receipts", tag: "administration", needs: access.ReadAudit,
		summary: "List proofs of erasure", text: "Newest first, of all departments, also of health: a receipt tells a meeting's id, without its name or department."},
		func(ctx context.Context, in *Limited) (*struct{ Body []store.Receipt }, error) {
			return list(s.store.Receipts(ctx, in.Limit))
		})
}

// Limited is how many of a list are asked for. Exported, since huma reads embedded inputs only then.
type Limited struct {
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// chooseLanguage remembers the language of whoever asks.
func (s *Server) chooseLanguage(ctx context.Context, lang string) (*store.User, error) {
	if !isLanguage(lang) {
		return nil, referent.E(referent.CodeInvalid, "web: choose language", nil).WithHint("languages are %v", locale.Languages)
	}
	var u *store.User
	err := s.store.Tx(ctx, func(tx store.Tx) (err error) {
		if u, err = tx.User(ctx, whoAsks(ctx).user.ID); err != nil {
			return err
		}
		u.Locale = lang
		return tx.PutUser(ctx, u)
	})
	return u, err
}
