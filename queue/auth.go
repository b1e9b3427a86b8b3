package queue

import (
	"context"
	"encoding/base64"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/referent/referent"
)

// A worker is known by the public key that it signs with. Its requests go out under that key, and its replies come
// back under it and under a token that the connection drew at random and tells the nats-server alone, behind a '#' in
// its name: so nobody speaks in another's name, and two connections with one key do not hear each other's sound.
const (
	workerInbox   = "_INBOX_worker"
	inboxTokenLen = 22
)

// IsInboxOf reports whether a subject is one at which the worker with the public key hears replies. Who answers workers
// with more rights than theirs replies nowhere else: the reply's subject is the asker's to choose.
func IsInboxOf(key, subject string) bool { return strings.HasPrefix(subject, workerInbox+"."+key+".") }

// KeyOf is the public key of a worker's connection, as [Connect] opens them; "" of any other.
func KeyOf(nc *nats.Conn) string {
	t := strings.Split(nc.Opts.InboxPrefix, ".")
	if len(t) != 3 || t[0] != workerInbox {
		return ""
	}
	return t[1]
}

// IsWorkerKey reports whether key is a public key that a worker may have.
func IsWorkerKey(key string) bool { return nkeys.IsValidPublicUserKey(key) }

// Admission is what a worker that may connect is let do.
type Admission struct {
	Stages []referent.Stage // whose jobs it may pull; none: those of every stage
	Own    bool             // the key is of a server's own workers, and good on their machine alone
}

// Admit decides whether the worker with the public key may connect. It is asked again at every connection, and must
// answer within seconds. CodeForbidden: nobody knows the key, or it was revoked.
type Admit func(ctx context.Context, key string) (Admission, error)

// admitLimit is how long a connection waits for the decision; nats-server itself gives up after five seconds.
const admitLimit = 4 * time.Second

// WorkerPermissions lists what the worker with a public key may publish and subscribe to. token is its connection's
// own, or "" where the nats-server that grants them knows no connections; no stages are all of them.
func WorkerPermissions(key, token string, stages []referent.Stage) (publish, subscribe []string) {
	if len(stages) == 0 {
		stages = Stages
	}
	for _, stage := range stages {
		for _, p := range priorities {
			at := streamOf(stage) + "." + consumerOf(p)
			publish = append(publish,
				"$JS.API.CONSUMER.INFO."+at,
				"$JS.API.CONSUMER.MSG.NEXT."+at,
				"$JS.ACK."+at+".>")
		}
	}
	publish = append(publish, subjectWork+key+".*")
	inbox := workerInbox + "." + key
	if token != "" {
		inbox += "." + token
	}
	return publish, []string{inbox + ".>", SubjectCancelPrefix + "*", SubjectReady}
}

// gate decides who may connect to the embedded server: it is the server's own nkey check, with what each may do.
type gate struct {
	keys  *Keys
	admit Admit // of workers that are not this machine's; nil: none are
	// here lists the machine's addresses; nil: [net.InterfaceAddrs]
	here func() ([]net.Addr, error)
}

// Check is called by nats-server for every connection, the ones in this process too.
func (g gate) Check(c server.ClientAuthentication) bool {
	opts := c.GetOpts()
	if !signed(opts.Nkey, opts.Sig, c.GetNonce()) {
		return false
	}
	if opts.Nkey == g.keys.serverPublic {
		c.RegisterUser(&server.User{Username: "server"})
		return true
	}
	token, ok := inboxToken(opts.Name)
	if !ok {
		return false
	}
	var a Admission
	switch {
	case opts.Nkey == g.keys.workerPublic:
		// The seed lies on the server's disk for its own workers. A copy of it opens nothing elsewhere.
		if !g.sameMachine(c.RemoteAddress()) {
			return false
		}
	case g.admit == nil:
		return false
	default:
		ctx, cancel := context.WithTimeout(context.Background(), admitLimit)
		defer cancel()
		var err error
		// Another key that a server's own workers had is of no use here: the one in force was seen above.
		if a, err = g.admit(ctx, opts.Nkey); err != nil || a.Own {
			return false
		}
	}
	publish, subscribe := WorkerPermissions(opts.Nkey, token, a.Stages)
	c.RegisterUser(&server.User{Username: opts.Nkey, Permissions: &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: publish},
		Subscribe: &server.SubjectPermission{Allow: subscribe},
	}})
	return true
}

// sameMachine reports whether a connection came over loopback, from one of the machine's own addresses to another, as
// when the queue listens on one that is not loopback, or from within the process.
func (g gate) sameMachine(from net.Addr) bool {
	tcp, ok := from.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return true
	}
	here := g.here
	if here == nil {
		here = net.InterfaceAddrs
	}
	addrs, err := here()
	return err == nil && slices.ContainsFunc(addrs, func(a net.Addr) bool {
		own, ok := a.(*net.IPNet)
		return ok && own.IP.Equal(tcp.IP)
	})
}

// signed reports whether sig is public's signature of the nonce that the server sent.
func signed(public, sig string, nonce []byte) bool {
	if public == "" || sig == "" || len(nonce) == 0 {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	return err == nil && Signed(public, string(nonce), raw)
}

// inboxToken is what stands behind the last '#' of a connection's name.
func inboxToken(name string) (string, bool) {
	i := strings.LastIndexByte(name, '#')
	if i < 0 {
		return "", false
	}
	token := name[i+1:]
	return token, len(token) == inboxTokenLen && validID(token)
}
