package configs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
)

func TestBlobs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hemmelig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	eff, err := configs.Load(write(t, "blobs:\n  endpoint: https://s3.example.no:9000/\n  bucket: referater\n  prefix: referent/a-1/\n  access_key: referent\n  secret_key_file: "+file+"\n"),
		[]string{"REFERENT_BLOBS_REGION=no-1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := eff.Validate(); err != nil {
		t.Error(err)
	}
	if b := eff.Blobs; !b.Enabled() || b.Region != "no-1" || b.Addressing != configs.AddressingAuto {
		t.Errorf("read %+v", b)
	}
	if secret, err := eff.Blobs.Secret(); secret != "hemmelig" || err != nil {
		t.Errorf("the secret is %q, %v", secret, err)
	}
	shown, err := configs.Load("", []string{"REFERENT_BLOBS_SECRET_KEY=hemmelig"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range shown.Values {
		if v.Value == "hemmelig" {
			t.Errorf("%s shows a secret", v.Key)
		}
	}
}

func TestBlobsValidate(t *testing.T) {
	good := configs.Blobs{Endpoint: "https://s3.example.no", Bucket: "referater", Addressing: configs.AddressingAuto, AccessKey: "referent", SecretKey: "hemmelig"}
	valid := func(b configs.Blobs) error {
		c := configs.Defaults()
		c.Blobs = b
		return c.Validate()
	}
	for name, change := range map[string]func(*configs.Blobs){
		"as it is":          func(*configs.Blobs) {},
		"off":               func(b *configs.Blobs) { *b = configs.Blobs{} },
		"on this machine":   func(b *configs.Blobs) { b.Endpoint = "http://127.0.0.1:9000" },
		"named by its path": func(b *configs.Blobs) { b.Addressing = configs.AddressingPath },
	} {
		b := good
		change(&b)
		if err := valid(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*configs.Blobs){
		"without TLS":     func(b *configs.Blobs) { b.Endpoint = "http://s3.example.no" },
		"no address":      func(b *configs.Blobs) { b.Endpoint = "s3.example.no" },
		"with a path":     func(b *configs.Blobs) { b.Endpoint = "https://s3.example.no/referater" },
		"with a password": func(b *configs.Blobs) { b.Endpoint = "https://kari:hemmelig@s3.example.no" },
		"no bucket":       func(b *configs.Blobs) { b.Bucket = "" },
		"no bucket's":     func(b *configs.Blobs) { b.Bucket = "Referater/1" },
		"half a folder":   func(b *configs.Blobs) { b.Prefix = "referent" },
		"a way up":        func(b *configs.Blobs) { b.Prefix = "../" },
		"addressing":      func(b *configs.Blobs) { b.Addressing = "dns" },
		"no key":          func(b *configs.Blobs) { b.AccessKey = "" },
		"no secret":       func(b *configs.Blobs) { b.SecretKey = "" },
		"two secrets":     func(b *configs.Blobs) { b.SecretKeyFile = "/dev/null" },
		"no secret there": func(b *configs.Blobs) { b.SecretKey, b.SecretKeyFile = "", "/does/not/exist" },
		"no authority":    func(b *configs.Blobs) { b.CA = "/does/not/exist" },
	} {
		b := good
		change(&b)
		if err := valid(b); referent.CodeOf(err) != referent.CodeConfig || strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
