package openid_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/openid"
)

var encode = base64.RawURLEncoding.EncodeToString

// issuer is one with its own key, so that a test can sign what no honest provider would.
type issuer struct {
	URL      string
	key      *ecdsa.PrivateKey
	idToken  string
	userInfo string
	broken   string // path that answers with an error
}

func startIssuer(t *testing.T) *issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	at := &issuer{key: key}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == at.broken {
			http.Error(w, `{"who":"Kari Nordmann"}`, http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/token":
			json.NewEncoder(w).Encode(map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": at.idToken})
		case "/me":
			w.Write([]byte(at.userInfo))
		case "/keys":
			json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}}})
		default:
			json.NewEncoder(w).Encode(map[string]any{"issuer": at.URL, "authorization_endpoint": at.URL + "/auth", "token_endpoint": at.URL + "/token",
				"userinfo_endpoint": at.URL + "/me", "jwks_uri": at.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}})
		}
	}))
	t.Cleanup(server.Close)
	at.URL = server.URL
	return at
}

// sign makes a token of the claims: by ES256 with the issuer's key, by HS256 with the client's secret, or not at all.
func (at *issuer) sign(t *testing.T, alg string, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed := encode([]byte(`{"alg":"`+alg+`"}`)) + "." + encode(body)
	var signature []byte
	switch alg {
	case "ES256":
		sum := sha256.Sum256([]byte(signed))
		r, s, err := ecdsa.Sign(rand.Reader, at.key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case "HS256":
		mac := hmac.New(sha256.New, []byte("secret"))
		mac.Write([]byte(signed))
		signature = mac.Sum(nil)
	}
	return signed + "." + encode(signature)
}

// What is signed as it should be is still refused when it is not for us, or not for this sign-in.
func TestClaimsOfTokens(t *testing.T) {
	at := startIssuer(t)
	cfg := openid.Config{Issuer: at.URL, ClientID: "us", Secret: "secret", Redirect: back, Claims: openid.Claims{Name: "name"}}
	// finish signs in with a token that has these claims beside, or instead of, the right ones.
	finish := func(cfg openid.Config, alg string, change map[string]any) (*openid.Person, error) {
		p := newProvider(t, cfg)
		_, flow, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		claims := map[string]any{"iss": at.URL, "aud": "us", "sub": "7", "nonce": flow.Nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
		maps.Copy(claims, change)
		at.idToken = at.sign(t, alg, claims)
		return p.Finish(t.Context(), flow, url.Values{"state": {flow.State}, "code": {"c"}})
	}
	sum := sha256.Sum256([]byte("access"))
	for name, change := range map[string]map[string]any{
		"nothing": nil, "our access token": {"at_hash": encode(sum[:16])}, "we among others": {"aud": []string{"others", "us"}, "azp": "us"},
	} {
		if person, err := finish(cfg, "ES256", change); err != nil || person.Subject != "7" {
			t.Errorf("%s: %+v, %v", name, person, err)
		}
	}
	for name, change := range map[string]map[string]any{
		"another issuer":       {"iss": "https://other.example"},
		"another audience":     {"aud": "others"},
		"another party":        {"aud": []string{"us", "others"}, "azp": "others"},
		"another access token": {"at_hash": encode(make([]byte, 16))},
		"another sign-in":      {"nonce": "x"},
		"no sign-in":           {"nonce": ""},
		"nobody":               {"sub": ""},
		"the past":             {"exp": time.Now().Add(-time.Hour).Unix()},
		"the future":           {"iat": time.Now().Add(time.Hour).Unix()},
	} {
		_, err := finish(cfg, "ES256", change)
		refused(t, name, err)
	}
	for _, alg := range []string{"HS256", "none"} { // the provider says that it uses both
		_, err := finish(cfg, alg, nil)
		refused(t, alg, err)
	}

	cfg.UserInfo = true
	at.userInfo = `{"sub":"7","name":"Kari Nordmann"}`
	if person, err := finish(cfg, "ES256", nil); err != nil || person.Name != "Kari Nordmann" {
		t.Errorf("with userinfo: %+v, %v", person, err)
	}
	if person, err := finish(cfg, "ES256", map[string]any{"name": "Signed"}); err != nil || person.Name != "Signed" {
		t.Errorf("userinfo against what is signed: %+v, %v", person, err)
	}
	at.userInfo = `{"sub":"8","name":"Kari Nordmann"}`
	_, err := finish(cfg, "ES256", nil)
	refused(t, "userinfo of somebody else", err)

	// What does not work there is no fault of the person, and its answer names nobody in our log.
	for _, at.broken = range []string{"/me", "/keys", "/token"} {
		if _, err := finish(cfg, "ES256", nil); referent.CodeOf(err) != referent.CodeUnavailable || strings.Contains(err.Error(), "Kari") {
			t.Errorf("%s is broken: %v", at.broken, err)
		}
	}
	at.broken = ""
	p := newProvider(t, cfg)
	_, flow, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(t.Context(), flow, url.Values{"state": {"x"}}); !errors.Is(err, openid.ErrStray) {
		t.Errorf("another state: %v", err)
	}
}
