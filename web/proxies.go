package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded are the headers that tell that a request came through a proxy.
var forwarded = []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Host", "X-Forwarded-Proto", "Via"}

// fromThisMachine reports whether the request was made on this machine: the connection comes from loopback, and no proxy
// here made it for somebody elsewhere. Anybody can write such headers; who does has less by it.
func fromThisMachine(r *http.Request) bool {
	addr, ok := remoteAddr(r)
	return ok && addr.IsLoopback() && !slices.ContainsFunc(forwarded, func(name string) bool { return len(r.Header.Values(name)) > 0 })
}

// remoteAddr is the other end of the connection.
func remoteAddr(r *http.Request) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	return parseAddr(host)
}

func parseAddr(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	return addr.Unmap().WithZone(""), err == nil
}

// visitorAddr is where a request came from: the last hop that is none of our own proxies, each of which is believed in
// what it adds to X-Forwarded-For, and nobody else.
func (s *Server) visitorAddr(r *http.Request) (netip.Addr, bool) {
	addr, ok := remoteAddr(r)
	if !ok {
		return addr, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.isProxy(addr) {
			break
		}
		hop = strings.TrimSpace(hop)
		if next, ok := parseAddr(hop); ok {
			addr = next
		} else if next, err := netip.ParseAddrPort(hop); err == nil {
			addr = next.Addr().Unmap().WithZone("")
		} else {
			break // what stands before is nobody's word
		}
	}
	return addr, true
}

func (s *Server) isProxy(addr netip.Addr) bool {
	return slices.ContainsFunc(s.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
