package queue

import (
	"encoding/base64"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// A worker's replies arrive under workerInbox and a token that the worker drew at random and tells
// the nats-server alone, behind a '#' in its connection's name. Workers share one key, but none may
// subscribe to another's replies: they carry sound.
const (
	workerInbox   = "_INBOX_worker"
	inboxTokenLen = 22
)

// IsWorkerInbox reports whether a subject is one at which a worker hears replies. Who answers workers with
// more rights than theirs replies nowhere else: the reply's subject is the asker's to choose.
func IsWorkerInbox(subject string) bool { return strings.HasPrefix(subject, workerInbox+".") }

// WorkerPermissions lists what the workers' user may publish and subscribe to. An operator of an
// external NATS cluster grants exactly these; the embedded server narrows the inbox to the connection.
func WorkerPermissions() (publish, subscribe []string) {
	for _, stage := range Stages {
		for _, p := range priorities {
			at := streamOf(stage) + "." + consumerOf(p)
			publish = append(publish,
				"$JS.API.CONSUMER.INFO."+at,
				"$JS.API.CONSUMER.MSG.NEXT."+at,
				"$JS.ACK."+at+".>")
		}
	}
	publish = append(publish, SubjectWork)
	subscribe = []string{workerInbox + ".>", SubjectCancelPrefix + "*", SubjectReady}
	return publish, subscribe
}

// gate decides who may connect to the embedded server. It is the server's own nkey check with one
// thing added: a worker's inbox is its own.
type gate struct{ keys *Keys }

// Check is called by nats-server for every connection, the ones in this process too.
func (g gate) Check(c server.ClientAuthentication) bool {
	opts := c.GetOpts()
	if !signed(opts.Nkey, opts.Sig, c.GetNonce()) {
		return false
	}
	switch opts.Nkey {
	case g.keys.serverPublic:
		c.RegisterUser(&server.User{Username: "server"})
		return true
	case g.keys.workerPublic:
		token, ok := inboxToken(opts.Name)
		if !ok {
			return false
		}
		publish, subscribe := WorkerPermissions()
		subscribe[0] = workerInbox + "." + token + ".>"
		c.RegisterUser(&server.User{Username: "worker", Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: publish},
			Subscribe: &server.SubjectPermission{Allow: subscribe},
		}})
		return true
	}
	return false
}

// signed reports whether sig is public's signature of the nonce that the server sent.
func signed(public, sig string, nonce []byte) bool {
	if public == "" || sig == "" || len(nonce) == 0 {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil {
		return false
	}
	user, err := nkeys.FromPublicKey(public)
	if err != nil {
		return false
	}
	return user.Verify(nonce, raw) == nil
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
