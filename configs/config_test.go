package configs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/retention"
)

func TestStrengthOfSources(t *testing.T) {
	path := write(t, "listen: 127.0.0.1:1\nworkers: 2\nllm:\n  timeout: 3m\n  model: a\n")
	eff, err := configs.Load(path, []string{"REFERENT_WORKERS=3", "REFERENT_LLM_MODEL=b", "REFERENT_MODELS_FROM=/mnt/x", "PATH=/bin"}, map[string]any{"llm.model": "c"})
	if err != nil {
		t.Fatal(err)
	}
	if words, err := configs.Load(write(t, "vocabulary: [Vardåsen, NAV Hol]\n"), nil, nil); err != nil || !slices.Equal(words.Vocabulary, []string{"Vardåsen", "NAV Hol"}) {
		t.Errorf("vocabulary %q, %v", words.Vocabulary, err)
	}
	if eff.Listen != "127.0.0.1:1" || eff.Workers != 3 || eff.LLM.Model != "c" || eff.LLM.Timeout != 3*time.Minute || eff.Model != "base" {
		t.Errorf("got %+v", eff.Config)
	}
	want := map[string]string{"listen": "file", "workers": "environment", "llm.model": "flag", "model": "default"}
	for _, v := range eff.Values {
		if s, ok := want[v.Key]; ok && v.Source != s {
			t.Errorf("%s came from %s, want %s", v.Key, v.Source, s)
		}
	}
}

