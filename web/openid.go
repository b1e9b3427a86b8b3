package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/store"
)

const (
	openIDAt       = "/signin/oidc"
	openIDBackAt   = "/signin/oidc/callback"
	flowPatience   = 10 * time.Minute // for a person to sign in at the provider
	longestNext    = 1000             // bytes of the page to come back to: it travels in a cookie
	maxFlows       = 4                // sign-ins under way in one browser: their cookies travel with each request
	signedOutAfter = "/signin"
)

// Admit is whom of the provider's people to let in.
type Admit string

const (
	AdmitMapped    Admit = "mapped"    // those whom a claim or somebody here gives a role; the zero value is this
	AdmitWaiting   Admit = "waiting"   // the same; others are remembered, so that somebody can give them one
	AdmitEverybody Admit = "everybody" // everybody whom the provider knows
)

// OpenID is the provider that people sign in at, and what its people may here.
type OpenID struct {
	openid.Config        // Redirect is filled in
	Label         string // what the button calls it; "": the issuer's host
	Roles         []ClaimedRole
	Admit         Admit
	AdminsOnly    bool // only administrators sign in with passwords
	EndSession    bool // signing out here signs out there too
}

// relyingParty is our side of a provider.
type relyingParty struct {
	OpenID
	provider *openid.Provider
	after    string // where the provider sends people after a sign-out
	seal     cipher.AEAD
}

// settingFlowKey holds the key of the cookies of sign-ins that one server may begin and another end.
const settingFlowKey = "web.flow_key"

// flowKey is the key of the cookies of sign-ins under way. That of a server alone is the process's own: those that are
// under way when it ends are begun again.
func flowKey(cfg Config) ([]byte, error) {
	const op = "web: read key of sign-ins"
	key := make([]byte, 32)
	rand.Read(key) // never fails
	if !cfg.Several {
		return key, nil
	}
	ctx := context.Background()
	err := cfg.Store.Tx(ctx, func(tx store.Tx) error {
		text, err := tx.Setting(ctx, settingFlowKey)
		if errors.Is(err, store.ErrNotFound) {
			return tx.PutSetting(ctx, settingFlowKey, hex.EncodeToString(key))
		}
		if err == nil {
			key, err = hex.DecodeString(text)
		}
		return err
	})
	if err == nil && len(key) != 32 {
		err = errors.New("the stored key is malformed")
	}
	if err != nil {
		return nil, referent.E(referent.CodeOf(err), op, err)
	}
	return key, nil
}

