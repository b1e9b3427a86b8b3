package natstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority is a certificate authority of one's own, for the time of a test.
type Authority struct {
	Path string // PEM file of its certificate

	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// NewAuthority makes one.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t}
	a.Path, _, a.cert, a.key = a.issue(&x509.Certificate{IsCA: true, Subject: pkix.Name{CommonName: "test"}})
	return a
}

// Server makes a certificate for 127.0.0.1 with its key: the paths of two PEM files.
func (a *Authority) Server() (cert, key string) {
	a.t.Helper()
	cert, key, _, _ = a.issue(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return cert, key
}

// Named makes a certificate for a name, and for no address, with its key: the paths of two PEM files.
func (a *Authority) Named(name string) (cert, key string) {
	a.t.Helper()
	cert, key, _, _ = a.issue(&x509.Certificate{DNSNames: []string{name}})
	return cert, key
}

// issue signs a certificate; the authority's own when it has none.
func (a *Authority) issue(c *x509.Certificate) (path, keyPath string, made *x509.Certificate, key *ecdsa.PrivateKey) {
	a.t.Helper()
	fail := func(err error) {
		if err != nil {
			a.t.Fatal(err)
		}
	}
	var err error
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	c.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	fail(err)
	c.NotAfter, c.BasicConstraintsValid = time.Now().Add(24*time.Hour), true
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	fail(err)
	made, err = x509.ParseCertificate(der)
	fail(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	fail(err)
	dir := a.t.TempDir()
	path, keyPath = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	fail(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	fail(os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return path, keyPath, made, key
}
