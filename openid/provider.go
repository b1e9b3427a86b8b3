package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/referent/referent"
)

const (
	skew        = time.Minute     // how far the provider's clock may be behind or before ours
	failureKept = 5 * time.Second // how long a provider that does not answer is not asked again
)

// Config is what a Provider needs. Issuer, ClientID and Redirect must be set.
type Config struct {
	Issuer   string // its address, exactly as it calls itself
	ClientID string
	Secret   string   // "": a public client, which PKCE alone protects
	Redirect string   // where the provider sends people back
	Scopes   []string // beside openid
	Claims   Claims
	UserInfo bool     // ask the userinfo endpoint too: for providers that leave claims out of the ID token
	Allowed  []string // hosts beside the issuer's that may be called
	Now      func() time.Time
}

// Provider is the far side of a sign-in. It is found at the first one: that it is down does not keep a server
// from starting.
type Provider struct {
	cfg    Config
	client *http.Client

	mu     sync.Mutex
	known  *discovered
	failed error // of the last try
	tried  time.Time
}

// ErrStray is an answer that does not belong to the sign-in: nobody was called for it.
var ErrStray = errors.New("the answer is not one to this sign-in")

// discovered is what the provider says of itself.
type discovered struct {
	provider   *oidc.Provider
	oauth      oauth2.Config
	keys       oidc.KeySet
	algorithms []string // that it signs with, of those that need its private key
	endSession string
	names      bool // it names itself in its answers (RFC 9207)
}

// New makes a provider that has not been asked for anything yet.
func New(cfg Config) (*Provider, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || cfg.ClientID == "" || cfg.Redirect == "" {
		return nil, referent.E(referent.CodeConfig, "openid: make provider", err).WithHint("issuer, client id and redirect address must be given")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Provider{cfg: cfg, client: newClient(append([]string{u.Host}, cfg.Allowed...))}, nil
}

// Issuer is the provider's name for itself.
func (p *Provider) Issuer() string { return p.cfg.Issuer }

// discover asks the provider once where its endpoints are. A failure holds for a moment: strangers may begin
// sign-ins, and must not make us ask for each.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	if age := p.cfg.Now().Sub(p.tried); p.failed != nil && age >= 0 && age < failureKept {
		return nil, p.failed
	}
	p.known, p.failed = p.ask(context.WithoutCancel(ctx)) // the answer is for others too
	p.tried = p.cfg.Now()
	return p.known, p.failed
}

func (p *Provider) ask(ctx context.Context) (*discovered, error) {
	const op = "openid: find provider"
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.cfg.Issuer)
	if err != nil {
		return nil, referent.E(referent.CodeUnavailable, op, err).WithHint("oidc.issuer must be the provider's address exactly as its /.well-known/openid-configuration has it")
	}
	var more struct {
		EndSession string   `json:"end_session_endpoint"`
		Names      bool     `json:"authorization_response_iss_parameter_supported"`
		Methods    []string `json:"token_endpoint_auth_methods_supported"`
		Keys       string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, referent.E(referent.CodeUnavailable, op, err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // said here, since a code that is tried twice is refused
	if p.cfg.Secret == "" || len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	private := slices.DeleteFunc(more.Algorithms, func(a string) bool { return !slices.Contains(privateAlgorithms, a) })
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), p.client), more.Keys)
	return &discovered{provider: provider, keys: keys, algorithms: private, endSession: more.EndSession, names: more.Names, oauth: oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.Secret, Endpoint: endpoint, RedirectURL: p.cfg.Redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
	}}, nil
}

// Try asks the provider anew where its endpoints are, and keeps nothing of the answer. CodeUnavailable: it does not
// answer as a provider does.
func (p *Provider) Try(ctx context.Context) error {
	_, err := p.ask(ctx)
	return err
}

// Flow is a sign-in under way. It is secret between this server and the one browser.
type Flow struct {
	State    string
	Nonce    string
	Verifier string // of PKCE
}

// Begin starts a sign-in: the browser goes to the address, and comes back with what Finish reads.
func (p *Provider) Begin(ctx context.Context) (address string, f Flow, err error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", Flow{}, err
	}
	f = Flow{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier()}
	return d.oauth.AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), f, nil
}

