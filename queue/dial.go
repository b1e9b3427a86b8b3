package queue

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/nats-io/nuid"
	"github.com/referent/referent"
)

// DialConfig is how a worker reaches NATS.
type DialConfig struct {
	URL    string // nats:// or tls://, several separated by commas
	Creds  string // path of an nkey seed or a .creds file
	CAFile string // PEM of the authority that signed the server's certificate, or of that certificate itself; empty: the system's authorities
	Name   string // shown to the operator of the nats-server
	Log    *slog.Logger
}

// Connect opens a worker's connection. It tries until it succeeds or ctx ends, but returns at once
// when the server refuses the credentials (CodeUnauthorized) or the settings cannot be used
// (CodeConfig). Once open, the connection comes back by itself for as long as it is not closed. What
// is sent while it is away fails instead of being kept: a request that nobody waits for any more must
// not claim a job.
func Connect(ctx context.Context, cfg DialConfig) (*nats.Conn, error) {
	const op = "queue: connect"
	token := nuid.New().Next()
	if len(token) != inboxTokenLen {
		return nil, referent.E(referent.CodeInternal, op, errors.New("inbox token of wrong length"))
	}
	creds, key, err := credentials(cfg.Creds)
	if err != nil {
		return nil, err
	}
	opts := []nats.Option{
		creds,
		nats.Name(cfg.Name + "#" + token),
		nats.CustomInboxPrefix(workerInbox + "." + key + "." + token),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(200*time.Millisecond, time.Second),
		nats.ReconnectBufSize(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.Timeout(5 * time.Second),
	}
	if cfg.CAFile != "" {
		trust, err := trusted(cfg.CAFile)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nats.Secure(trust))
	}
	return dial(ctx, cfg.URL, cfg.Log, opts)
}

// logged tells log what happens to the connection while nobody asks: nats.go would write to stderr.
func logged(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("nats: connection", "error", err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { log.Info("nats: disconnected", "error", err) }),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("nats: connected again") }),
	}
}

// credentials tells a bare seed from a .creds file by what it holds. key is the public one.
func credentials(path string) (_ nats.Option, key string, err error) {
	const op = "queue: read credentials"
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", referent.E(referent.CodeConfig, op, err).WithHint("enrol the worker first: referent worker enrol")
	}
	unusable := func(err error) error {
		return referent.E(referent.CodeConfig, op, err).WithHint("the file is neither a seed nor a .creds file")
	}
	pair, err := nkeys.ParseDecoratedUserNKey(data)
	if err != nil {
		return nil, "", unusable(err)
	}
	if key, err = pair.PublicKey(); err != nil {
		return nil, "", unusable(err)
	}
	if bytes.Contains(data, []byte("NATS USER JWT")) {
		return nats.UserCredentials(path), key, nil
	}
	return nats.Nkey(key, pair.Sign), key, nil
}

// trusted reads what the server must prove to be. A certificate that names hosts is a server's own: a
// server that holds its key is the right one, whatever address it was reached at. So a worker on the
// server's machine reaches it on loopback, which no certificate names.
func trusted(path string) (*tls.Config, error) {
	const op = "queue: read authority"
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	block, _ := pem.Decode(data)
	pool := x509.NewCertPool()
	if block == nil || !pool.AppendCertsFromPEM(data) {
		return nil, referent.E(referent.CodeConfig, op, errors.New("no certificate in it")).WithHint("give a PEM file")
	}
	first, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).WithHint("the file's first block must be a certificate")
	}
	cfg := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	switch {
	case len(first.DNSNames) > 0:
		cfg.ServerName = strings.Replace(first.DNSNames[0], "*", "any", 1)
	case len(first.IPAddresses) > 0:
		cfg.ServerName = first.IPAddresses[0].String()
	}
	return cfg, nil
}

// dial tries until ctx ends. A refusal of who we are is final; an absent server is not, and is told
// to log once so that a wrong address does not look like a worker without work.
func dial(ctx context.Context, url string, log *slog.Logger, opts []nats.Option) (*nats.Conn, error) {
	const op = "queue: connect"
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	opts = append(opts, logged(log)...)
	told := false
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		nc, err := nats.Connect(url, opts...)
		switch {
		case err == nil:
			return nc, nil
		case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
			return nil, referent.E(referent.CodeUnauthorized, op, err).WithHint("the credentials are not this server's")
		case !away(err):
			return nil, referent.E(referent.CodeConfig, op, err).WithHint("check the address and the certificates")
		}
		if !told {
			log.Warn("nats: not reachable yet; trying on", "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, referent.E(referent.CodeUnavailable, op, errors.Join(err, ctx.Err())).
				WithHint("does the server run, and can this machine reach it?")
		case <-time.After(wait):
		}
	}
}

// away reports whether err means that the server is not there now, but may come.
func away(err error) bool {
	for _, e := range []error{nats.ErrNoServers, nats.ErrTimeout, nats.ErrConnectionClosed, nats.ErrStaleConnection,
		nats.ErrMaxConnectionsExceeded, nats.ErrDisconnected, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, e) {
			return true
		}
	}
	_, refused := errors.AsType[*net.OpError](err)
	_, unknown := errors.AsType[*net.DNSError](err)
	return refused || unknown || unanswered(err)
}

// unanswered reports that a nats-server of a cluster was still asking who we are when its own ping came: no server of
// Referent answers it. nats.go has no value for it.
func unanswered(err error) bool {
	return strings.HasPrefix(err.Error(), "nats: expected 'PONG', got 'PING'")
}
