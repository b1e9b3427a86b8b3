package configs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
)

func TestProvider(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hemmelig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	eff, err := configs.Load(write(t, `
public_url: https://referat.example.no
oidc:
  issuer: https://login.example.no/tenant/v2.0
  client_id: referent
  client_secret_file: `+file+`
  roles:
    - {value: Sjef, administrator: true}
    - {value: Skole, department: Skole, role: referent}
`), []string{"REFERENT_OIDC_SCOPES=profile, groups"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := eff.Validate(); err != nil {
		t.Error(err)
	}
	want := []configs.ClaimedRole{{Value: "Sjef", Administrator: true}, {Value: "Skole", Department: "Skole", Role: "referent"}}
	if o := eff.OIDC; !slices.Equal(o.Roles, want) || !slices.Equal(o.Scopes, []string{"profile", "groups"}) || o.Admit != configs.AdmitMapped || o.ClaimSubject != "sub" {
		t.Errorf("read %+v", o)
	}
	if secret, err := eff.OIDC.Secret(); secret != "hemmelig" || err != nil {
		t.Errorf("the secret is %q, %v", secret, err)
	}
	shown, err := configs.Load("", []string{"REFERENT_OIDC_CLIENT_SECRET=hemmelig"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range shown.Values {
		if v.Value == "hemmelig" {
			t.Errorf("%s shows a secret", v.Key)
		}
	}
	for name, change := range map[string]func(*configs.Config){
		"in the clear":       func(c *configs.Config) { c.OIDC.Issuer = "http://login.example.no" },
		"no address":         func(c *configs.Config) { c.OIDC.Issuer = "login" },
		"a password in it":   func(c *configs.Config) { c.OIDC.Issuer = "https://kari:hemmelig@login.example.no" },
		"no client":          func(c *configs.Config) { c.OIDC.ClientID = "" },
		"nowhere to go back": func(c *configs.Config) { c.PublicURL = "" },
		"two secrets":        func(c *configs.Config) { c.OIDC.ClientSecret = "hemmelig" },
		"no such file":       func(c *configs.Config) { c.OIDC.ClientSecretFile += "x" },
		"no claim":           func(c *configs.Config) { c.OIDC.ClaimRoles = "" },
		"an identity number": func(c *configs.Config) { c.OIDC.ClaimSubject = "pid" },
		"admits whom":        func(c *configs.Config) { c.OIDC.Admit = "all" },
		"passwords of whom":  func(c *configs.Config) { c.OIDC.Passwords = "none" },
		"no value":           func(c *configs.Config) { c.OIDC.Roles = []configs.ClaimedRole{{Administrator: true}} },
		"gives nothing":      func(c *configs.Config) { c.OIDC.Roles = []configs.ClaimedRole{{Value: "x"}} },
		"no department":      func(c *configs.Config) { c.OIDC.Roles = []configs.ClaimedRole{{Value: "x", Role: "referent"}} },
		"no such role": func(c *configs.Config) {
			c.OIDC.Roles = []configs.ClaimedRole{{Value: "x", Department: "a", Role: "king"}}
		},
		"two things for one": func(c *configs.Config) {
			c.OIDC.Roles = []configs.ClaimedRole{{Value: "x", Administrator: true, Role: "referent"}}
		},
	} {
		c := eff.Config
		change(&c)
		if err := c.Validate(); referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s: the error tells a secret", name)
		}
	}
	local := eff.Config
	local.OIDC.Issuer, local.OIDC.ClientSecretFile = "http://127.0.0.1:8080", ""
	if err := local.Validate(); err != nil {
		t.Errorf("a public client of a provider on this machine: %v", err)
	}
}
