package queue

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// asking is a connection as nats-server shows it to whoever decides: signed by a key, from an address.
type asking struct {
	t    *testing.T
	from string
	pair nkeys.KeyPair
}

func (a asking) GetTLSConnectionState() *tls.ConnectionState { return nil }
func (a asking) GetNonce() []byte                            { return []byte("nonce") }
func (a asking) RegisterUser(*server.User)                   {}
func (a asking) RemoteAddress() net.Addr                     { return &net.TCPAddr{IP: net.ParseIP(a.from), Port: 1} }
func (a asking) Kind() int                                   { return 0 }
func (a asking) GetID() uint64                               { return 1 }
func (a asking) GetOpts() *server.ClientOpts {
	sig, err := a.pair.Sign(a.GetNonce())
	if err != nil {
		a.t.Fatal(err)
	}
	public, err := a.pair.PublicKey()
	if err != nil {
		a.t.Fatal(err)
	}
	return &server.ClientOpts{Nkey: public, Sig: base64.RawURLEncoding.EncodeToString(sig), Name: "x#aaaaaaaaaaaaaaaaaaaaaa"}
}

// A server's own workers come from its machine, over whichever of its addresses; an own key that another replaced
// opens nothing.
func TestGateKnowsItsOwnMachine(t *testing.T) {
	k, err := LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	replaced, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	g := gate{keys: k, admit: func(context.Context, string) (Admission, error) { return Admission{Own: true}, nil },
		here: func() ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.ParseIP("10.0.0.5"), Mask: net.CIDRMask(24, 32)}}, nil
		}}
	for _, c := range []struct {
		from string
		pair nkeys.KeyPair
		want bool
	}{
		{"127.0.0.1", k.worker, true}, {"::1", k.worker, true}, {"10.0.0.5", k.worker, true}, {"10.0.0.6", k.worker, false},
		{"203.0.113.9", replaced, false}, {"127.0.0.1", replaced, false},
	} {
		if got := g.Check(asking{t, c.from, c.pair}); got != c.want {
			t.Errorf("from %s, own key %v: let in %v", c.from, c.pair == k.worker, got)
		}
	}
	g.here = func() ([]net.Addr, error) { return nil, errors.New("not told") }
	if g.Check(asking{t, "10.0.0.5", k.worker}) {
		t.Error("let in though nobody knows the machine's addresses")
	}
	g.here = nil
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		if ip := a.(*net.IPNet).IP; !g.Check(asking{t, ip.String(), k.worker}) {
			t.Errorf("refused from the machine's own %s", ip)
		}
	}
}
