// Package configs holds what an administrator can set: the settings with their defaults, where each
// value came from, and which combinations make sense.
//
// Strength, weakest first: built-in default, file (YAML), environment (REFERENT_…), flags.
// What is not here: what the settings do; each part takes its own from the wiring in cmd/referent.
package configs

import (
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Config is the whole effective configuration. The koanf tags are the keys of the file; the environment
// variable of key "llm.url" is REFERENT_LLM_URL. example.yaml documents each one for administrators.
type Config struct {
	DataDir   string `koanf:"data_dir"`   // database, encrypted recordings, keys, queue
	ModelsDir string `koanf:"models_dir"` // weights; empty: the download cache's models folder

	Listen      string `koanf:"listen"`       // host:port of the HTTP server
	PublicURL   string `koanf:"public_url"`   // as people reach it, when a proxy stands before it
	TLSCert     string `koanf:"tls_cert"`     // PEM file; with TLSKey: serve HTTPS
	TLSKey      string `koanf:"tls_key"`      // PEM file
	MetricsOpen bool   `koanf:"metrics_open"` // /metrics without a token, from this machine itself only

	TrustedProxies []string `koanf:"trusted_proxies"` // addresses and networks of proxies that are believed in who asks

	Workers int    `koanf:"workers"` // local worker processes; 0: none
	Threads int    `koanf:"threads"` // recogniser threads of each worker; 0: one for each core allowed
	FFmpeg  string `koanf:"ffmpeg"`  // program name or path
	Confine string `koanf:"confine"` // how much of ffmpeg's confinement the system must have: auto, require, off

	Model    string `koanf:"model"`    // recognition weights, a name of the catalogue
	Encoder  string `koanf:"encoder"`  // what runs the recogniser's encoder on a processor: auto, ggml, openvino
	Spoken   string `koanf:"spoken"`   // spoken language unless a meeting says otherwise
	Language string `koanf:"language"` // written form of minutes unless a meeting says otherwise: nb, nn

	Vocabulary []string `koanf:"vocabulary"` // the organisation's own names and words, beside those of a meeting

	MustTell []string `koanf:"must_tell"` // kinds of meetings that need the confirmation that those present were told

	MaxUpload   int64         `koanf:"max_upload"`   // bytes
	UploadTTL   time.Duration `koanf:"upload_ttl"`   // how long an unfinished upload can be resumed
	MaxDuration time.Duration `koanf:"max_duration"` // of a recording

	Retention Retention `koanf:"retention"`

	Blobs    Blobs    `koanf:"blobs"`
	Database Database `koanf:"database"`

	NATS NATS `koanf:"nats"`
	LLM  LLM  `koanf:"llm"`
	OIDC OIDC `koanf:"oidc"`
	Log  Log  `koanf:"log"`

	TemplatesDir string `koanf:"templates_dir"` // the organisation's own templates of minutes; empty: none
	Brand        Brand  `koanf:"brand"`

	AdminPassword string `koanf:"admin_password"` // first run only; better given by REFERENT_ADMIN_PASSWORD
}

// NATS is the queue: a server inside this process, or with URL an external cluster.
type NATS struct {
	Listen  string `koanf:"listen"`   // host:port; port 0: any free one
	TLSCert string `koanf:"tls_cert"` // PEM file; needed when Listen is not loopback
	TLSKey  string `koanf:"tls_key"`  // PEM file

	URL      string `koanf:"url"`      // tls:// addresses of the cluster, separated by commas; empty: the server inside
	CA       string `koanf:"ca"`       // PEM file of the authority that signed the queue's certificates; empty: the system's, or TLSCert itself
	Replicas int    `koanf:"replicas"` // how many servers of the cluster keep each message: 1, 3 or 5
	Public   string `koanf:"public"`   // addresses that workers on other machines use, separated by commas; empty: URL, or the host of public_url with Listen's port
}

// Brand is what documents and pages show of the organisation.
type Brand struct {
	Name     string `koanf:"name"`      // of the organisation
	Logo     string `koanf:"logo"`      // PNG or JPEG file; with Name, which is read to those who do not see it
	PageLogo string `koanf:"page_logo"` // SVG, PNG or JPEG file for the pages; empty: Logo
	Color    string `koanf:"color"`     // of buttons and links, like #005b7f; empty: Designsystemet's blue
}

// LLM is the endpoint that writes minutes. Without URL the built-in extractive writer does.
type LLM struct {
	URL         string        `koanf:"url"` // base URL of an OpenAI-compatible API, e.g. http://127.0.0.1:8080/v1
	Model       string        `koanf:"model"`
	APIKey      string        `koanf:"api_key"`      // better given by REFERENT_LLM_API_KEY
	ContextSize int           `koanf:"context_size"` // tokens; 0: ask the server
	Timeout     time.Duration `koanf:"timeout"`      // of one call
	Retries     int           `koanf:"retries"`
	Allowed     []string      `koanf:"allowed"`     // hosts beside loopback that may be called
	API         string        `koanf:"api"`         // openai, azure
	APIVersion  string        `koanf:"api_version"` // of azure; empty: the one that is known to work
	Mask        string        `koanf:"mask"`        // MaskAway, MaskAlways
}

// When text is masked before it goes to the endpoint.
const (
	MaskAway   = "away"   // when the endpoint is on another machine
	MaskAlways = "always" // also on this one, where a program listens that passes it on
)

// Log is how the program tells what it does. Logs never hold spoken text, names or file names.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn, error
	Format string `koanf:"format"` // text, json
}

// Defaults returns the configuration of a machine where nothing was set.
func Defaults() Config {
	return Config{
		DataDir:     defaultDataDir(),
		Listen:      "127.0.0.1:8484",
		Workers:     1,
		FFmpeg:      "ffmpeg",
		Confine:     "auto",
		Model:       "base",
		Encoder:     "auto",
		Spoken:      "no",
		Language:    "nb",
		MaxUpload:   8 << 30,
		UploadTTL:   48 * time.Hour,
		MaxDuration: 12 * time.Hour,
		Retention:   defaultRetention(),
		Blobs:       Blobs{Addressing: AddressingAuto},
		NATS:        NATS{Listen: "127.0.0.1:0", Replicas: 3},
		LLM:         LLM{Timeout: 10 * time.Minute, Retries: 2, API: "openai", Mask: MaskAway},
		OIDC: OIDC{Scopes: []string{"profile", "email"}, ClaimSubject: "sub", ClaimUser: "preferred_username", ClaimName: "name", ClaimRoles: "roles",
			Admit: AdmitMapped, Passwords: PasswordsEverybody, EndSession: true},
		Log: Log{Level: "info", Format: "text"},
	}
}

// ThreadsPerWorker is the effective number of recogniser threads: never more than the cores that the
// machine, or the container's CPU limit, allows (GOMAXPROCS knows both).
func (c *Config) ThreadsPerWorker() int {
	cores := runtime.GOMAXPROCS(0)
	n := c.Threads
	if n == 0 {
		n = cores / max(c.Workers, 1)
	}
	return min(max(n, 1), cores)
}

func defaultDataDir() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "referent")
	}
	if os.Geteuid() == 0 {
		return "/var/lib/referent"
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "referent-data"
	}
	return filepath.Join(home, ".local", "share", "referent")
}
