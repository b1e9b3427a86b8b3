package s3

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/referent/referent"
)

// tries is how often a request is sent before it is given up, with pauses that grow to a second. Those who use the
// bucket have longer ones of their own.
const tries = 5

// connect makes a client. Nothing is sent yet.
func connect(cfg Config) (client *minio.Client, idle func(), err error) {
	const op = "s3: connect"
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return nil, nil, referent.E(referent.CodeConfig, op, errors.New("the endpoint is not an http:// or https:// address"))
	}
	roots, err := authorities(cfg.CA)
	if err != nil {
		return nil, nil, err
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute, // joining the parts of a long object takes a while
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       time.Minute,
		DisableCompression:    true, // ranges are of the bytes as they lie there
	}
	lookup := map[string]minio.BucketLookupType{AddressPath: minio.BucketLookupPath, AddressHost: minio.BucketLookupDNS}[cfg.Addressing]
	client, err = minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""), Secure: u.Scheme == "https",
		Transport: transport, Region: cfg.Region, BucketLookup: lookup, MaxRetries: tries,
	})
	if err != nil {
		return nil, nil, referent.E(referent.CodeConfig, op, err)
	}
	return client, transport.CloseIdleConnections, nil
}

// authorities are the system's and those in the file.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	const op = "s3: read certificate authorities"
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, errors.Unwrap(err))
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, referent.E(referent.CodeConfig, op, errors.New("the file holds no certificate")).WithHint("it must be PEM")
	}
	return roots, nil
}
