package summarize

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
)

// speaking is a server that answers every connection with these bytes and nothing else.
func speaking(t *testing.T, answer string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			// The request is read first: a connection that is closed before would be reset.
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				io.Copy(io.Discard, req.Body)
			}
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// Whatever goes wrong on the way, the error says one of our own sentences: nothing of what the server said,
// of where it sends us, or of what stands in the address.
func TestCause(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	plain, _ := listening(t)
	for name, c := range map[string]struct {
		url  string
		want error
	}{
		"nobody there":     {"http://127.0.0.1:1/v1", errNoServer},
		"no such host":     {"http://fnatthode.example/v1", errUnknownHost},
		"no certificate":   {"https://" + secure.Listener.Addr().String() + "/v1", errTLS},
		"no TLS":           {"https://" + plain + "/v1", errTLS},
		"no word":          {"http://" + speaking(t, "") + "/v1", errBroken},
		"no HTTP":          {"http://" + speaking(t, "Fnatthode sier ja\r\n\r\n") + "/v1", errTransport},
		"a broken header":  {"http://" + speaking(t, "HTTP/1.1 200 OK\r\nFnatthode sier ja\r\n\r\n") + "/v1", errTransport},
		"a broken target":  {"http://" + speaking(t, "HTTP/1.1 302 Found\r\nLocation: http://[Fnatthode\r\n\r\n") + "/v1", errTransport},
		"slow":             {"http://" + silent.Listener.Addr().String() + "/v1", errTimeout},
		"a user's address": {"http://fnatthode:hemmelig@127.0.0.1:1/v1", errNoServer},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(Config{Retries: -1, Backoff: time.Millisecond})
			w.net = network{lookup: (&resolver{}).network().lookup, dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if strings.HasPrefix(addr, "fnatthode") {
					return nil, &net.DNSError{Err: "no such host", Name: addr, IsNotFound: true}
				}
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}}
			e := &referent.Endpoint{BaseURL: c.url, Model: "m", Allowed: []string{"fnatthode.example"}, Timeout: 300 * time.Millisecond}
			m := &referent.Meeting{}
			_, probed := w.probe(t.Context(), e)
			_, asked := w.Write(t.Context(), m, withNames(t, m), e, nil)
			for _, err := range []error{probed, asked} {
				if referent.CodeOf(err) != referent.CodeLLMUnreachable || !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
				for _, secret := range []string{"natthode", "hemmelig"} {
					if err != nil && strings.Contains(err.Error(), secret) {
						t.Errorf("told: %v", err)
					}
				}
			}
		})
	}
}
