package summarize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
)

// Allowed returns an error with CodeLLMForbidden unless the endpoint is on this machine, by a literal
// loopback address or the name "localhost", or its host is listed in e.Allowed.
func Allowed(e *referent.Endpoint) error {
	const op = "summarize: check endpoint"
	u, err := url.Parse(e.BaseURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		// The URL is not repeated: it can hold a password.
		return referent.E(referent.CodeLLMForbidden, op, errors.New("not an http or https address"))
	}
	host := hostname(u.Hostname())
	if listed(e.Allowed, host, portOf(u)) || host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	return referent.E(referent.CodeLLMForbidden, op, fmt.Errorf("host %s is not on the allow-list", host)).
		WithHint("use an address on this machine, or let an administrator list the host as allowed")
}

func hostname(s string) string { return strings.TrimSuffix(strings.ToLower(s), ".") }

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// listed reports whether host:port is on an allow-list of hosts and hosts with ports.
func listed(list []string, host, port string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		entry = hostname(strings.TrimSpace(entry))
		if h, p, err := net.SplitHostPort(entry); err == nil {
			return hostname(h) == host && p == port
		}
		return strings.Trim(entry, "[]") == host
	})
}

// errForbidden is what the dialer and the redirect check return: a place that Allowed did not see.
var errForbidden = errors.New("the connection would leave the allowed hosts")

// errHuge is what a body returns that is longer than any answer can be.
var errHuge = errors.New("the answer is too large")

// maxBody bounds what one call may answer, in bytes.
const maxBody = 8 << 20

// client is an HTTP client that can only reach loopback and the hosts of a list: the rule of Allowed is
// enforced again on every connection, after the name is resolved, and on every redirect. Proxies from
// the environment are not used, since a proxy is a host that nobody listed.
func (w *Writer) client(allowed []string) *http.Client {
	tr := &http.Transport{
		MaxIdleConnsPerHost:   2,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	if w.cfg.HTTP != nil {
		if base, ok := w.cfg.HTTP.Transport.(*http.Transport); ok && base.TLSClientConfig != nil {
			tr.TLSClientConfig = base.TLSClientConfig.Clone()
		}
	}
	tr.DialContext = w.net.guarded(allowed)
	return &http.Client{
		Transport: boundedBody{tr},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > 5 || req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
				return errForbidden
			}
			return nil
		},
	}
}

// network is how names are resolved and addresses connected to.
type network struct {
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
}

var system = network{
	lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	},
	dial: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
}

// local reports whether every address of the endpoint is loopback. One that cannot be resolved is not.
func (w *Writer) local(ctx context.Context, e *referent.Endpoint) bool {
	u, err := url.Parse(e.BaseURL)
	if err != nil {
		return false
	}
	ips, err := w.net.lookup(ctx, hostname(u.Hostname()))
	return err == nil && len(ips) > 0 && !slices.ContainsFunc(ips, beyond)
}

// beyond reports whether an address is on another machine.
func beyond(ip netip.Addr) bool { return !ip.Unmap().IsLoopback() }

// guarded connects to listed hosts as they are and to all others only when every address behind the name
// is loopback, so that a name cannot lead out of the machine. What was looked up is what is connected to.
func (n network) guarded(allowed []string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		if listed(allowed, hostname(host), port) {
			return n.dial(ctx, network, addr)
		}
		ips, err := n.lookup(ctx, host)
		if err != nil {
			return nil, err
		}
		if len(ips) == 0 || slices.ContainsFunc(ips, beyond) {
			return nil, errForbidden
		}
		var conn net.Conn
		for _, ip := range ips {
			if conn, err = n.dial(ctx, network, net.JoinHostPort(ip.Unmap().String(), port)); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
}

type boundedBody struct{ next http.RoundTripper }

// CloseIdleConnections is what an http.Client looks for in its transport: without it connections stay until they time out.
func (b boundedBody) CloseIdleConnections() { (&http.Client{Transport: b.next}).CloseIdleConnections() }

func (b boundedBody) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(req)
	if err == nil {
		res.Body = &limitedBody{ReadCloser: res.Body, left: maxBody}
	}
	return res, err
}

type limitedBody struct {
	io.ReadCloser
	left int
}

func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errHuge
	}
	n, err := l.ReadCloser.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
