package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

const (
	sessionIdle  = 12 * time.Hour
	sessionSlide = time.Hour           // a session in use is prolonged at most this often, to spare the database
	claimsLast   = 24 * time.Hour      // a session that began at a provider: then the claims are asked for anew
	claimsLinger = 30 * 24 * time.Hour // after the last sign-in, for API tokens: nobody signs in for a program
	tokenPrefix  = "rft_"              // makes a leaked token easy for secret scanners to find
)

// identity is who asks and what they may do.
type identity struct {
	user    *store.User
	member  access.Member     // without administration when the scopes lack it
	needs   access.Permission // of the route that is asked for
	scopes  []store.Scope
	issuer  string    // of the provider that the session began at
	session string    // hash of the session's token; "" when an API token was used
	expires time.Time // when the session ends unless it is used
	latest  time.Time // when it ends however it is used; zero: never
}

// may reports whether the identity has the scope. Only those who administer something have ScopeAdmin, whatever
// their token says.
func (i *identity) may(sc store.Scope) bool {
	return slices.Contains(i.scopes, sc) && (sc != store.ScopeAdmin || i.member.Administers())
}

// identity makes one of a user and the scopes of their credentials.
func (s *Server) identity(ctx context.Context, u *store.User, scopes []store.Scope) (*identity, error) {
	rows, err := s.store.Memberships(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if !s.claimsHold(u) {
		u.AdminByClaim = false
		rows = slices.DeleteFunc(rows, func(m store.Membership) bool { return m.ByClaim })
	}
	m := memberOf(u, rows)
	if !slices.Contains(scopes, store.ScopeAdmin) {
		m = m.Ordinary()
	}
	return &identity{user: u, member: m, scopes: scopes}, nil
}

// claimsHold reports whether what the provider said of the user at their last sign-in still counts: it is the one
// that people sign in at now, and was asked not long ago.
func (s *Server) claimsHold(u *store.User) bool {
	return s.ownIssuer(u.Issuer) && s.now().Before(u.LastSignIn.Add(claimsLinger))
}

// ownIssuer reports whether people sign in at the provider now.
func (s *Server) ownIssuer(issuer string) bool {
	return s.party != nil && s.party.Issuer == issuer
}

type identityKey struct{}

// whoAsks returns the identity that the guard put into ctx. Behind the guard it is never nil.
func whoAsks(ctx context.Context) *identity {
	id, _ := ctx.Value(identityKey{}).(*identity)
	return id
}

// newSecret returns 256 random bits as URL-safe text.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the process rather than return weak bytes
	return base64.RawURLEncoding.EncodeToString(b)
}

// newID returns a random identifier for rows of this package.
func newID() string {
	b := make([]byte, 12)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// hashSecret is what is stored of a secret of 256 random bits. A slow hash would add nothing.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

var errUnauthorized = referent.E(referent.CodeUnauthorized, "web: identify request", nil)

// identify finds out who asks: CodeUnauthorized when the request carries no valid credentials. It leaves
// a session's end where it is.
func (s *Server) identify(r *http.Request) (*identity, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, secret, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(secret, tokenPrefix) {
			return nil, errUnauthorized
		}
		return s.identifyToken(r.Context(), secret)
	}
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return nil, errUnauthorized
	}
	return s.identifySession(r.Context(), hashSecret(c.Value))
}

func (s *Server) identifyToken(ctx context.Context, secret string) (*identity, error) {
	t, err := s.store.Token(ctx, hashSecret(secret))
	if err != nil {
		return nil, unauthorizedOr(err)
	}
	if !t.Expires.IsZero() && !s.now().Before(t.Expires) {
		return nil, errUnauthorized
	}
	u, err := s.enabled(ctx, t.User)
	if err != nil {
		return nil, err
	}
	return s.identity(ctx, u, t.Scopes)
}

func (s *Server) identifySession(ctx context.Context, hash string) (*identity, error) {
	ses, err := s.store.Session(ctx, hash)
	if err != nil {
		return nil, unauthorizedOr(err)
	}
	if !s.now().Before(ses.Expires) {
		return nil, errUnauthorized
	}
	u, err := s.enabled(ctx, ses.User)
	if err != nil {
		return nil, err
	}
	if u.Issuer == "" && !s.opensFor(u) { // passwords were for everybody when the session began
		return nil, errUnauthorized
	}
	id, err := s.identity(ctx, u, []store.Scope{store.ScopeRead, store.ScopeWrite, store.ScopeAdmin})
	if err != nil {
		return nil, err
	}
	id.session, id.expires, id.issuer = hash, ses.Expires, ses.Issuer
	if id.issuer != "" {
		id.latest = ses.Created.Add(claimsLast)
	}
	return id, nil
}

// enabled reads the user behind credentials. One who is locked out is nobody.
func (s *Server) enabled(ctx context.Context, id string) (*store.User, error) {
	u, err := s.store.User(ctx, id)
	switch {
	case err != nil:
		return nil, unauthorizedOr(err)
	case u.Disabled:
		return nil, errUnauthorized
	}
	return u, nil
}

// prolong moves the end of a session that is in use. A full disk prevents that, and no more: people can
// still see which meetings there are, though not read them ([readings]).
func (s *Server) prolong(ctx context.Context, id *identity) {
	now := s.now()
	until := now.Add(sessionIdle)
	if !id.latest.IsZero() && until.After(id.latest) {
		until = id.latest
	}
	if id.session == "" || until.Sub(id.expires) <= sessionSlide {
		return
	}
	err := s.store.Tx(ctx, func(tx store.Tx) error {
		ses, err := tx.Session(ctx, id.session) // anew: one that was signed out meanwhile stays so
		if err != nil {
			return err
		}
		ses.Expires = until
		return tx.PutSession(ctx, ses)
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		infoOf(ctx).err = err
	}
}

// unauthorizedOr hides which part of the credentials is unknown, but not that the database is down.
func unauthorizedOr(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return errUnauthorized
	}
	return err
}

// guard puts the check of who asks, and of what they may, in front of h.
func (s *Server) guard(rt route, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		needs := rt.Needs
		if rt.Loopback && fromThisMachine(r) {
			needs = access.Public
		}
		id, err := s.identify(r)
		switch {
		case err == nil:
			id.needs = needs
			s.prolong(r.Context(), id)
			info := infoOf(r.Context())
			info.user = id.user.ID
			info.lang = languageOf(id, r, info.lang)
			r = r.WithContext(store.WithActor(context.WithValue(r.Context(), identityKey{}, id), id.user.ID))
		case needs == access.Public:
		case referent.CodeOf(err) == referent.CodeUnauthorized && isPage(r):
			http.Redirect(w, r, "/signin?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return
		default:
			s.writeProblem(w, r, err)
			return
		}
		if needs != access.Public {
			m, err := s.admit(r, rt)
			if err != nil {
				s.refuse(w, r, err)
				return
			}
			if m != nil && rt.reads != "" {
				w = s.gate(w, r, m, rt)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// isPage reports whether a person's browser asks for a page, and so is better served by the sign-in
// form than by a problem document.
func isPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Authorization") == "" &&
		!strings.HasPrefix(r.URL.Path, "/api/") && r.URL.Path != "/metrics"
}
