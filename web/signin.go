package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/patience"
)

const maxForm = 64 << 10

// cookieName carries the __Host- prefix where it can: browsers then refuse the cookie from any other
// host or path.
func (s *Server) cookieName() string {
	if s.cfg.Secure {
		return "__Host-referent"
	}
	return "referent_session"
}

func (s *Server) setSessionCookie(w http.ResponseWriter, secret string) {
	c := &http.Cookie{Name: s.cookieName(), Value: secret, Path: "/", HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode}
	if secret == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

type errTooMany struct{ wait time.Duration }

func (e errTooMany) Error() string { return "too many failed sign-ins" }

func (e errTooMany) seconds() int { return int(math.Ceil(e.wait.Seconds())) }

// signIn checks name and password and returns the user. Wrong ones are CodeUnauthorized whether the
// name exists or not, after the same time; too many are errTooMany.
func (s *Server) signIn(r *http.Request, name, password string) (*store.User, error) {
	ctx := r.Context()
	byAddress, byUser := s.addressKey(r), userKey(name)
	if err := s.mayTry(ctx, byAddress, byUser); err != nil {
		return nil, err
	}
	// Few are looked at at once: each hash takes 64 MiB, and a thousand guesses sent together must not
	// all be tried before the first is counted.
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return nil, referent.E(referent.CodeTimeout, "web: sign in", ctx.Err())
	}
	if err := s.mayTry(ctx, byAddress, byUser); err != nil {
		return nil, err
	}
	u, err := s.store.UserByName(ctx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	hash := ""
	if err == nil {
		hash = u.PasswordHash
	}
	ok, err := verifyPassword(password, hash)
	if err != nil {
		return nil, err
	}
	if !ok {
		if err := s.logins.fail(ctx, limit{byAddress, freeByAddress}, limit{byUser, freeByUser}); err != nil {
			return nil, err
		}
		s.tellFailed(ctx, u, "", s.logins.locked(ctx, byAddress, byUser))
		return nil, errUnauthorized
	}
	if !s.opensFor(u) {
		s.tellFailed(ctx, u, "", false)
		return nil, errUnauthorized
	}
	if err := s.logins.succeed(ctx, byUser); err != nil {
		return nil, err
	}
	if u.Disabled { // said to nobody but who knows the password
		s.tellFailed(ctx, u, "", false)
		return nil, errDisabled
	}
	return u, nil
}

// mayTry fails with errTooMany when there were too many failures under one of the keys.
func (s *Server) mayTry(ctx context.Context, keys ...string) error {
	wait, err := s.logins.wait(ctx, keys...)
	if err == nil && wait > 0 {
		err = errTooMany{wait}
	}
	return err
}

// beginSession gives the browser a fresh session of somebody who signed in at the issuer, or with "" by password. The
// one it came with, if any, ends, so that a session known to somebody before the sign-in is worth nothing after it.
func (s *Server) beginSession(w http.ResponseWriter, r *http.Request, u *store.User, issuer string) error {
	secret := newSecret()
	now := s.now().UTC()
	err := s.store.Tx(r.Context(), func(tx store.Tx) error {
		if c, err := r.Cookie(s.cookieName()); err == nil {
			if err := endSession(r.Context(), tx, hashSecret(c.Value)); err != nil {
				return err
			}
		}
		if err := tx.DeleteExpiredSessions(r.Context(), now); err != nil {
			return err
		}
		row, err := tx.User(r.Context(), u.ID) // as it is now: somebody may have locked them out meanwhile
		if err != nil {
			return err
		}
		if row.Disabled {
			return errDisabled
		}
		row.LastSignIn = now
		if err := tx.PutUser(r.Context(), row); err != nil {
			return err
		}
		return tx.PutSession(r.Context(), &store.Session{TokenHash: hashSecret(secret), User: u.ID, Issuer: issuer, Created: now, Expires: now.Add(sessionIdle)})
	})
	if err != nil {
		return err
	}
	s.setSessionCookie(w, secret)
	return nil
}

func endSession(ctx context.Context, tx store.Tx, hash string) error {
	if err := tx.DeleteSession(ctx, hash); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) {
	s.showSignInPage(w, r, http.StatusOK, signInPage{Next: localPath(r.URL.Query().Get("next"))})
}

// showSignInPage shows the form, the way to the provider, or both.
func (s *Server) showSignInPage(w http.ResponseWriter, r *http.Request, status int, p signInPage) {
	if s.party != nil {
		p.Provider, p.Begin, p.Folded = s.party.Label, openIDAt+"?next="+url.QueryEscape(p.Next), s.party.AdminsOnly && p.Name == ""
	}
	s.pages.render(w, r, status, "signin", p)
}

func (s *Server) postSignIn(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	name, next := strings.TrimSpace(r.PostFormValue("name")), localPath(r.PostFormValue("next"))
	again := func(status int, message string) {
		s.showSignInPage(w, r, status, signInPage{Next: next, Name: name, Error: message})
	}
	lang := infoOf(r.Context()).lang
	u, err := s.signIn(r, name, r.PostFormValue("password"))
	var many errTooMany
	switch {
	case errors.As(err, &many):
		w.Header().Set("Retry-After", strconv.Itoa(many.seconds()))
		again(http.StatusTooManyRequests, locale.T(lang, "web.signin.too_many", "seconds", many.seconds()))
		return
	case errors.Is(err, errDisabled):
		again(http.StatusForbidden, locale.T(lang, "signin.disabled"))
		return
	case err != nil && referent.CodeOf(err) == referent.CodeUnauthorized:
		again(http.StatusUnauthorized, locale.T(lang, "web.signin.wrong"))
		return
	case err != nil:
		s.pages.fail(w, r, err)
		return
	}
	if err := s.beginSession(w, r, u, ""); err != nil {
		s.pages.fail(w, r, err)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) postSignOut(w http.ResponseWriter, r *http.Request) {
	if hash := whoAsks(r.Context()).session; hash != "" {
		err := s.store.Tx(r.Context(), func(tx store.Tx) error { return endSession(r.Context(), tx, hash) })
		if err != nil {
			s.pages.fail(w, r, err)
			return
		}
	}
	s.setSessionCookie(w, "")
	if s.endsAtProvider(r.Context()) {
		s.endAtProvider(w, r)
		return
	}
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}

// choosing is for whom the secret opens the page where a password is chosen: the first administrator, by the secret
// that the server printed at its first start, or one who was invited.
func (s *Server) choosing(ctx context.Context, secret string) (setupPage, error) {
	p := setupPage{Token: secret, Least: minPassword, Name: FirstAdmin}
	err := s.present(ctx, "link", secret, referent.CodeNotFound, func() error {
		err := setupOpen(ctx, s.store, secret)
		if err == nil || codeOf(err) != referent.CodeNotFound {
			return err
		}
		u, err := s.invited(ctx, s.store, secret)
		if err == nil {
			p.Name, p.Invited = u.Name, true
		}
		return err
	})
	return p, err
}

func (s *Server) showSetup(w http.ResponseWriter, r *http.Request) {
	p, err := s.choosing(r.Context(), r.URL.Query().Get("token"))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "setup", p)
}

func (s *Server) postSetup(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, token, password := r.Context(), r.PostFormValue("token"), r.PostFormValue("password")
	p, err := s.choosing(ctx, token)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	lang := infoOf(ctx).lang
	again := func(key string) {
		p.Error = locale.T(lang, key, "least", minPassword)
		s.pages.render(w, r, http.StatusUnprocessableEntity, "setup", p)
	}
	if checkPassword(password) != nil {
		again("web.setup.weak")
		return
	}
	if password != r.PostFormValue("repeat") {
		again("web.setup.differ")
		return
	}
	var u *store.User
	if p.Invited {
		u, err = s.acceptInvitation(ctx, token, password)
	} else {
		u, err = makeFirstAdmin(ctx, s.store, password, func(tx store.Tx) error { return setupOpen(ctx, tx, token) })
	}
	if err == nil {
		err = s.beginSession(w, r, u, "")
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// postLanguage remembers a visitor's language: with the user when there is one, else in a cookie.
func (s *Server) postLanguage(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	lang := r.PostFormValue("language")
	if !isLanguage(lang) {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: choose language", nil))
		return
	}
	if whoAsks(r.Context()) != nil {
		if _, err := s.chooseLanguage(r.Context(), lang); err != nil {
			s.pages.fail(w, r, err)
			return
		}
	}
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
}

// parseForm reads a form of at most maxForm bytes, which must have come within formTimeout: whoever
// sends it is a stranger yet, and must not hold connections open for nothing.
func (s *Server) parseForm(w http.ResponseWriter, r *http.Request) bool {
	return s.parseFormOf(w, r, maxForm)
}

// parseFormOf is parseForm for a form of at most so many bytes.
func (s *Server) parseFormOf(w http.ResponseWriter, r *http.Request, most int64) bool {
	const op = "web: read form"
	rc := http.NewResponseController(w)
	if err := patience.SetDeadline(rc.SetReadDeadline, time.Now().Add(s.formTimeout)); err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeUnavailable, op, err))
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	err := r.ParseForm()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close") // the rest of the form may still come, and is no request
		showsNothing(w)
		pr := problem(r.Context(), referent.E(referent.CodeTimeout, op, patience.ErrSlow))
		s.pages.render(w, r, http.StatusRequestTimeout, "failure", failurePage{Detail: pr.Detail})
	case err != nil:
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, op, err))
	default:
		err = patience.SetDeadline(rc.SetReadDeadline, time.Time{}) // for the next request on the connection
		if err != nil {
			s.pages.fail(w, r, referent.E(referent.CodeUnavailable, op, err))
		}
	}
	return err == nil
}

// localPath keeps a redirect on this server: a path that no browser reads as another host.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
