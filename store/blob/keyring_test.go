package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
)

func TestKeyringIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := blob.OpenKeyring(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenKeyring(path); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the second start changed the keyring, %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keyring has mode %v, %v, want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keyring-*")); len(left) != 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestKeyringRefusals(t *testing.T) {
	secret, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content string
		mode    os.FileMode
	}{
		"read by the group":  {secret.String(), 0o640},
		"read by everybody":  {secret.String(), 0o604},
		"empty":              {"", 0o600},
		"only a comment":     {"# key\n", 0o600},
		"cut short":          {secret.String()[:40], 0o600},
		"a key and nonsense": {secret.String() + "\nhemmelighet\n", 0o600},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keyring")
			if err := os.WriteFile(path, []byte(c.content), c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := blob.OpenKeyring(path)
			if referent.CodeOf(err) != referent.CodeConfig || referent.HintOf(err) == "" {
				t.Errorf("OpenKeyring: %v, want CodeConfig with a hint", err)
			}
			if err != nil && (strings.Contains(err.Error(), "AGE-SECRET") || strings.Contains(err.Error(), "hemmelighet")) {
				t.Errorf("the error shows the file: %v", err)
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != c.content {
				t.Errorf("a refused keyring was changed, %v", err)
			}
		})
	}
}

func TestKeysWrapAndUnwrap(t *testing.T) {
	v, _ := newVault(t)
	key, wrapped, err := v.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	name := seal(t, v, "m1", key, []byte("sealed by the new key"))
	again, err := v.Unwrap(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t, v, name, again); string(got) != "sealed by the new key" || err != nil {
		t.Errorf("the unwrapped key reads %q, %v", got, err)
	}
	other, _ := newVault(t)
	if _, err := other.Unwrap(wrapped); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("another keyring: %v, want CodeConfig", err)
	}
	for _, i := range []int{0, len(wrapped) / 2, len(wrapped) - 1} {
		damaged := bytes.Clone(wrapped)
		damaged[i] ^= 1
		if _, err := v.Unwrap(damaged); err == nil {
			t.Errorf("a wrapped key with a wrong bit at %d opens", i)
		}
	}
	if _, err := v.Unwrap(nil); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("no wrapped key: %v, want ErrDamaged", err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(format, key); strings.Contains(s, "AGE") {
			t.Errorf("%s shows the key", format)
		}
	}
}

// A new identity on top wraps the new keys; the old one below still opens the old keys.
func TestKeyringRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	oldRing, err := blob.OpenKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	b := openFolder(t, t.TempDir())
	_, wrapped, err := blob.NewVault(b, oldRing).NewKey()
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := age.GenerateX25519Identity() // the older kind is good too
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte(x25519.String()+"\n"), old...), 0o600); err != nil {
		t.Fatal(err)
	}
	newRing, err := blob.OpenKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	v := blob.NewVault(b, newRing)
	if _, err := v.Unwrap(wrapped); err != nil {
		t.Errorf("the old key: %v", err)
	}
	_, fresh, err := v.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Unwrap(fresh); err != nil {
		t.Errorf("the new key: %v", err)
	}
	if _, err := blob.NewVault(b, oldRing).Unwrap(fresh); err == nil {
		t.Error("the new key is wrapped by the old identity")
	}
}
