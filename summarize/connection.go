package summarize

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	openai "github.com/sashabaranov/go-openai"
)

// connection is the only way out to an endpoint. It reaches no host but those allowed, looks through each
// request before it goes, and logs that it went.
type connection struct {
	e    *referent.Endpoint
	key  string
	host string
	http *http.Client
	chat *openai.Client
}

// connect prepares the way to an endpoint that Allowed has let through. local: it is on this machine, and
// every connection must be.
func (w *Writer) connect(e *referent.Endpoint, local bool, v *veil) *connection {
	allowed := e.Allowed
	if local {
		allowed = nil
	}
	client := w.client(allowed)
	l := &connection{e: e, key: w.cfg.APIKey, http: client}
	if u, err := url.Parse(e.BaseURL); err == nil {
		l.host = u.Host
	}
	client.Transport = &outgoing{next: client.Transport, log: w.cfg.Log, veil: v}
	cfg := openai.DefaultConfig(w.cfg.APIKey)
	if e.API == referent.APIAzure {
		cfg = openai.DefaultAzureConfig(w.cfg.APIKey, "")
		cfg.APIVersion = azureVersion(e)
		cfg.AzureModelMapperFunc = url.PathEscape // the deployment's name as it is
	}
	cfg.BaseURL = strings.TrimSuffix(e.BaseURL, "/")
	cfg.HTTPClient = client
	l.chat = openai.NewClientWithConfig(cfg)
	return l
}

func (l *connection) close() { l.http.CloseIdleConnections() }

func azureVersion(e *referent.Endpoint) string {
	if e.APIVersion != "" {
		return e.APIVersion
	}
	return referent.DefaultAzureVersion
}

// The purposes of calls, in the log.
const (
	purposeProbe   = "probe"   // asks what the server is; holds no text
	purposeCount   = "count"   // asks how many tokens a text has
	purposeMinutes = "minutes" // asks for the minutes of a part
)

// outcall is what one request is for, and what its answer's header said. It travels in the context.
type outcall struct {
	purpose string
	wait    time.Duration // that the server asks for before the next request
}

type outcallKey struct{}

func withOutcall(ctx context.Context, c *outcall) context.Context {
	return context.WithValue(ctx, outcallKey{}, c)
}

// errLeak stops a request that holds what was to be masked.
var errLeak = errors.New("the request holds something that is to be masked")

// outgoing is the last that sees a request: what it does not stop has left the program.
type outgoing struct {
	next http.RoundTripper
	log  *slog.Logger
	veil *veil
}

// CloseIdleConnections passes on what an http.Client asks of its transport.
func (o *outgoing) CloseIdleConnections() { (&http.Client{Transport: o.next}).CloseIdleConnections() }

func (o *outgoing) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, errors.Join(err, req.Body.Close())
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	call, ok := req.Context().Value(outcallKey{}).(*outcall)
	if !ok {
		call = &outcall{}
	}
	log := o.log.With("host", req.URL.Host, "bytes", len(body), "purpose", call.purpose)
	if o.veil.leaks(body) {
		log.Error("a call to the language model was stopped: it holds what is to be masked")
		return nil, errLeak
	}
	sent := req.Clone(req.Context())
	if body != nil {
		sent.Body = io.NopCloser(bytes.NewReader(body))
	}
	start := time.Now()
	res, err := o.next.RoundTrip(sent)
	status := 0
	if err == nil {
		status = res.StatusCode
		call.wait = retryAfter(res.Header.Get("Retry-After"), time.Now())
	}
	log.Info("called the language model", "status", status, "seconds", time.Since(start).Seconds())
	return res, err
}

// maxWait bounds how long a server is waited for because it asks for it: a job in which nothing moves for
// much longer than one call takes is taken to hang.
const maxWait = 45 * time.Second

// retryAfter reads the header: seconds or a day and time. What is neither is no wait.
func retryAfter(header string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if s, err := strconv.ParseFloat(header, 64); err == nil && s > 0 && s < 1e6 {
		wait = time.Duration(s * float64(time.Second))
	} else if t, err := http.ParseTime(header); err == nil {
		wait = t.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}