// Finish ends a sign-in with what the browser brought back. Everything that does not fit the flow, or that the
// provider did not sign for us, is CodeUnauthorized, and ErrStray too when it was seen before anybody was called;
// a provider that does not answer is CodeUnavailable. What it refused by itself is a *Refusal.
func (p *Provider) Finish(ctx context.Context, f Flow, back url.Values) (*Person, error) {
	const op = "openid: finish sign-in"
	wrong := func(err error) (*Person, error) { return nil, referent.E(referent.CodeUnauthorized, op, err) }
	if f.State == "" || subtle.ConstantTimeCompare([]byte(f.State), []byte(back.Get("state"))) != 1 {
		return wrong(fmt.Errorf("%w: another state", ErrStray))
	}
	d, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	if iss := back.Get("iss"); iss != p.cfg.Issuer && (iss != "" || d.names) {
		return wrong(fmt.Errorf("%w: another issuer", ErrStray))
	}
	if code := back.Get("error"); code != "" {
		return nil, newRefusal(code)
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := d.oauth.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		// The error of oauth2 quotes the answer, in which a provider may name people.
		if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok && e.Response.StatusCode < 500 {
			return wrong(errors.New("the provider refused the code: " + newRefusal(e.ErrorCode).Code))
		}
		return nil, referent.E(referent.CodeUnavailable, op, silence("the provider does not change the code for tokens", err))
	}
	raw, _ := tokens.Extra("id_token").(string)
	now := func() time.Time { return p.cfg.Now().Add(-skew) }
	keys := &watchedKeys{KeySet: d.keys}
	token, err := oidc.NewVerifier(p.cfg.Issuer, keys, &oidc.Config{ClientID: p.cfg.ClientID, Now: now, SupportedSigningAlgs: d.algorithms}).Verify(ctx, raw)
	switch {
	case keys.failed != nil:
		return nil, referent.E(referent.CodeUnavailable, op, silence("the provider does not show its keys", keys.failed))
	case err != nil:
		return wrong(err)
	case subtle.ConstantTimeCompare([]byte(f.Nonce), []byte(token.Nonce)) != 1:
		return wrong(errors.New("the nonce is not that of the sign-in"))
	case token.IssuedAt.After(p.cfg.Now().Add(skew)):
		return wrong(errors.New("the token is of the future"))
	case token.AccessTokenHash != "" && token.VerifyAccessToken(tokens.AccessToken) != nil:
		return wrong(errors.New("the access token is not that of the ID token"))
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return wrong(err)
	}
	if azp, there := claims["azp"]; there && azp != p.cfg.ClientID {
		return wrong(errors.New("the token was made for another client"))
	}
	if p.cfg.UserInfo {
		if err := p.addUserInfo(ctx, d, tokens, token.Subject, claims); err != nil {
			return nil, err
		}
	}
	return p.cfg.Claims.person(token.Issuer, claims)
}

// addUserInfo adds to the claims what only the userinfo endpoint tells. What was signed is not overwritten.
func (p *Provider) addUserInfo(ctx context.Context, d *discovered, tokens *oauth2.Token, subject string, claims map[string]any) error {
	const op = "openid: read userinfo"
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return referent.E(referent.CodeUnavailable, op, silence("the provider does not tell more of the person", err))
	}
	if info.Subject != subject {
		return referent.E(referent.CodeUnauthorized, op, errors.New("it is about somebody else"))
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return referent.E(referent.CodeUnavailable, op, errors.New("userinfo is not an object"))
	}
	for name, value := range more {
		if _, signed := claims[name]; !signed {
			claims[name] = value
		}
	}
	return nil
}

// silence is why the provider could not be asked: the network, or our own guard. What it answered is left out,
// since it may name people.
func silence(what string, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%s: %w", what, e.Err)
	}
	return errors.New(what)
}

// EndSession is the address that signs a browser out at the provider too and sends it on to after; "" when the
// provider has none. No token is kept for it, so the provider may ask the person.
func (p *Provider) EndSession(ctx context.Context, after string) (string, error) {
	d, err := p.discover(ctx)
	if err != nil || d.endSession == "" {
		return "", err
	}
	u, err := url.Parse(d.endSession)
	if err != nil || u.Scheme != "https" && !referent.Loopback(u.Hostname()) {
		return "", referent.E(referent.CodeUnavailable, "openid: find end of session", err)
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	q.Set("post_logout_redirect_uri", after)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Refusal is the provider's own no. Its code is one of the protocol's words.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return "the provider answered " + r.Code }

// newRefusal keeps a code that looks like one: what stands in an address anybody can write.
func newRefusal(code string) *Refusal {
	if code == "" || len(code) > 50 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		code = "unknown"
	}
	return &Refusal{code}
}

// random is 256 random bits as URL-safe text.
func random() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
