package openid

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/referent/referent"
)

const (
	patience  = 10 * time.Second // for one answer of the provider
	maxAnswer = 1 << 20          // bytes; keys and tokens are far smaller
)

// newClient makes a client that reaches these hosts only. Others may stand in what the provider says of itself.
func newClient(hosts []string) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &http.Client{
		Timeout:       patience,
		Transport:     &guarded{hosts, transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guarded refuses hosts that were not configured, and bounds what the others answer.
type guarded struct {
	hosts []string
	next  http.RoundTripper
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !referent.Loopback(r.URL.Hostname()) {
		return nil, errors.New("the provider is reached over TLS only: " + r.URL.Host)
	}
	if !slices.Contains(g.hosts, r.URL.Host) && !slices.Contains(g.hosts, r.URL.Hostname()) {
		return nil, errors.New("the provider names a host that oidc.allowed does not: " + r.URL.Host)
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}