// The example must be a valid configuration equal to the defaults: else it lies.
func TestExampleIsTheDefaults(t *testing.T) {
	eff, err := configs.Load(write(t, string(configs.Example)), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, want := eff.Config, configs.Defaults()
	if len(got.LLM.Allowed) == 0 {
		got.LLM.Allowed = want.LLM.Allowed // an empty list and none are the same
	}
	if len(got.Vocabulary) == 0 {
		got.Vocabulary = want.Vocabulary
	}
	if len(got.MustTell) == 0 {
		got.MustTell = want.MustTell
	}
	if len(got.TrustedProxies) == 0 {
		got.TrustedProxies = want.TrustedProxies
	}
	if len(got.OIDC.Allowed) == 0 && len(got.OIDC.Roles) == 0 {
		got.OIDC.Allowed, got.OIDC.Roles = want.OIDC.Allowed, want.OIDC.Roles
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("example gives\n%+v\ndefaults are\n%+v", got, want)
	}
	for _, v := range eff.Values {
		leaf := v.Key[strings.LastIndex(v.Key, ".")+1:]
		if !strings.Contains(string(configs.Example), leaf+":") {
			t.Errorf("example.yaml does not document %s", v.Key)
		}
	}
}

func TestRetentionOfKinds(t *testing.T) {
	eff, err := configs.Load(write(t, "retention:\n  audio_days: 10\n  minutes_days: 400\n  kinds:\n    - kind: diktat\n      audio_days: 0\n"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := eff.Retention.Rules()
	if got, want := rules.Default, (retention.Rule{Audio: 10, Transcript: -1, Minutes: 400, Unapproved: -1}); got != want {
		t.Errorf("default %+v, want %+v", got, want)
	}
	if got, want := rules.For(referent.KindDictate, referent.KindDictate), (retention.Rule{Audio: 0, Transcript: -1, Minutes: 400, Unapproved: -1}); got != want {
		t.Errorf("of dictations %+v, want %+v", got, want)
	}
	if got, want := rules.For(referent.KindCareNote, referent.KindCareNote), (retention.Rule{Audio: 1, Transcript: -1, Minutes: 400, Unapproved: -1}); got != want {
		t.Errorf("of care notes, which nobody named, %+v, want %+v", got, want)
	}
	if _, err := configs.Load(write(t, "retention:\n  kinds:\n    - kind: diktat\n      audio_dayz: 0\n"), nil, nil); referent.CodeOf(err) != referent.CodeConfig {
		t.Errorf("a misspelt name in a list passed: %v", err)
	}
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	for name, load := range map[string]func() error{
		"file":        func() error { _, err := configs.Load(write(t, "lisen: x\n"), nil, nil); return err },
		"environment": func() error { _, err := configs.Load("", []string{"REFERENT_LLM_MODLE=x"}, nil); return err },
		"not YAML":    func() error { _, err := configs.Load(write(t, "a: [\n"), nil, nil); return err },
		"no file":     func() error { _, err := configs.Load("/does/not/exist.yaml", nil, nil); return err },
		"wrong type":  func() error { _, err := configs.Load("", []string{"REFERENT_WORKERS=many"}, nil); return err },
	} {
		if err := load(); referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := configs.Load(write(t, "lisen: x\n"), nil, nil)
	if !strings.Contains(err.Error(), `"listen"`) {
		t.Errorf("no suggestion in %v", err)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	eff, err := configs.Load("", []string{"REFERENT_LLM_API_KEY=hemmelig", "REFERENT_ADMIN_PASSWORD=hemmelig"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range eff.Values {
		if v.Value == "hemmelig" {
			t.Errorf("%s shows a secret", v.Key)
		}
	}
	if eff.LLM.APIKey != "hemmelig" {
		t.Error("the secret did not reach the configuration")
	}
}

func TestValidate(t *testing.T) {
	good := configs.Defaults()
	if err := good.Validate(); err != nil {
		t.Fatalf("the defaults are not valid: %v", err)
	}
	for name, change := range map[string]func(*configs.Config){
		"open listener without TLS": func(c *configs.Config) { c.Listen = "0.0.0.0:8484" },
		"open NATS without TLS":     func(c *configs.Config) { c.NATS.Listen = "10.0.0.1:4222" },
		"certificate without key":   func(c *configs.Config) { c.TLSCert = "x.pem" },
		"a negative time":           func(c *configs.Config) { c.Retention.AudioDays = -2 },
		"a kind twice":              func(c *configs.Config) { c.Retention.Kinds = append(c.Retention.Kinds, c.Retention.Kinds...) },
		"remote LLM not allowed":    func(c *configs.Config) { c.LLM.URL, c.LLM.Model = "https://api.example.com/v1", "m" },
		"LLM without model":         func(c *configs.Config) { c.LLM.URL = "http://127.0.0.1:8080/v1" },
		"LLM not an address":        func(c *configs.Config) { c.LLM.URL, c.LLM.Model = "llama", "m" },
		"LLM with a password":       func(c *configs.Config) { c.LLM.URL, c.LLM.Model = "http://kari:hemmelig@127.0.0.1:1/v1", "m" },
		"too small context":         func(c *configs.Config) { c.LLM.URL, c.LLM.Model, c.LLM.ContextSize = "http://[::1]:1/v1", "m", 10 },
		"unknown LLM interface":     func(c *configs.Config) { c.LLM.API = "claude" },
		"no colour":                 func(c *configs.Config) { c.Brand.Color = "blue" },
		"a logo without a name":     func(c *configs.Config) { c.Brand.PageLogo = "logo.svg" },
		"Azure's version":           func(c *configs.Config) { c.LLM.APIVersion = "latest" },
		"when to mask":              func(c *configs.Config) { c.LLM.Mask = "never" },
		"Azure with a path": func(c *configs.Config) {
			c.LLM.URL, c.LLM.Model, c.LLM.API, c.LLM.Allowed = "https://x.openai.azure.com/openai/v1", "m", "azure", []string{"x.openai.azure.com"}
		},
		"negative workers":  func(c *configs.Config) { c.Workers = -1 },
		"language":          func(c *configs.Config) { c.Language = "en" },
		"spoken":            func(c *configs.Config) { c.Spoken = "se" },
		"short password":    func(c *configs.Config) { c.AdminPassword = "kort" },
		"level":             func(c *configs.Config) { c.Log.Level = "loud" },
		"duration":          func(c *configs.Config) { c.MaxDuration = time.Second },
		"an empty kind":     func(c *configs.Config) { c.MustTell = []string{""} },
		"an empty word":     func(c *configs.Config) { c.Vocabulary = []string{"Vardåsen", " "} },
		"a text for a word": func(c *configs.Config) { c.Vocabulary = []string{strings.Repeat("å", 101)} },
		"too many words":    func(c *configs.Config) { c.Vocabulary = slices.Repeat([]string{"Vardåsen"}, 501) },
	} {
		c := configs.Defaults()
		change(&c)
		if err := c.Validate(); referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%s: got %v", name, err)
		} else if strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s: the error tells a password", name)
		}
	}
	for name, change := range map[string]func(*configs.Config){
		"behind a TLS proxy": func(c *configs.Config) { c.Listen, c.PublicURL = "0.0.0.0:80", "https://referat.example.no" },
		"listed LLM host": func(c *configs.Config) {
			c.LLM.URL, c.LLM.Model, c.LLM.Allowed = "https://llm.example.no/v1", "m", []string{"llm.example.no"}
		},
		"Azure": func(c *configs.Config) {
			c.LLM.URL, c.LLM.Model, c.LLM.API, c.LLM.Allowed = "https://x.openai.azure.com", "m", "azure", []string{"x.openai.azure.com"}
			c.LLM.APIVersion, c.LLM.Mask = "2025-01-01-preview", configs.MaskAlways
		},
		"LLM off": func(c *configs.Config) { c.LLM.URL = "off" },
	} {
		c := configs.Defaults()
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThreadsNeverExceedCores(t *testing.T) {
	c := configs.Defaults()
	c.Threads = 10_000
	all := c.ThreadsPerWorker()
	c.Threads = 0
	if got := c.ThreadsPerWorker(); got != all {
		t.Errorf("one worker gets %d threads of %d", got, all)
	}
	c.Workers = 10_000
	if got := c.ThreadsPerWorker(); got != 1 {
		t.Errorf("many workers get %d threads each, want 1", got)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "referent.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
