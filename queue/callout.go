package queue

import (
	"context"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
)

// admittedFor is how long a connection to a cluster lives before it is asked for anew. A revoked worker's is closed at
// once; this is for the case that the word does not reach the server that has it.
const admittedFor = 15 * time.Minute

// answer tells a nats-server of the cluster whether a worker may connect, and what it may do. Silence would cost the
// asker its whole time of waiting, so a refusal is said.
func (c *Cluster) answer(m *nats.Msg) {
	req, err := jwt.DecodeAuthorizationRequestClaims(string(m.Data))
	if err != nil {
		c.cfg.Log.Warn("nats: unreadable question who may connect", "error", err)
		return
	}
	reply := jwt.NewAuthorizationResponseClaims(req.UserNkey)
	reply.Audience = req.Server.ID
	if reply.Jwt, err = c.admitted(req); err != nil {
		c.cfg.Log.Info("nats: worker not let in", "key", printableKey(req.ConnectOptions.Nkey), "error", err)
		reply.Error = "not admitted"
	}
	text, err := reply.Encode(c.issuer)
	if err == nil {
		err = m.Respond([]byte(text))
	}
	if err != nil {
		c.cfg.Log.Warn("nats: who may connect was not answered", "error", err)
	}
}

// admitted is the user that the asker is let in as: signed, and with the same permissions as the embedded server gives.
func (c *Cluster) admitted(req *jwt.AuthorizationRequestClaims) (string, error) {
	const op = "queue: admit worker"
	o := req.ConnectOptions
	if !signed(o.Nkey, o.SignedNonce, []byte(req.ClientInformation.Nonce)) {
		return "", referent.E(referent.CodeForbidden, op, nil).WithHint("the connection is not signed with a key")
	}
	token, ok := inboxToken(o.Name)
	if !ok || c.cfg.Admit == nil {
		return "", referent.E(referent.CodeForbidden, op, nil).WithHint("the connection has no inbox of its own")
	}
	ctx, cancel := context.WithTimeout(context.Background(), admitLimit)
	defer cancel()
	a, err := c.cfg.Admit(ctx, o.Nkey)
	if err != nil {
		return "", err
	}
	u := jwt.NewUserClaims(req.UserNkey)
	u.Name, u.Audience = o.Nkey, account
	u.Expires = time.Now().Add(c.admittedFor).Unix()
	publish, subscribe := WorkerPermissions(o.Nkey, token, a.Stages)
	u.Permissions.Pub.Allow.Add(publish...)
	u.Permissions.Sub.Allow.Add(subscribe...)
	u.AllowedConnectionTypes.Add(jwt.ConnectionTypeStandard)
	return u.Encode(c.issuer)
}

// printableKey is what a stranger says its key is, as far as it can stand in a log.
func printableKey(key string) string {
	if !IsWorkerKey(key) {
		return "none"
	}
	return key
}
