package openid_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/openid/oidctest"
)

const back = "http://127.0.0.1:9/back" // nobody is there: the test reads where it is sent

func config(p *oidctest.Provider) openid.Config {
	return openid.Config{Issuer: p.URL, ClientID: oidctest.Client, Secret: oidctest.Secret, Redirect: back, Scopes: []string{"profile"},
		Claims: openid.Claims{User: "preferred_username", Name: "name", Roles: "groups"}}
}

func newProvider(t *testing.T, cfg openid.Config) *openid.Provider {
	t.Helper()
	p, err := openid.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// visit signs kari in at the provider, and returns what her browser brings back.
func visit(t *testing.T, at *oidctest.Provider, p *openid.Provider) (openid.Flow, url.Values) {
	t.Helper()
	address, flow, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	resp, body := at.SignIn(oidctest.Browser(t, back), address, "kari-7")
	u, err := resp.Location()
	if err != nil {
		t.Fatalf("%v: %s %s", err, resp.Status, body)
	}
	return flow, u.Query()
}

func TestSignIn(t *testing.T) {
	at := oidctest.Start(t, back, back, false)
	at.Say(map[string]map[string]any{"kari-7": {"name": "Kari \u202eNordmann\n", "preferred_username": strings.Repeat("ø", 50), "groups": []any{"a", 7, "b"}}})
	p := newProvider(t, config(at))
	flow, query := visit(t, at, p)
	if query.Get("iss") != at.URL {
		t.Errorf("the provider does not name itself: %v", query)
	}
	person, err := p.Finish(t.Context(), flow, query)
	if err != nil {
		t.Fatal(err)
	}
	if person.Issuer != at.URL || person.Subject != "kari-7" || person.Name != "Kari Nordmann" || person.User != strings.Repeat("ø", 30) || !slices.Equal(person.Roles, []string{"a", "b"}) {
		t.Errorf("%+v", person)
	}
	_, err = p.Finish(t.Context(), flow, query)
	refused(t, "a code that is used again", err)

	end, err := p.EndSession(t.Context(), back)
	if err != nil || !strings.HasPrefix(end, at.URL+"/session/end?client_id=referent&post_logout") {
		t.Errorf("the end of the session is at %q, %v", end, err)
	}

	// One text is a list of one, and the subject may be another claim.
	at.Say(map[string]map[string]any{"kari-7": {"groups": "only", "name": "k-1"}})
	cfg := config(at)
	cfg.Claims.Subject = "name"
	p = newProvider(t, cfg)
	flow, query = visit(t, at, p)
	if person, err = p.Finish(t.Context(), flow, query); err != nil || person.Subject != "k-1" || !slices.Equal(person.Roles, []string{"only"}) || person.User != "" {
		t.Errorf("%+v, %v", person, err)
	}
	cfg.Claims.Subject = "missing"
	p = newProvider(t, cfg)
	flow, query = visit(t, at, p)
	_, err = p.Finish(t.Context(), flow, query)
	refused(t, "a token without the subject", err)

	for name, change := range map[string]func(*openid.Flow, url.Values){
		"another state":       func(f *openid.Flow, _ url.Values) { f.State += "x" },
		"no state":            func(f *openid.Flow, q url.Values) { f.State = ""; q.Del("state") },
		"another nonce":       func(f *openid.Flow, _ url.Values) { f.Nonce += "x" },
		"another verifier":    func(f *openid.Flow, _ url.Values) { f.Verifier = strings.Repeat("x", 43) },
		"another code":        func(_ *openid.Flow, q url.Values) { q.Set("code", "x") },
		"no code":             func(_ *openid.Flow, q url.Values) { q.Del("code") },
		"another issuer":      func(_ *openid.Flow, q url.Values) { q.Set("iss", "https://other.example") },
		"an issuer held back": func(_ *openid.Flow, q url.Values) { q.Del("iss") },
	} {
		p := newProvider(t, config(at))
		flow, query := visit(t, at, p)
		change(&flow, query)
		_, err := p.Finish(t.Context(), flow, query)
		refused(t, name, err)
	}
}

func refused(t *testing.T, what string, err error) {
	t.Helper()
	if referent.CodeOf(err) != referent.CodeUnauthorized {
		t.Errorf("%s: %v", what, err)
	}
}

// Tokens that the provider did not make for this sign-in are worth nothing.
func TestTokens(t *testing.T) {
	at := oidctest.Start(t, back, back, false)
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// remade takes the token apart, changes it, and signs it anew with a stranger's key.
	remade := func(header map[string]any, change func(map[string]any)) func(map[string]any) {
		return func(tokens map[string]any) {
			parts := strings.Split(tokens["id_token"].(string), ".")
			claims, head := map[string]any{}, map[string]any{}
			for i, into := range []map[string]any{head, claims} {
				data, err := base64.RawURLEncoding.DecodeString(parts[i])
				if err == nil {
					err = json.Unmarshal(data, &into)
				}
				if err != nil {
					t.Error(err)
				}
			}
			maps.Copy(head, header)
			change(claims)
			h, _ := json.Marshal(head)
			c, _ := json.Marshal(claims)
			signed := encode(h) + "." + encode(c)
			signature := parts[2] // of what the token was
			switch head["alg"] {
			case "none":
				signature = ""
			case "EdDSA":
				signature = encode(ed25519.Sign(stranger, []byte(signed)))
			}
			tokens["id_token"] = signed + "." + signature
		}
	}
	same := func(map[string]any) {}
	for name, tamper := range map[string]func(map[string]any){
		"no ID token":           func(tokens map[string]any) { delete(tokens, "id_token") },
		"rubbish":               func(tokens map[string]any) { tokens["id_token"] = "a.b.c" },
		"alg none":              remade(map[string]any{"alg": "none"}, same),
		"a stranger's key":      remade(map[string]any{"alg": "EdDSA"}, same),
		"changed after signing": remade(nil, func(c map[string]any) { c["sub"] = "ola" }),
	} {
		p := newProvider(t, config(at))
		flow, query := visit(t, at, p)
		at.Tamper(tamper)
		_, err := p.Finish(t.Context(), flow, query)
		at.Tamper(nil)
		refused(t, name, err)
	}

	// The clocks may differ by a minute, and no more.
	for _, c := range []struct {
		off time.Duration
		ok  bool
	}{{-50 * time.Second, true}, {-5 * time.Minute, false}, {time.Hour + 30*time.Second, true}, {time.Hour + 2*time.Minute, false}} {
		cfg := config(at)
		cfg.Now = func() time.Time { return time.Now().Add(c.off) }
		p := newProvider(t, cfg)
		flow, query := visit(t, at, p)
		if _, err := p.Finish(t.Context(), flow, query); (err == nil) != c.ok {
			t.Errorf("with a clock that is %v off: %v", c.off, err)
		}
	}
}

// Where the ID token leaves claims out, they are asked for.
func TestUserInfo(t *testing.T) {
	at := oidctest.Start(t, back, back, true)
	at.Say(map[string]map[string]any{"kari-7": {"name": "Kari Nordmann"}})
	for _, ask := range []bool{false, true} {
		cfg := config(at)
		cfg.UserInfo = ask
		p := newProvider(t, cfg)
		flow, query := visit(t, at, p)
		person, err := p.Finish(t.Context(), flow, query)
		if err != nil || (person.Name == "Kari Nordmann") != ask {
			t.Errorf("asked %v: %+v, %v", ask, person, err)
		}
	}
}

// The provider's own no is told by its code, and by nothing that a stranger could write.
func TestRefusal(t *testing.T) {
	at := oidctest.Start(t, back, back, false)
	p := newProvider(t, config(at))
	for code, want := range map[string]string{"access_denied": "access_denied", "<b>Kari": "unknown"} {
		_, flow, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Finish(t.Context(), flow, url.Values{"state": {flow.State}, "iss": {at.URL}, "error": {code}, "error_description": {"Kari"}})
		if r, ok := errors.AsType[*openid.Refusal](err); !ok || r.Code != want {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Nobody is called but the issuer, whatever it says of itself.
func TestOnlyTheIssuerIsCalled(t *testing.T) {
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer elsewhere.Close()
	var issuer *httptest.Server
	redirect := false
	issuer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if redirect {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"issuer": issuer.URL, "authorization_endpoint": elsewhere.URL + "/auth", "token_endpoint": elsewhere.URL + "/token", "jwks_uri": elsewhere.URL + "/keys"})
	}))
	defer issuer.Close()
	cfg := openid.Config{Issuer: issuer.URL, ClientID: "x", Redirect: back}
	p := newProvider(t, cfg)
	_, flow, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"state": {flow.State}, "code": {"c"}}
	u, err := url.Parse(elsewhere.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(t.Context(), flow, query); referent.CodeOf(err) != referent.CodeUnavailable || called || !strings.Contains(err.Error(), u.Host) {
		t.Errorf("another host was called, or is not told of: %v, %v", called, err)
	}
	cfg.Allowed = []string{u.Host}
	p = newProvider(t, cfg)
	if _, flow, err = p.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err = p.Finish(t.Context(), flow, url.Values{"state": {flow.State}, "code": {"c"}}); err == nil || !called {
		t.Errorf("the host that is allowed was called: %v, %v", called, err)
	}
	called, redirect = false, true
	cfg.Allowed = nil
	if _, _, err := newProvider(t, cfg).Begin(t.Context()); referent.CodeOf(err) != referent.CodeUnavailable || called {
		t.Errorf("a redirect was followed: %v, %v", called, err)
	}
	cfg.Issuer = "http://issuer.example" // in the clear, over the network
	if _, _, err := newProvider(t, cfg).Begin(t.Context()); referent.CodeOf(err) != referent.CodeUnavailable || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("a provider without TLS: %v", err)
	}
	if _, err := openid.New(openid.Config{Issuer: "x"}); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("half a configuration: %v", err)
	}
}
