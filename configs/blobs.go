package configs

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/referent/referent"
)

// Blobs is the S3-compatible object store that recordings and results lie in, sealed. Without Endpoint they lie in the
// data folder, and nothing is called.
type Blobs struct {
	Endpoint      string `koanf:"endpoint"` // https://host[:port]; http:// on this machine only
	Bucket        string `koanf:"bucket"`
	Prefix        string `koanf:"prefix"`          // of every key
	Region        string `koanf:"region"`          // empty: the store is asked
	Addressing    string `koanf:"addressing"`      // AddressingAuto, AddressingPath, AddressingHost
	CA            string `koanf:"ca"`              // PEM file of authorities beside the system's
	AccessKey     string `koanf:"access_key"`      // the name of the key
	SecretKey     string `koanf:"secret_key"`      // better given by the file or REFERENT_BLOBS_SECRET_KEY
	SecretKeyFile string `koanf:"secret_key_file"` // holds the secret key and nothing else
}

// How the bucket is named in an address.
const (
	AddressingAuto = "auto" // by host where the store is known to want it, else by path
	AddressingPath = "path" // https://host/bucket
	AddressingHost = "host" // https://bucket.host
)

// What S3 takes as names of buckets, and what every store takes in keys.
var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	keyPrefix  = regexp.MustCompile(`^([A-Za-z0-9_-]+/)*$`)
)

// Enabled reports whether there is an object store.
func (b *Blobs) Enabled() bool { return b.Endpoint != "" }

// Secret is the secret key, read from its file where it is in one. The error does not tell it.
func (b *Blobs) Secret() (string, error) {
	if b.SecretKeyFile == "" {
		return b.SecretKey, nil
	}
	data, err := os.ReadFile(b.SecretKeyFile)
	if err != nil {
		return "", referent.E(referent.CodeConfig, "configs: read secret key", errors.Unwrap(err)).WithHint("blobs.secret_key_file must be a file that the server can read")
	}
	return strings.TrimSpace(string(data)), nil
}

func (b *Blobs) validate() (wrong []error) {
	if !b.Enabled() {
		return nil
	}
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	u, err := url.Parse(b.Endpoint)
	switch {
	case strings.Contains(b.Endpoint, "@"):
		// The address is not repeated here: what stands before the sign may be a password.
		bad("blobs.endpoint must hold no user name and no password: give a key by blobs.access_key")
	case err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		bad("blobs.endpoint must be an https:// address without a path, not %q", b.Endpoint)
	case u.Scheme == "http" && !referent.Loopback(u.Hostname()):
		bad("blobs.endpoint must be an https:// address when it is not this machine, not %q", b.Endpoint)
	}
	if !bucketName.MatchString(b.Bucket) {
		bad("blobs.bucket must name a bucket, not %q", b.Bucket)
	}
	if !keyPrefix.MatchString(b.Prefix) {
		bad("blobs.prefix must be empty, or folders of letters, digits, - and _ that end with /, not %q", b.Prefix)
	}
	if !slices.Contains([]string{AddressingAuto, AddressingPath, AddressingHost}, b.Addressing) {
		bad("blobs.addressing must be %s, %s or %s, not %q", AddressingAuto, AddressingPath, AddressingHost, b.Addressing)
	}
	if b.SecretKey != "" && b.SecretKeyFile != "" {
		bad("blobs.secret_key and blobs.secret_key_file: give one of them")
	}
	secret, err := b.Secret()
	if err != nil {
		bad("blobs.secret_key_file %q cannot be read", b.SecretKeyFile)
	} else if b.AccessKey == "" || secret == "" {
		bad("blobs.access_key and a secret key must be set when blobs.endpoint is")
	}
	if b.CA != "" {
		if _, err := os.Stat(b.CA); err != nil {
			bad("blobs.ca %q cannot be read", b.CA)
		}
	}
	return wrong
}
