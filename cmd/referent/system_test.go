package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/store/blob/s3/s3test"
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

// Sealed bytes go where the configuration says: into the folder, or into the object store and not the folder.
func TestOpenBlobs(t *testing.T) {
	server := s3test.Start(t, true)
	given := server.Config(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(given.SecretKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	objects := configs.Blobs{Endpoint: given.Endpoint, Bucket: given.Bucket, Prefix: "referent/", Addressing: configs.AddressingAuto, CA: given.CA,
		AccessKey: given.AccessKey, SecretKeyFile: secret}
	for _, c := range []struct {
		name                string
		blobs               configs.Blobs
		inFolder, inObjects int
	}{{"folder", configs.Defaults().Blobs, 1, 0}, {"object store", objects, 0, 1}} {
		t.Run(c.name, func(t *testing.T) {
			dir := dataDir(t.TempDir())
			b, err := openBlobs(t.Context(), dir, c.blobs, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			w, err := b.Create(t.Context(), "m1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("sealed")); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Commit(); err != nil {
				t.Fatal(err)
			}
			if names, err := b.List(t.Context(), "m1"); len(names) != 1 || err != nil {
				t.Errorf("%v, %v", names, err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			here, err := filepath.Glob(filepath.Join(dir.blobs(), "m1", "*", "*"))
			if there := server.Files("objects", given.Bucket, "m1"); len(here) != c.inFolder || len(there) != c.inObjects || err != nil {
				t.Errorf("in the folder lies %v, in the object store %v, %v", here, there, err)
			}
		})
	}
	for name, want := range map[string]verdict{"": good, "m1/ab/abcd": warning} {
		d := &doctor{app: &app{lang: "nb"}, cfg: configs.Defaults()}
		d.cfg.DataDir, d.cfg.Blobs = t.TempDir(), objects
		var log bytes.Buffer
		if name != "" {
			file := filepath.Join(dataDir(d.cfg.DataDir).blobs(), name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("sealed"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		d.blobs(t.Context())
		if len(d.findings) != 1 || d.findings[0].Verdict != want {
			t.Errorf("doctor with %q in the folder: %+v, want %s", name, d.findings, want)
		}
		b, err := openBlobs(t.Context(), dataDir(d.cfg.DataDir), objects, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		b.Close()
		if strings.Contains(log.String(), "WARN") != (want == warning) {
			t.Errorf("with %q in the folder the log says %q", name, &log)
		}
	}
	objects.SecretKeyFile += "x"
	if b, err := openBlobs(t.Context(), dataDir(t.TempDir()), objects, slog.New(slog.DiscardHandler)); referent.CodeOf(err) != referent.CodeConfig || b != nil {
		t.Errorf("without its secret: %v, %v", b, err)
	}
}
