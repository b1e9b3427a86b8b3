package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/referent/referent"
)

// IssuerSeedFile is the seed with which the servers tell an external cluster who may connect. Servers that share a
// cluster share it, and [ServerSeedFile].
const IssuerSeedFile = "issuer.nk"

// account is the cluster's account that servers and workers are in; [NodeConfig] makes it.
const account = "REFERENT"

// Subjects of the cluster itself: what a server answers, and how it closes a connection.
const (
	subjectAuth  = "$SYS.REQ.USER.AUTH"
	subjectConns = "$SYS.REQ.ACCOUNT.PING.CONNZ" // of the asker's own account
	subjectKick  = "$SYS.REQ.SERVER.%s.KICK"
)

// ClusterConfig is how a server reaches an external NATS cluster.
type ClusterConfig struct {
	URL    string // tls:// addresses, separated by commas
	CAFile string // PEM of the authority that signed the cluster's certificates; empty: the system's
	Keys   *Keys  // the server's seed is the cluster's user, its issuer the cluster's
	Admit  Admit  // who else may connect; nil: nobody
	Log    *slog.Logger
}

// Cluster is an external NATS cluster, at which this server also decides who may connect: nats-server asks the servers
// of Referent at every connection (auth callout), so that one table counts everywhere.
type Cluster struct {
	cfg    ClusterConfig
	nc     *nats.Conn
	issuer nkeys.KeyPair
	stop   sync.Once
	auth   *nats.Subscription

	admittedFor time.Duration // how long a worker's connection lives
}

// OpenCluster connects and begins to answer. It tries until the cluster is there or ctx ends. CodeUnauthorized: the
// cluster does not know the server's key. CodeConfig: the settings cannot be used.
func OpenCluster(ctx context.Context, cfg ClusterConfig) (*Cluster, error) {
	const op = "queue: open cluster"
	if cfg.Keys == nil || cfg.URL == "" {
		return nil, referent.E(referent.CodeConfig, op, errors.New("keys and address are needed"))
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Cluster{cfg: cfg, admittedFor: admittedFor}
	var err error
	if c.issuer, _, err = cfg.Keys.issuer(); err != nil {
		return nil, err
	}
	if c.nc, err = c.Connect(ctx); err != nil {
		return nil, err
	}
	if c.auth, err = c.nc.QueueSubscribe(subjectAuth, "referent", func(m *nats.Msg) { go c.answer(m) }); err == nil {
		err = c.nc.FlushWithContext(ctx)
	}
	if err != nil {
		c.nc.Close()
		return nil, unavailable(op, err)
	}
	return c, nil
}

// URL is the addresses that workers connect to.
func (c *Cluster) URL() string { return c.cfg.URL }

// Connect opens a connection as the server's user. What is sent while the cluster is away fails, as with workers: a
// question that nobody waits for any more must not be asked.
func (c *Cluster) Connect(ctx context.Context) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("server"),
		nats.Nkey(c.cfg.Keys.serverPublic, c.cfg.Keys.server.Sign),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 300*time.Millisecond),
		nats.ReconnectBufSize(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(3 * time.Second), // a server that is gone without a word is left within ten seconds
		nats.MaxPingsOutstanding(2),
		nats.Timeout(3 * time.Second),
	}
	if c.cfg.CAFile != "" {
		opts = append(opts, nats.RootCAs(c.cfg.CAFile))
	}
	return dial(ctx, c.cfg.URL, c.cfg.Log, opts)
}

// Disconnect closes the connections of the worker with the public key, at whatever server of the cluster they are.
func (c *Cluster) Disconnect(ctx context.Context, key string) error {
	// Those that were closed are not listed again, so that the first page is always the one to look at.
	for more := true; more; {
		var err error
		if more, err = c.disconnectSome(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// disconnectSome closes a page of connections at each server. more: there may be others.
func (c *Cluster) disconnectSome(ctx context.Context, key string) (more bool, err error) {
	const op = "queue: disconnect worker"
	asked, err := json.Marshal(map[string]any{"auth": true, "user": key, "limit": connzPage})
	if err != nil {
		return false, referent.E(referent.CodeInternal, op, err)
	}
	inbox := c.nc.NewRespInbox()
	replies, err := c.nc.SubscribeSync(inbox)
	if err != nil {
		return false, unavailable(op, err)
	}
	defer replies.Unsubscribe()
	if err := c.nc.PublishRequest(subjectConns, inbox, asked); err != nil {
		return false, unavailable(op, err)
	}
	// Every server answers for itself, and how many there are is not known.
	for heard, patience := 0, 2*time.Second; ; heard, patience = heard+1, 500*time.Millisecond {
		wait, cancel := context.WithTimeout(ctx, patience)
		m, err := replies.NextMsgWithContext(wait)
		cancel()
		if err != nil {
			if heard == 0 {
				return false, unavailable(op, err)
			}
			return more, nil
		}
		var answer struct {
			Server struct{ ID string }
			Data   struct {
				Connections []struct {
					CID uint64 `json:"cid"`
					Key string `json:"authorized_user"`
				}
			}
		}
		if err := json.Unmarshal(m.Data, &answer); err != nil {
			return false, referent.E(referent.CodeInternal, op, err)
		}
		more = more || len(answer.Data.Connections) >= connzPage
		for _, conn := range answer.Data.Connections {
			if conn.Key != key {
				continue
			}
			// A server closes nothing for whoever wants no answer; that comes here too, and holds no connections.
			if err := c.nc.PublishRequest(fmt.Sprintf(subjectKick, answer.Server.ID), inbox, fmt.Appendf(nil, `{"cid":%d}`, conn.CID)); err != nil {
				return false, unavailable(op, err)
			}
		}
	}
}

// Shutdown stops answering and closes the connection on which it was done.
func (c *Cluster) Shutdown() {
	c.stop.Do(func() {
		_ = c.auth.Unsubscribe() // it ends with the connection at the latest
		c.nc.Close()
	})
}

// issuer is the account key that signs who may connect; it is made when it is missing.
func (k *Keys) issuer() (nkeys.KeyPair, string, error) {
	return loadKey(strings.TrimSuffix(k.ServerSeed, ServerSeedFile)+IssuerSeedFile, nkeys.CreateAccount)
}

// ServerKey is the public key of the server, as a cluster's configuration names it.
func (k *Keys) ServerKey() string { return k.serverPublic }

// IssuerKey is the public key of the issuer, as a cluster's configuration names it.
func (k *Keys) IssuerKey() (string, error) {
	_, public, err := k.issuer()
	return public, err
}

// Await is [New] at a cluster that may still be coming together: it tries until it succeeds, ctx ends, or what is asked
// for cannot be.
func Await(ctx context.Context, nc *nats.Conn, opts ...Option) (*Queue, error) {
	for {
		one, cancel := context.WithTimeout(ctx, callLimit)
		q, err := New(one, nc, opts...)
		cancel()
		if code := referent.CodeOf(err); err == nil || code != referent.CodeUnavailable && code != referent.CodeTimeout {
			return q, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(500 * time.Millisecond):
		}
	}
}
