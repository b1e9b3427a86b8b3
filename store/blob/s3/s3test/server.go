// Package s3test runs a real S3 server, versitygw, on loopback for tests. Its objects are files in a folder, where a
// test can look for what should be gone and change what should not be.
package s3test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/referent/referent/models"
	"github.com/referent/referent/store/blob/s3"
)

// Access and Secret are the keys of the one user.
const (
	Access = "referent"
	Secret = "bare for tester"
)

// Server is a server that can be killed and started again.
type Server struct {
	Dir string // with all that the server keeps, versions too
	CA  string // PEM file that its certificate can be checked with; "" without TLS

	t    testing.TB
	addr string
	args []string
	cmd  *exec.Cmd
	over chan error // what Wait says
	log  *bytes.Buffer
}

// Start starts a server that ends with the test. With tls it has a certificate.
func Start(t testing.TB, tls bool) *Server {
	t.Helper()
	s := &Server{Dir: t.TempDir(), t: t, addr: freeAddress(t)}
	objects, versions := filepath.Join(s.Dir, "objects"), filepath.Join(s.Dir, "versions")
	for _, dir := range []string{objects, versions} {
		check(t, os.Mkdir(dir, 0o700))
	}
	s.args = []string{"--port", s.addr, "--access", Access, "--secret", Secret, "--health", "/healthy", "--quiet", "--keep-alive"}
	if tls {
		var cert, key string
		cert, key = certificate(t)
		s.CA, s.args = cert, append(s.args, "--cert", cert, "--key", key)
	}
	s.args = append(s.args, "posix", "--versioning-dir", versions, objects)
	s.Run()
	t.Cleanup(s.Kill)
	return s
}

// Run starts a server that was killed again, at the same address and with what it kept.
func (s *Server) Run() {
	s.t.Helper()
	s.log = new(bytes.Buffer)
	cmd := exec.Command(program(s.t), s.args...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // so that it goes when the tests are killed
	started, over := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the signal is for the death of the thread: this one lives as long as the server
		err := cmd.Start()
		started <- err
		if err == nil {
			over <- cmd.Wait()
		}
	}()
	check(s.t, <-started)
	s.cmd, s.over = cmd, over
	url := "http://" + s.addr + "/healthy"
	for range 200 {
		if s.CA != "" {
			if conn, err := net.Dial("tcp", s.addr); err == nil {
				conn.Close()
				return
			}
		} else if answer, err := http.Get(url); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Kill()
	s.t.Fatalf("the S3 server does not start:\n%s", s.log)
}

// Kill ends the server in the middle of whatever it does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	<-s.over
	s.cmd = nil
}

// Endpoint is the server's address.
func (s *Server) Endpoint() string {
	if s.CA != "" {
		return "https://" + s.addr
	}
	return "http://" + s.addr
}

// Config is that of a new bucket.
func (s *Server) Config(t testing.TB) s3.Config {
	t.Helper()
	name := "b" + strings.ToLower(rand.Text())
	check(t, s.Client(t).MakeBucket(t.Context(), name, minio.MakeBucketOptions{}))
	return s3.Config{Endpoint: s.Endpoint(), Bucket: name, Prefix: "referent/", Region: "us-east-1", Addressing: s3.AddressPath, CA: s.CA,
		AccessKey: Access, SecretKey: Secret, Spool: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
}

// Client is a client of the server, of one without TLS.
func (s *Server) Client(t testing.TB) minio.Core {
	t.Helper()
	tr := http.DefaultTransport.(*http.Transport).Clone()
	if s.CA != "" {
		pem, err := os.ReadFile(s.CA)
		check(t, err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		tr.TLSClientConfig.RootCAs = roots
	}
	t.Cleanup(tr.CloseIdleConnections)
	c, err := minio.New(s.addr, &minio.Options{Creds: credentials.NewStaticV4(Access, Secret, ""), Region: "us-east-1", Secure: s.CA != "", Transport: tr})
	check(t, err)
	return minio.Core{Client: c}
}

// Files lists the files of the server whose path has the words in it: those of a bucket, or of a meeting.
func (s *Server) Files(words ...string) (all []string) {
	s.t.Helper()
	check(s.t, filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for _, w := range words {
			if !strings.Contains(path, w) {
				return err
			}
		}
		if err == nil && d.Type().IsRegular() {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// program is the server's executable, where setup/versitygw.sh has built it.
func program(t testing.TB) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	sum, err := os.ReadFile(filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "tools", "versitygw.sum"))
	check(t, err)
	digest := sha256.Sum256(sum)
	path := filepath.Join(models.CacheDir(), "versitygw", hex.EncodeToString(digest[:8]), "versitygw")
	if _, err := os.Stat(path); err != nil {
		t.Fatal("the S3 server that this test starts is not built: run make s3-server")
	}
	return path
}

// freeAddress is one on loopback that nobody listens at now.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().String()
}

// certificate makes a certificate for loopback that is its own authority.
func certificate(t testing.TB) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	check(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	check(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	check(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return cert, key
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
