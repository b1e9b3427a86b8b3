package pgtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const superuser = "postgres"

// Server is a running server.
type Server struct {
	Port int // on 127.0.0.1, and in the name of its socket

	dir, socket string
	kept        bool // the folder is somebody else's
	bin         string
	user        *syscall.Credential // nil: whoever runs the tests
	process     *os.Process
	ended       chan error
}

// Start makes a server in a new folder and waits until it answers.
func Start() (*Server, error) {
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s, err := open(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// Open starts the server whose data are in the folder, or makes it there, and waits until it answers. Stop leaves the
// data where they are. fresh: it was made.
func Open(dir string) (s *Server, fresh bool, err error) {
	_, missing := os.Stat(filepath.Join(dir, "data", "PG_VERSION"))
	if s, err = open(dir); err == nil {
		s.kept = true
	}
	return s, missing != nil, err
}

func open(dir string) (s *Server, err error) {
	s = &Server{dir: dir, kept: true}
	defer func() {
		if err != nil {
			err = fmt.Errorf("pgtest: %w", errors.Join(err, s.Stop()))
		}
		s.kept = false
	}()
	if s.bin, err = programs(); err != nil {
		return s, err
	}
	if err := s.makeFolders(); err != nil {
		return s, err
	}
	if s.Port, err = freePort(); err != nil {
		return s, err
	}
	where := filepath.Join(s.dir, "where.conf")
	if err := os.WriteFile(where, fmt.Appendf(nil, "port = %d\nunix_socket_directories = '%s'\n", s.Port, s.socket), 0o644); err != nil {
		return s, err
	}
	if _, err := os.Stat(filepath.Join(s.Data(), "PG_VERSION")); err == nil {
		return s, s.Launch()
	}
	if err := s.run("initdb", "--pgdata", s.Data(), "--username", superuser, "--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"); err != nil {
		return s, err
	}
	if err := s.certify(); err != nil {
		return s, err
	}
	lines := []string{
		"include '" + where + "'", "listen_addresses = '127.0.0.1'",
		"ssl = on", "ssl_cert_file = '" + s.Certificate() + "'", "ssl_key_file = '" + filepath.Join(s.dir, "server.key") + "'",
		"shared_buffers = '32MB'", "max_connections = 60", "max_prepared_transactions = 2", "max_wal_size = '256MB'", "timezone = 'UTC'",
		"wal_recycle = off", // as the documentation tells those who erase
		"log_min_messages = fatal", "log_min_error_statement = panic",
	}
	if err := appendTo(filepath.Join(s.Data(), "postgresql.conf"), strings.Join(lines, "\n")+"\n"); err != nil {
		return s, err
	}
	if err := s.Launch(); err != nil {
		return s, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s, s.Exec(ctx, "postgres", "CREATE ROLE "+Role+" LOGIN PASSWORD '"+strings.ReplaceAll(Password, "'", "''")+"'", "GRANT pg_checkpoint TO "+Role)
}

// programs is the folder of the newest PostgreSQL, where Debian keeps what is not for the path.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("no PostgreSQL on this machine: make system-test installs it")
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// longestSocket is how long the path of a socket's folder may be: what the system has room for, without its name.
const longestSocket = 85

// makeFolders makes the socket's folder, and sees to it that the server can use that and its own. It refuses to run as
// root, so they are somebody else's then.
func (s *Server) makeFolders() (err error) {
	if s.socket = filepath.Join(s.dir, "socket"); len(s.socket) > longestSocket {
		s.socket, err = os.MkdirTemp("/tmp", "pgtest")
	} else {
		err = os.MkdirAll(s.socket, 0o700)
	}
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, err1 := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := errors.Join(os.Chown(s.dir, uid, gid), os.Chown(s.socket, uid, gid)); err != nil {
		return err
	}
	// A test's own folder lies in one that only its user may enter.
	if parent := filepath.Dir(s.dir); parent != filepath.Clean(os.TempDir()) {
		return os.Chmod(parent, 0o711)
	}
	return nil
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	c.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=" + s.dir}
	// SIGQUIT, so that it goes at once when the tests are killed.
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.user, Pdeathsig: syscall.SIGQUIT}
	return c
}

func (s *Server) run(name string, args ...string) error {
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// certify makes the server's certificate.
func (s *Server) certify() error {
	both, err := Certify("localhost")
	if err != nil {
		return err
	}
	for _, path := range []string{s.Certificate(), filepath.Join(s.dir, "server.key")} {
		if err := os.WriteFile(path, both, 0o600); err != nil { // each reads of it what it needs
			return err
		}
		if s.user != nil {
			if err := os.Chown(path, int(s.user.Uid), int(s.user.Gid)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Certify makes a certificate for a host, signed by itself, with its key, in PEM.
func Certify(host string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	form := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	signed, err := x509.CreateCertificate(rand.Reader, &form, &form, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// Launch starts the server that Halt ended, and waits until it answers.
func (s *Server) Launch() error {
	var err error
	// What is left of a server that was killed may need a moment to go.
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if err = s.launch(); err == nil || s.process != nil {
			return err
		}
	}
	return err
}

func (s *Server) launch() error {
	c := s.command("postgres", "-D", s.Data())
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c.Stdout, c.Stderr = log, log
	started := make(chan error)
	s.ended = make(chan error, 1)
	go func() {
		// The signal at the parent's death is for that of the thread: this one lives as long as the server.
		runtime.LockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			s.ended <- c.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process = c.Process
	for deadline := time.Now().Add(time.Minute); ; {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := s.Exec(ctx, "postgres", "SELECT 1")
		cancel()
		if err == nil {
			return nil
		}
		select {
		case failed := <-s.ended:
			s.process = nil
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server ended: %v\n%s", failed, text)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// Halt ends the server: with SIGINT at once but in order, with SIGQUIT as in a crash.
func (s *Server) Halt(how syscall.Signal) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Signal(how); err != nil {
		return err
	}
	select {
	case err := <-s.ended:
		s.process = nil
		if _, exited := errors.AsType[*exec.ExitError](err); exited && how == syscall.SIGQUIT {
			return nil
		}
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("pgtest: the server does not end"), s.process.Kill())
	}
}

// Stop ends the server, and removes its folder if Start made it.
func (s *Server) Stop() error {
	err := s.Halt(syscall.SIGINT)
	if s.socket != "" {
		err = errors.Join(err, os.RemoveAll(s.socket))
	}
	if !s.kept {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}
