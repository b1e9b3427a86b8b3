package configs

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/referent/referent"
)

// The limits of the organisation's own list: it goes to every recogniser with every chunk.
const (
	maxVocabulary = 500
	maxWord       = 100
)

// apiVersion is how Azure names the versions of its interface.
var apiVersion = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-preview)?$`)

// color is how an organisation writes its colour.
var color = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// Validate checks each setting and how they go together. The error lists everything that is wrong, not
// only the first, and is CodeConfig.
func (c *Config) Validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }

	if c.DataDir == "" {
		bad("data_dir must be a folder")
	}
	if c.Workers < 0 || c.Workers > 256 {
		bad("workers must be 0 to 256, not %d", c.Workers)
	}
	if c.Threads < 0 {
		bad("threads must be 0 (one for each core) or more, not %d", c.Threads)
	}
	if c.FFmpeg == "" {
		bad("ffmpeg must name a program")
	}
	if !slices.Contains([]string{"auto", "require", "off"}, c.Confine) {
		bad("confine must be auto, require or off, not %q", c.Confine)
	}
	if c.Model == "" {
		bad("model must name weights of the catalogue; see: referent models list")
	}
	if !slices.Contains([]string{"auto", "ggml", "openvino"}, c.Encoder) {
		bad("encoder must be auto, ggml or openvino, not %q", c.Encoder)
	}
	if !slices.Contains([]string{"no", "nn", "sv", "da", "en", "auto"}, c.Spoken) {
		bad("spoken must be no, nn, sv, da, en or auto, not %q", c.Spoken)
	}
	if !slices.Contains([]string{string(referent.Bokmal), string(referent.Nynorsk)}, c.Language) {
		bad("language must be nb or nn, not %q", c.Language)
	}
	if len(c.Vocabulary) > maxVocabulary {
		bad("vocabulary may hold %d names and words, not %d", maxVocabulary, len(c.Vocabulary))
	}
	for _, v := range c.Vocabulary {
		if strings.TrimSpace(v) == "" || !utf8.ValidString(v) || utf8.RuneCountInString(v) > maxWord {
			bad("vocabulary must be names and words of 1 to %d letters", maxWord)
			break
		}
	}
	for _, k := range c.MustTell {
		if strings.TrimSpace(k) == "" {
			bad("must_tell must name kinds of meetings, or be [\"*\"] for all")
			break
		}
	}
	if c.MaxUpload < 1<<20 {
		bad("max_upload must be at least 1 MiB (1048576), not %d", c.MaxUpload)
	}
	if c.UploadTTL < time.Minute {
		bad("upload_ttl must be at least 1m, not %v", c.UploadTTL)
	}
	if c.MaxDuration < time.Minute || c.MaxDuration > 48*time.Hour {
		bad("max_duration must be 1m to 48h, not %v", c.MaxDuration)
	}
	if c.Brand.Color != "" && !color.MatchString(c.Brand.Color) {
		bad("brand.color must be # and six hexadecimal digits, such as #005b7f, not %q", c.Brand.Color)
	}
	if c.Brand.Name == "" && (c.Brand.Logo != "" || c.Brand.PageLogo != "") {
		bad("brand.name must be given with a logo: it is read to those who cannot see it")
	}
	wrong = append(wrong, c.validateAddresses()...)
	if _, err := c.Proxies(); err != nil {
		wrong = append(wrong, err)
	}
	wrong = append(wrong, c.Blobs.validate()...)
	wrong = append(wrong, c.Database.validate()...)
	wrong = append(wrong, c.LLM.validate()...)
	wrong = append(wrong, c.Retention.validate()...)
	wrong = append(wrong, c.OIDC.validate(c.PublicURL)...)
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level must be debug, info, warn or error, not %q", c.Log.Level)
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		bad("log.format must be text or json, not %q", c.Log.Format)
	}
	if c.AdminPassword != "" && len(c.AdminPassword) < 12 {
		bad("admin_password must be at least 12 characters")
	}
	if len(wrong) == 0 {
		return nil
	}
	return referent.E(referent.CodeConfig, "configs: validate", errors.Join(wrong...)).
		WithHint("see every setting with: referent config --example")
}

// validateAddresses checks the two listeners: off loopback, both need TLS, since sound and results
// cross the network there.
func (c *Config) validateAddresses() (wrong []error) {
	check := func(name, addr, cert, key string) {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s must be host:port, not %q", name, addr))
			return
		}
		if (cert == "") != (key == "") {
			wrong = append(wrong, fmt.Errorf("%s: certificate and key must be given together", name))
		}
		for _, file := range []string{cert, key} {
			if file == "" {
				continue
			}
			if _, err := os.Stat(file); err != nil {
				wrong = append(wrong, fmt.Errorf("%s: the TLS file %q cannot be read", name, file))
			}
		}
		if cert == "" && !referent.Loopback(host) && !(name == "listen" && strings.HasPrefix(c.PublicURL, "https://")) {
			wrong = append(wrong, fmt.Errorf("%s is %q, which others on the network can reach: give a TLS certificate and key (behind a proxy that does TLS, set public_url to its https:// address)", name, addr))
		}
	}
	check("listen", c.Listen, c.TLSCert, c.TLSKey)
	check("nats.listen", c.NATS.Listen, c.NATS.TLSCert, c.NATS.TLSKey)
	wrong = append(wrong, c.NATS.validate()...)
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			wrong = append(wrong, fmt.Errorf("public_url must be an http:// or https:// address, not %q", c.PublicURL))
		}
	}
	return wrong
}

func (l *LLM) validate() (wrong []error) {
	if l.Retries < 0 || l.Retries > 20 {
		wrong = append(wrong, fmt.Errorf("llm.retries must be 0 to 20, not %d", l.Retries))
	}
	if !slices.Contains([]string{string(referent.APIOpenAI), string(referent.APIAzure)}, l.API) {
		wrong = append(wrong, fmt.Errorf("llm.api must be openai or azure, not %q", l.API))
	}
	if l.APIVersion != "" && !apiVersion.MatchString(l.APIVersion) {
		wrong = append(wrong, fmt.Errorf("llm.api_version must be a date, as %s, not %q", referent.DefaultAzureVersion, l.APIVersion))
	}
	if l.Mask != MaskAway && l.Mask != MaskAlways {
		wrong = append(wrong, fmt.Errorf("llm.mask must be %s or %s, not %q", MaskAway, MaskAlways, l.Mask))
	}
	if !l.Enabled() {
		return wrong
	}
	if strings.Contains(l.URL, "@") {
		// The address is not repeated here: what stands before the sign may be a password.
		return append(wrong, errors.New("llm.url must hold no user name and no password: give a key by llm.api_key"))
	}
	u, err := url.Parse(l.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return append(wrong, fmt.Errorf("llm.url must be an http:// or https:// address or off, not %q", l.URL))
	}
	if !referent.Loopback(u.Hostname()) && !slices.Contains(l.Allowed, u.Hostname()) && !slices.Contains(l.Allowed, u.Host) {
		wrong = append(wrong, fmt.Errorf("llm.url is on host %q, which is not this machine: add it to llm.allowed to let meetings be sent there", u.Host))
	}
	if l.API == string(referent.APIAzure) && strings.Contains(u.Path, "/openai") {
		wrong = append(wrong, errors.New("llm.url of azure ends with the host: https://NAME.openai.azure.com (an address that ends in /openai/v1 is spoken to as openai)"))
	}
	if l.Model == "" {
		wrong = append(wrong, errors.New("llm.model must name the model when llm.url is set"))
	}
	if l.Timeout < time.Second {
		wrong = append(wrong, fmt.Errorf("llm.timeout must be at least 1s, not %v", l.Timeout))
	}
	if l.ContextSize != 0 && l.ContextSize < 2048 {
		wrong = append(wrong, fmt.Errorf("llm.context_size must be 0 (ask the server) or at least 2048 tokens, not %d", l.ContextSize))
	}
	return wrong
}

// Enabled reports whether an endpoint is set.
func (l *LLM) Enabled() bool { return l.URL != "" && l.URL != "off" }
