package chaos

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// backend is the key of the context under which a request has its server.
type backend struct{}

// balancer stands before several servers, as docs/servers.md asks for: it goes to those in turn that say they are ready,
// request by request, so that no two steps of anything are at the same server for long.
type balancer struct {
	front *httptest.Server
	ask   *http.Client
	ends  chan struct{}
	asks  sync.WaitGroup

	mu    sync.Mutex
	all   []string // host:port
	ready map[string]bool
	turn  int
	gave  map[string]int // requests
}

func newBalancer(t *testing.T, servers ...string) *balancer {
	t.Helper()
	pipes := &http.Transport{MaxIdleConnsPerHost: 16, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext}
	b := &balancer{all: servers, ready: map[string]bool{}, gave: map[string]int{}, ends: make(chan struct{}),
		ask: &http.Client{Timeout: 6 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
	proxy := &httputil.ReverseProxy{
		Transport: pipes, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: r.In.Context().Value(backend{}).(string)})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorHandler: func(rw http.ResponseWriter, r *http.Request, err error) { // r is the one that went out
			if o, ok := errors.AsType[*net.OpError](err); ok && o.Op == "dial" {
				b.set(r.URL.Host, false)
			}
			rw.WriteHeader(http.StatusBadGateway)
		},
	}
	b.front = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		to := b.next()
		if to == "" {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), backend{}, to)))
	}))
	for _, s := range servers {
		b.asks.Go(func() { b.watch(s) })
	}
	t.Cleanup(func() {
		close(b.ends)
		b.asks.Wait()
		b.front.CloseClientConnections()
		b.front.Close()
		pipes.CloseIdleConnections()
	})
	return b
}

func (b *balancer) address() string { return b.front.Listener.Addr().String() }

// watch asks a server now and then whether it is ready.
func (b *balancer) watch(server string) {
	for {
		res, err := b.ask.Get("http://" + server + "/readyz")
		if err == nil {
			res.Body.Close()
		}
		b.set(server, err == nil && res.StatusCode == http.StatusOK)
		select {
		case <-b.ends:
			return
		case <-time.After(250 * time.Millisecond):
		}
	}
}

func (b *balancer) set(server string, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready[server] = ready
}

// next is "" while none is ready.
func (b *balancer) next() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.all {
		b.turn++
		if s := b.all[b.turn%len(b.all)]; b.ready[s] {
			b.gave[s]++
			return s
		}
	}
	return ""
}

// readyNow counts the servers that are.
func (b *balancer) readyNow() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.all {
		if b.ready[s] {
			n++
		}
	}
	return n
}

// given are the requests that each server got.
func (b *balancer) given() (all []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.all {
		all = append(all, b.gave[s])
	}
	return all
}
