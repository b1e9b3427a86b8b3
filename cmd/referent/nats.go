package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/web"
)

// clusterLimit is how long a server waits for an external cluster when it starts.
const clusterLimit = time.Minute

// natsServer is the queue's nats-server: the one inside this process, or an external cluster.
type natsServer interface {
	URL() string
	Connect(ctx context.Context) (*nats.Conn, error)
	Disconnect(ctx context.Context, key string) error
	Shutdown()
}

// openQueue opens the queue that the settings say. ownKey is the public key of the workers on this machine.
func (s *system) openQueue(ctx context.Context) (q *queue.Queue, ownKey string, err error) {
	n := s.cfg.NATS
	keys, err := queue.LoadKeys(s.dir.keys())
	if err != nil {
		return nil, "", err
	}
	admit := pipeline.AdmitFrom(s.store)
	var opts []queue.Option
	if n.URL == "" {
		certs, err := s.serverTLS("nats", n.TLSCert, n.TLSKey)
		if err != nil {
			return nil, "", err
		}
		embedded, err := queue.StartServer(queue.ServerConfig{Dir: s.dir.nats(), Listen: n.Listen, TLS: certs, Keys: keys, Admit: admit, Log: s.log})
		if err != nil {
			return nil, "", err
		}
		s.nats = embedded
	} else {
		ctx, cancel := context.WithTimeout(ctx, clusterLimit)
		defer cancel()
		cluster, err := queue.OpenCluster(ctx, queue.ClusterConfig{URL: n.URL, CAFile: n.CA, Keys: keys, Admit: admit, Log: s.log})
		if err != nil {
			return nil, "", err
		}
		s.nats, opts = cluster, append(opts, queue.WithReplicas(n.Replicas))
	}
	limited, cancel := context.WithTimeout(ctx, clusterLimit)
	defer cancel()
	if s.conn, err = s.nats.Connect(limited); err != nil {
		return nil, "", err
	}
	q, err = queue.Await(limited, s.conn, opts...)
	return q, keys.WorkerKey(), err
}

// queueCA is the file of what workers trust: the authority, or the very certificate; "": what their system trusts.
func (s *system) queueCA() string {
	if n := s.cfg.NATS; n.CA == "" && n.URL == "" {
		return n.TLSCert
	}
	return s.cfg.NATS.CA
}

// ownQueueCA is what workers on this machine trust. They reach the queue inside the server by a loopback address, which its
// certificate need not name: so it is the very certificate, whatever its name.
func (s *system) ownQueueCA() string {
	if n := s.cfg.NATS; n.URL == "" {
		return n.TLSCert
	}
	return s.queueCA()
}

// queueAddress is what workers on other machines are told when they enrol. A queue that only this machine reaches has
// no address but its own.
func (s *system) queueAddress() (web.QueueAddress, error) {
	n := s.cfg.NATS
	at := web.QueueAddress{URLs: configs.Addresses(n.Public)}
	switch {
	case len(at.URLs) > 0:
	case n.URL != "":
		at.URLs = configs.Addresses(n.URL)
	default:
		at.URLs = []string{reachedAs(s.nats.URL(), n.Listen, s.publicURL(), n.TLSCert != "")}
	}
	if ca := s.queueCA(); ca != "" {
		data, err := os.ReadFile(ca)
		if err != nil {
			return at, referent.E(referent.CodeConfig, "referent: read authority of the queue", err)
		}
		at.CA = string(data)
	}
	return at, nil
}

// reachedAs is the embedded server's address as seen from other machines: with the host that people use, when it
// listens on all addresses.
func reachedAs(own, listen, public string, secure bool) string {
	u, err := url.Parse(own)
	if err != nil {
		return own
	}
	if secure {
		u.Scheme = "tls"
	}
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	switch p, perr := url.Parse(public); {
	case err != nil || referent.Loopback(host):
	case (host == "" || ip != nil && ip.IsUnspecified()) && perr == nil && p.Hostname() != "":
		u.Host = net.JoinHostPort(p.Hostname(), u.Port())
	case host != "" && (ip == nil || !ip.IsUnspecified()):
		u.Host = net.JoinHostPort(host, u.Port())
	}
	return u.String()
}

// natsCommand helps the operator of an external cluster.
func (a *app) natsCommand() *cobra.Command {
	c := &cobra.Command{Use: "nats", Short: a.t("nats.short"), Args: cobra.NoArgs}
	c.AddCommand(a.natsConfigCommand())
	return c
}

func (a *app) natsConfigCommand() *cobra.Command {
	var n queue.NodeConfig
	c := &cobra.Command{
		Use:   "config --name NAME --peers HOST:PORT,… --cert FILE --key FILE --ca FILE",
		Short: a.t("nats.config.short"), Long: a.t("nats.config.long"), Args: cobra.NoArgs,
	}
	f := c.Flags()
	f.StringVar(&n.Name, "name", "", a.t("nats.config.flag.name"))
	f.StringSliceVar(&n.Peers, "peers", nil, a.t("nats.config.flag.peers"))
	f.StringVar(&n.Host, "host", "0.0.0.0", a.t("nats.config.flag.host"))
	f.IntVar(&n.Port, "port", 4222, a.t("nats.config.flag.port"))
	f.IntVar(&n.PeerPort, "peer-port", 6222, a.t("nats.config.flag.peer_port"))
	f.StringVar(&n.StoreDir, "store-dir", "/var/lib/nats", a.t("nats.config.flag.store_dir"))
	f.StringVar(&n.Cert, "cert", "", a.t("nats.config.flag.cert"))
	f.StringVar(&n.Key, "key", "", a.t("nats.config.flag.key"))
	f.StringVar(&n.CA, "ca", "", a.t("nats.config.flag.ca"))
	a.settingFlags(f, "data_dir")
	c.RunE = func(c *cobra.Command, _ []string) error {
		for flag, value := range map[string]string{"name": n.Name, "peers": strings.Join(n.Peers, ""), "cert": n.Cert, "key": n.Key, "ca": n.CA} {
			if value == "" {
				return &usageError{fmt.Errorf("--%s must be given", flag)}
			}
		}
		cfg, err := a.loadConfig(c.Flags(), "data_dir")
		if err != nil {
			return err
		}
		keys, err := queue.LoadKeys(dataDir(cfg.DataDir).keys())
		if err != nil {
			return err
		}
		if n.IssuerKey, err = keys.IssuerKey(); err != nil {
			return err
		}
		n.ServerKeys = []string{keys.ServerKey()}
		_, err = fmt.Fprint(a.out, n.String())
		return err
	}
	return c
}
