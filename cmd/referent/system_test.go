package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/web"
)

func TestOpenIDProvider(t *testing.T) {
	o := configs.Defaults().OIDC
	if p, err := openIDProvider(o); p != nil || err != nil {
		t.Errorf("without an issuer: %+v, %v", p, err)
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hemmelig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Issuer, o.ClientID, o.ClientSecretFile, o.Label = "https://login.example.no", "referent", file, "Kommunen"
	o.Admit, o.Passwords, o.Roles = configs.AdmitWaiting, configs.PasswordsAdministrators, []configs.ClaimedRole{{Value: "x", Department: "Skole", Role: "referent"}}
	p, err := openIDProvider(o)
	if err != nil {
		t.Fatal(err)
	}
	if p.Issuer != o.Issuer || p.ClientID != "referent" || p.Secret != "hemmelig" || p.Label != "Kommunen" || p.Admit != web.AdmitWaiting || !p.AdminsOnly || !p.EndSession ||
		!slices.Equal(p.Roles, []web.ClaimedRole{{Value: "x", Department: "Skole", Role: "referent"}}) || !slices.Equal(p.Scopes, []string{"profile", "email"}) ||
		p.Claims.Subject != "sub" || p.Claims.User != "preferred_username" || p.Claims.Name != "name" || p.Claims.Roles != "roles" {
		t.Errorf("%+v", p)
	}
	for configured, wanted := range map[string]web.Admit{configs.AdmitMapped: web.AdmitMapped, configs.AdmitEverybody: web.AdmitEverybody} {
		if o.Admit = configured; provider(t)(openIDProvider(o)).Admit != wanted {
			t.Errorf("%s is not %s", configured, wanted)
		}
	}
	o.ClientSecretFile += "x"
	if _, err := openIDProvider(o); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("without its secret: %v", err)
	}
}

func provider(t *testing.T) func(*web.OpenID, error) *web.OpenID {
	return func(p *web.OpenID, err error) *web.OpenID {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}
