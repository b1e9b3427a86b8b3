package configs

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"

	"github.com/referent/referent"
)

// Example is a file with every setting, its default and what it is for.
//
//go:embed example.yaml
var Example []byte

// EnvPrefix begins the name of every environment variable that is a setting.
const EnvPrefix = "REFERENT_"

// otherEnv are variables with the prefix that are not settings of the server.
var otherEnv = []string{"REFERENT_CACHE", "REFERENT_CONFIG", "REFERENT_ENROL_TOKEN", "REFERENT_LANG", "REFERENT_MODELS_FROM", "REFERENT_SERVER", "REFERENT_TOKEN"}

// secret settings are never printed.
var secret = []string{"llm.api_key", "admin_password", "oidc.client_secret", "database.password", "blobs.secret_key"}

// lists are settings that the environment gives as words with commas or spaces between them.
var lists = []string{"llm.allowed", "oidc.allowed", "oidc.scopes"}

// Value is one setting of the effective configuration.
type Value struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`  // "***" for a secret that is set
	Source string `json:"source"` // "default", "file", "environment" or "flag"
}

// Effective is a configuration and where its values came from.
type Effective struct {
	Config
	Values []Value // sorted by key
	File   string  // the file that was read, or ""
}

// Load reads the configuration. path is the file; "" means $REFERENT_CONFIG or none. environ is a list
// of NAME=value as os.Environ gives. flags are keys with the values given on the command line.
// A setting that does not exist is an error, wherever it stands: a misspelt name must not pass unseen.
func Load(path string, environ []string, flags map[string]any) (*Effective, error) {
	const op = "configs: load"
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Defaults(), "koanf"), nil); err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	known := k.Keys()
	source := map[string]string{}

	if path == "" {
		path = lookup(environ, "REFERENT_CONFIG")
	}
	if path != "" {
		fk := koanf.New(".")
		if err := fk.Load(file.Provider(path), yaml.Parser()); err != nil {
			e := referent.E(referent.CodeConfig, op+" file", err)
			if errors.Is(err, os.ErrNotExist) {
				return nil, e.WithHint("no such file; write one with: referent config --example > referent.yaml")
			}
			return nil, e.WithHint("the file must be YAML as in: referent config --example")
		}
		if err := merge(k, fk.All(), known, source, "file"); err != nil {
			return nil, referent.E(referent.CodeConfig, op+" file", err)
		}
	}
	env, err := fromEnviron(environ, known)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op+" environment", err)
	}
	if err := merge(k, env, known, source, "environment"); err != nil {
		return nil, referent.E(referent.CodeConfig, op+" environment", err)
	}
	if err := merge(k, flags, known, source, "flag"); err != nil {
		return nil, referent.E(referent.CodeConfig, op+" flags", err)
	}

	eff := &Effective{File: path}
	strict := koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{TagName: "koanf", Result: &eff.Config, WeaklyTypedInput: true,
		ErrorUnused: true, // what stands inside lists is not among the known keys
		DecodeHook:  mapstructure.StringToTimeDurationHookFunc()}}
	if err := k.UnmarshalWithConf("", &eff.Config, strict); err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).
			WithHint("a value has the wrong form: numbers without quotes, durations as 10m or 48h, lists as [a, b]")
	}
	for _, key := range known {
		v := Value{Key: key, Value: k.Get(key), Source: "default"}
		if key == "retention.kinds" {
			v.Value = eff.Retention.given()
		}
		if s := source[key]; s != "" {
			v.Source = s
		}
		if slices.Contains(secret, key) && fmt.Sprint(v.Value) != "" {
			v.Value = "***"
		}
		if key == "database.url" && eff.Database.holdsPassword() {
			v.Value = "***" // it is refused, but shown first
		}
		eff.Values = append(eff.Values, v)
	}
	slices.SortFunc(eff.Values, func(a, b Value) int { return strings.Compare(a.Key, b.Key) })
	return eff, nil
}

func merge(k *koanf.Koanf, values map[string]any, known []string, source map[string]string, name string) error {
	for key := range values {
		if !slices.Contains(known, key) {
			return fmt.Errorf("there is no setting %q; did you mean %q?", key, nearest(key, known))
		}
		source[key] = name
	}
	return k.Load(confmap.Provider(values, "."), nil)
}

func fromEnviron(environ, known []string) (map[string]any, error) {
	names := make(map[string]string, len(known))
	for _, key := range known {
		names[EnvName(key)] = key
	}
	values := map[string]any{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, EnvPrefix) || slices.Contains(otherEnv, name) {
			continue
		}
		key, ok := names[name]
		if !ok {
			return nil, fmt.Errorf("%s is not a setting; did you mean %s?", name, EnvName(nearest(strings.ToLower(strings.TrimPrefix(name, EnvPrefix)), known)))
		}
		if slices.Contains(lists, key) {
			values[key] = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
			continue
		}
		values[key] = value
	}
	return values, nil
}

// EnvName is the environment variable of a key: "llm.url" is REFERENT_LLM_URL.
func EnvName(key string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func lookup(environ []string, name string) string {
	for _, kv := range environ {
		if n, v, _ := strings.Cut(kv, "="); n == name {
			return v
		}
	}
	return ""
}

// nearest returns the known key that differs least from key, by edit distance.
func nearest(key string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := distance(key, k); d < least {
			best, least = k, d
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