// newRelyingParty makes one for the provider. key seals the cookies of sign-ins under way.
func newRelyingParty(o OpenID, publicURL string, key []byte) (*relyingParty, error) {
	const op = "web: set up sign-in by OpenID"
	if publicURL == "" {
		return nil, referent.E(referent.CodeConfig, op, nil).WithHint("public_url must be set: the provider sends people back to it")
	}
	o.Redirect = publicURL + openIDBackAt
	provider, err := openid.New(o.Config)
	if err != nil {
		return nil, err
	}
	if o.Label == "" {
		u, err := url.Parse(o.Issuer)
		if err != nil {
			return nil, referent.E(referent.CodeConfig, op, err)
		}
		o.Label = u.Hostname()
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	return &relyingParty{o, provider, publicURL + signedOutAfter, seal}, nil
}

// flowCookie is what a browser keeps of a sign-in under way, sealed so that neither it nor another site's
// scripts can read or change it.
type flowCookie struct {
	openid.Flow
	Next  []byte // as bytes: characters that JSON escapes would make it longer than a cookie may be
	Until time.Time
}

// flowPrefix begins the names of the cookies of sign-ins under way.
func (s *Server) flowPrefix() string { return s.cookieName() + "_flow_" }

// flowCookieName is another for each sign-in, so that two in one browser do not end each other.
func (s *Server) flowCookieName(state string) string {
	return s.flowPrefix() + state[:min(len(state), 8)]
}

func (s *Server) setFlowCookie(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(flowPatience.Seconds()), HttpOnly: true,
		Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode} // Lax: the provider's redirect brings it back
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (p *relyingParty) sealed(f flowCookie) (string, error) {
	data, err := json.Marshal(f)
	return base64.RawURLEncoding.EncodeToString(p.seal.Seal(nil, nil, data, []byte(openIDAt))), err
}

// opened reads what sealed made; it fails when it is too old or not ours.
func (p *relyingParty) opened(value string, now time.Time) (f flowCookie, err error) {
	data, err := base64.RawURLEncoding.DecodeString(value)
	if err == nil {
		data, err = p.seal.Open(nil, nil, data, []byte(openIDAt))
	}
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err == nil && !now.Before(f.Until) {
		err = errors.New("the sign-in took too long")
	}
	return f, err
}

var errNoProvider = referent.E(referent.CodeNotFound, "web: find provider", nil).WithHint("no OpenID provider is configured")

// beginOpenID sends the browser to the provider.
func (s *Server) beginOpenID(w http.ResponseWriter, r *http.Request) {
	if s.party == nil {
		s.pages.fail(w, r, errNoProvider)
		return
	}
	next := localPath(r.URL.Query().Get("next"))
	if len(next) > longestNext {
		next = "/"
	}
	address, flow, err := s.party.provider.Begin(r.Context())
	var value string
	if err == nil {
		value, err = s.party.sealed(flowCookie{flow, []byte(next), s.now().Add(flowPatience)})
	}
	if err != nil {
		s.failOpenID(w, r, next, err)
		return
	}
	others := slices.DeleteFunc(r.Cookies(), func(c *http.Cookie) bool { return !strings.HasPrefix(c.Name, s.flowPrefix()) })
	for len(others) >= maxFlows {
		s.setFlowCookie(w, others[0].Name, "")
		others = others[1:]
	}
	s.setFlowCookie(w, s.flowCookieName(flow.State), value)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// errStale is an answer of the provider that no sign-in of this browser waits for.
var errStale = referent.E(referent.CodeUnauthorized, "web: find sign-in under way", nil)

// endOpenID is where the provider sends the browser back to.
func (s *Server) endOpenID(w http.ResponseWriter, r *http.Request) {
	if s.party == nil {
		s.pages.fail(w, r, errNoProvider)
		return
	}
	next := "/"
	byAddress := "oidc:" + s.addressKey(r) // apart from wrong passwords, which must not shut the other way in
	if err := s.mayTry(r.Context(), byAddress); err != nil {
		s.failOpenID(w, r, next, err)
		return
	}
	name := s.flowCookieName(r.URL.Query().Get("state"))
	c, err := r.Cookie(name)
	var f flowCookie
	if err == nil {
		f, err = s.party.opened(c.Value, s.now())
	}
	if err != nil {
		s.failOpenID(w, r, next, errStale)
		return
	}
	s.setFlowCookie(w, name, "") // good for one answer, whatever it is
	next = localPath(string(f.Next))
	person, err := s.party.provider.Finish(r.Context(), f.Flow, r.URL.Query())
	if err != nil {
		_, refused := errors.AsType[*openid.Refusal](err)
		if !refused && !errors.Is(err, openid.ErrStray) && codeOf(err) == referent.CodeUnauthorized {
			if ferr := s.logins.fail(r.Context(), limit{byAddress, freeByAddress}); ferr != nil { // each costs a call to the provider
				err = ferr
			}
			s.tellFailed(r.Context(), nil, s.party.Issuer, s.logins.locked(r.Context(), byAddress))
		}
		s.failOpenID(w, r, next, err)
		return
	}
	u, err := s.letIn(r.Context(), person)
	if codeOf(err) == referent.CodeForbidden || codeOf(err) == referent.CodeUnauthorized {
		known, _ := s.store.UserBySubject(r.Context(), person.Issuer, person.Subject) // nil: nobody that is kept
		s.tellFailed(r.Context(), known, person.Issuer, false)
	}
	if err == nil {
		err = s.beginSession(w, r, u, person.Issuer)
	}
	if err != nil {
		s.failOpenID(w, r, next, err)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// failOpenID shows the sign-in page with a sentence about what went wrong at the provider.
func (s *Server) failOpenID(w http.ResponseWriter, r *http.Request, next string, err error) {
	ctx, key, args := r.Context(), "", []any{"provider", s.party.Label}
	status := http.StatusUnauthorized
	infoOf(ctx).err = err
	many, isMany := errors.AsType[errTooMany](err)
	waiting, isWaiting := errors.AsType[errWaiting](err)
	refusal, refused := errors.AsType[*openid.Refusal](err)
	switch {
	case isMany:
		w.Header().Set("Retry-After", strconv.Itoa(many.seconds()))
		status, key, args = http.StatusTooManyRequests, "web.signin.too_many", []any{"seconds", many.seconds()}
	case errors.Is(err, errStale):
		key = "signin.stale"
	case errors.Is(err, errDisabled):
		status, key = http.StatusForbidden, "signin.disabled"
	case isWaiting:
		status, key, args = http.StatusForbidden, "signin.waiting", append(args, "name", waiting.name)
	case errors.Is(err, errStranger):
		status, key = http.StatusForbidden, "signin.stranger"
	case refused && refusal.Code == "access_denied":
		key = "signin.denied"
	case refused && refusal.Code == "temporarily_unavailable", codeOf(err) == referent.CodeUnavailable:
		status, key = http.StatusServiceUnavailable, "signin.unavailable"
	case refused, codeOf(err) == referent.CodeUnauthorized:
		key = "signin.refused"
	default:
		s.pages.fail(w, r, err)
		return
	}
	if status < http.StatusInternalServerError { // else the access log tells it
		s.log.WarnContext(ctx, "sign-in at the provider failed", "request", infoOf(ctx).id, "error", err.Error())
	}
	s.showSignInPage(w, r, status, signInPage{Next: next, Error: locale.T(infoOf(ctx).lang, key, args...)})
}

// signedOutPage sends the browser on to the provider's end of the session.
type signedOutPage struct {
	Address  string // "": the provider could not be asked where
	Provider string
}

// endAtProvider goes on from our own sign-out, of a session that began at the provider. A form may lead to no
// other host by the content policy, so a page leads there.
func (s *Server) endAtProvider(w http.ResponseWriter, r *http.Request) {
	address, err := s.party.provider.EndSession(r.Context(), s.party.after)
	if err == nil && address == "" {
		http.Redirect(w, r, signedOutAfter, http.StatusSeeOther)
		return
	}
	infoOf(r.Context()).err = err
	s.pages.render(w, r, http.StatusOK, "signedout", signedOutPage{address, s.party.Label})
}

// endsAtProvider reports whether signing out ends the session at the provider too.
func (s *Server) endsAtProvider(ctx context.Context) bool {
	return s.party != nil && s.party.EndSession && whoAsks(ctx).issuer == s.party.Issuer
}
