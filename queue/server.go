package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
)

// ServerConfig is how the embedded nats-server runs.
type ServerConfig struct {
	Dir    string      // JetStream's folder; one process at a time
	Listen string      // host:port for workers; empty means 127.0.0.1 and a random port
	TLS    *tls.Config // needed when Listen is not a loopback address
	Keys   *Keys       // of this server, and of the workers on its machine; needed
	Admit  Admit       // who else may connect; nil: nobody
	Log    *slog.Logger
}

// Server is a nats-server with JetStream inside this process.
type Server struct {
	ns   *server.Server
	lock *flock.Flock
	keys *Keys
	log  *slog.Logger
	stop sync.Once
}

// The limits of the embedded server.
const (
	startLimit = 20 * time.Second
	maxStore   = 1 << 30 // bytes; a message is some hundred
	maxMemory  = 64 << 20
)

// StartServer starts the embedded server and returns when it answers. CodeConfig: the settings cannot
// be used. CodeConflict: another process has the folder.
func StartServer(cfg ServerConfig) (*Server, error) {
	const op = "queue: start nats-server"
	if cfg.Keys == nil || cfg.Dir == "" {
		return nil, referent.E(referent.CodeConfig, op, errors.New("keys and folder are needed"))
	}
	host, port, err := listenAddress(cfg.Listen, cfg.TLS != nil)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	log := &serverLog{log: cfg.Log}
	if log.log == nil {
		log.log = slog.New(slog.DiscardHandler)
	}
	ns, err := server.NewServer(&server.Options{
		ServerName:                 "referent",
		Host:                       host,
		Port:                       port,
		NoSigs:                     true, // signals are the process's own
		CustomClientAuthentication: gate{keys: cfg.Keys, admit: cfg.Admit},
		AlwaysEnableNonce:          true,
		TLSConfig:                  cfg.TLS,
		TLS:                        cfg.TLS != nil,
		TLSTimeout:                 5,
		AuthTimeout:                5,
		MaxPayload:                 1 << 20,
		MaxConn:                    1024,
		PingInterval:               20 * time.Second,
		MaxPingsOut:                2,
		WriteDeadline:              10 * time.Second,
		MaxClosedClients:           16, // remembered for monitoring that is not on; the default is 10,000

		JetStream:              true,
		StoreDir:               cfg.Dir,
		SyncAlways:             true, // the default is to sync every two minutes
		JetStreamMaxMemory:     maxMemory,
		JetStreamMaxStore:      maxStore,
		DisableJetStreamBanner: true,
	})
	if err != nil {
		return nil, errors.Join(referent.E(referent.CodeConfig, op, err), lock.Unlock())
	}
	ns.SetLoggerV2(log, false, false, false)
	ns.Start()
	s := &Server{ns: ns, lock: lock, keys: cfg.Keys, log: log.log}
	if err := s.ready(log); err != nil {
		s.Shutdown()
		return nil, referent.E(referent.CodeUnavailable, op, err).
			WithHint("is the address free, and can the queue folder be written?")
	}
	return s, nil
}

// ready waits until the server answers, or has said why it never will.
func (s *Server) ready(log *serverLog) error {
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); {
		if err := log.lastFatal(); err != nil {
			return err
		}
		if s.ns.ReadyForConnections(50*time.Millisecond) && s.ns.JetStreamEnabled() {
			return nil
		}
	}
	return errors.New("no answer in time")
}

// URL is the address that workers on this machine connect to. Workers elsewhere use a name that the
// server's certificate holds, and the same port.
func (s *Server) URL() string { return reachable(s.ns.ClientURL()) }

// reachable puts the loopback address in the place of "all addresses", which is none to connect to.
func reachable(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	ip := net.ParseIP(u.Hostname())
	switch {
	case ip == nil || !ip.IsUnspecified():
		return address
	case ip.To4() != nil:
		u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	default:
		u.Host = net.JoinHostPort("::1", u.Port())
	}
	return u.String()
}

// Connect opens a connection inside the process, as the server's user. It does not cross a socket.
func (s *Server) Connect(ctx context.Context) (*nats.Conn, error) {
	return dial(ctx, "", s.log, []nats.Option{
		nats.InProcessServer(s.ns),
		nats.Name("server"),
		nats.Nkey(s.keys.serverPublic, s.keys.server.Sign),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond),
	})
}

// Disconnect closes the connections of the worker with the public key. It is told who may connect first: whoever was
// let in a moment before is not seen here yet, and is closed when it is asked once more.
func (s *Server) Disconnect(_ context.Context, key string) error {
	const op = "queue: disconnect worker"
	for {
		conns, err := s.ns.Connz(&server.ConnzOptions{Username: true, User: key, Limit: connzPage})
		if err != nil {
			return referent.E(referent.CodeInternal, op, err)
		}
		for _, c := range conns.Conns {
			// That it is gone already is as good.
			_ = s.ns.DisconnectClientByID(c.Cid)
		}
		if len(conns.Conns) < connzPage {
			return nil
		}
	}
}

// connzPage is how many connections are looked at together.
const connzPage = 256

// Shutdown stops the server and gives the folder free. Callers first stop HTTP, give their jobs back
// and drain their connections: what is in flight when it is called is not waited for.
func (s *Server) Shutdown() {
	s.stop.Do(func() {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
		// The lock dies with the process whatever happens here; nobody can act on a failure.
		_ = s.lock.Close()
	})
}

// listenAddress splits the address and refuses one that others could reach in the clear.
func listenAddress(listen string, secure bool) (host string, port int, err error) {
	const op = "queue: read listen address"
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	host, p, err := net.SplitHostPort(listen)
	if err != nil {
		return "", 0, referent.E(referent.CodeConfig, op, err).WithHint("write host:port")
	}
	if port, err = strconv.Atoi(p); err != nil || port < 0 || port > 65535 {
		return "", 0, referent.E(referent.CodeConfig, op, fmt.Errorf("port %q", p)).WithHint("write host:port")
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	if ip := net.ParseIP(host); !secure && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", 0, referent.E(referent.CodeConfig, op, errors.New("address is not loopback and TLS is off")).
			WithHint("give the queue a certificate and key, or listen on 127.0.0.1")
	}
	return host, port, nil
}

// lockDir takes the folder for this process: nats-server itself does not notice a second one.
func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, referent.E(referent.CodeConfig, "queue: make folder", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, referent.E(referent.CodeConfig, "queue: lock folder", err)
	}
	if !got {
		return nil, referent.E(referent.CodeConflict, "queue: lock folder", errors.New("in use by another process")).
			WithHint("another referent runs on this data folder; stop it, or choose another folder")
	}
	return lock, nil
}

// serverLog hands nats-server's messages to slog. What it calls notices is chatter about its start.
type serverLog struct {
	log   *slog.Logger
	mu    sync.Mutex
	fatal error
}

func (l *serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l *serverLog) Warnf(format string, v ...any) { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l *serverLog) Errorf(format string, v ...any) {
	l.log.Error("nats: " + fmt.Sprintf(format, v...))
}
func (l *serverLog) Debugf(string, ...any) {}
func (l *serverLog) Tracef(string, ...any) {}

// Fatalf is told what keeps the server from starting; StartServer returns it.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fatal = fmt.Errorf(format, v...)
}

func (l *serverLog) lastFatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal
}
