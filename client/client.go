// Package client speaks to a Referent server over its HTTP API: makes meetings, uploads recordings so
// that a lost connection costs nothing, watches progress, and fetches results.
//
// Failures come back as *referent.Error with the server's own code; a server that cannot be reached is
// CodeUnavailable. What is not here: anything about the command line.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const apiRoot = "/api/v1"

// Client talks to one server. It is safe for concurrent use.
type Client struct {
	base  string
	token string
	http  *http.Client
	lang  string

	slice int64           // bytes in one PATCH
	waits []time.Duration // between tries; the last is repeated
	tries int             // in a row without progress, before giving up
}

// Option changes a Client.
type Option func(*Client)

// WithLanguage asks for sentences in nb, nn or en.
func WithLanguage(lang string) Option { return func(c *Client) { c.lang = lang } }

// WithHTTPClient uses h. It must not have a Timeout, which would end long uploads and event streams.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// New makes a client of the server at baseURL, e.g. "http://127.0.0.1:8484", with an API token
// ("rft_…"). A bad address shows at the first call, as CodeInvalid.
func New(baseURL, token string, opts ...Option) *Client {
	c := &Client{
		base: strings.TrimRight(baseURL, "/"), token: token,
		http: &http.Client{Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 5 * time.Minute, // a last slice is sealed before it is answered
			MaxIdleConnsPerHost:   4, IdleConnTimeout: time.Minute,
			ForceAttemptHTTP2: true,
		}},
		slice: 16 << 20,
		waits: []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second},
		tries: 20,
	}
	// A redirect would lead to the sign-in page: the token is not understood there.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, o := range opts {
		o(c)
	}
	return c
}

// Create makes a meeting that waits for its recording. Of m, what a person says about a meeting is
// sent; the answer has its ID and State.
func (c *Client) Create(ctx context.Context, m *referent.Meeting) (*referent.Meeting, error) {
	body := map[string]any{"title": m.Title, "place": m.Place, "body": m.Body}
	if !m.Start.IsZero() {
		body["start"] = m.Start
	}
	if m.Kind != "" {
		body["kind"] = m.Kind
	}
	if m.Language != "" {
		body["language"] = m.Language
	}
	if len(m.Participants) > 0 {
		body["participants"] = m.Participants
	}
	if len(m.Agenda) > 0 {
		body["agenda"] = m.Agenda
	}
	if m.Options != (referent.Options{}) {
		body["options"] = m.Options
	}
	return call[referent.Meeting](ctx, c, http.MethodPost, "/meetings", body)
}

// Filter chooses meetings. Zero fields choose everything.
type Filter struct {
	States []referent.State
	After  string // the next of the page before
	Limit  int    // 1 to 200; 0 means 50
}

// List returns a page of meetings, newest first, and what After must be for the next page; "": no more.
func (c *Client) List(ctx context.Context, f Filter) (page []referent.Meeting, next string, err error) {
	q := url.Values{}
	if len(f.States) > 0 {
		states := make([]string, len(f.States))
		for i, st := range f.States {
			states[i] = string(st)
		}
		q.Set("state", strings.Join(states, ","))
	}
	if f.After != "" {
		q.Set("after", f.After)
	}
	if f.Limit != 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	type answer struct {
		Meetings []referent.Meeting `json:"meetings"`
		Next     string             `json:"next"`
	}
	a, err := call[answer](ctx, c, http.MethodGet, "/meetings?"+q.Encode(), nil)
	if err != nil {
		return nil, "", err
	}
	return a.Meetings, a.Next, nil
}

// Get returns a meeting.
func (c *Client) Get(ctx context.Context, id string) (*referent.Meeting, error) {
	return call[referent.Meeting](ctx, c, http.MethodGet, at(id), nil)
}

// Jobs lists a meeting's jobs by stage and chunk.
func (c *Client) Jobs(ctx context.Context, id string) ([]referent.Job, error) {
	jobs, err := call[[]referent.Job](ctx, c, http.MethodGet, at(id)+"/jobs", nil)
	if err != nil {
		return nil, err
	}
	return *jobs, nil
}

// Cancel stops a meeting's work.
func (c *Client) Cancel(ctx context.Context, id string) (*referent.Meeting, error) {
	return call[referent.Meeting](ctx, c, http.MethodPost, at(id)+"/cancel", nil)
}

// Retry goes on with a meeting that failed or was cancelled. writer is "llm" or "builtin" from now on,
// or "" for the one it had.
func (c *Client) Retry(ctx context.Context, id, writer string) (*referent.Meeting, error) {
	path := at(id) + "/retry"
	if writer != "" {
		path += "?writer=" + url.QueryEscape(writer)
	}
	return call[referent.Meeting](ctx, c, http.MethodPost, path, nil)
}

// Remake has the minutes written again.
func (c *Client) Remake(ctx context.Context, id string) (*referent.Meeting, error) {
	return call[referent.Meeting](ctx, c, http.MethodPost, at(id)+"/remake", nil)
}

// Delete erases a meeting and returns the proof.
func (c *Client) Delete(ctx context.Context, id string) (*store.Receipt, error) {
	return call[store.Receipt](ctx, c, http.MethodDelete, at(id), nil)
}

// ResultNames are the results that Result knows.
var ResultNames = []string{"transcript.json", "transcript.md", "transcript.html", "transcript.docx", "transcript.pdf", "transcript.vtt", "transcript.srt",
	"transcript.txt", "transcript.rttm",
	"minutes.json", "minutes.md", "minutes.html", "minutes.docx", "minutes.pdf", "minutes.txt", "recording", "audio"}

// Result writes a result such as "minutes.docx" to w. CodeNotFound: it does not exist, or not yet.
func (c *Client) Result(ctx context.Context, id, name string, w io.Writer) error {
	const op = "client: fetch result"
	if !slices.Contains(ResultNames, name) {
		return referent.E(referent.CodeInvalid, op, nil).WithHint("results are %s", strings.Join(ResultNames, ", "))
	}
	resp, err := c.do(ctx, http.MethodGet, apiRoot+at(id)+"/"+name, nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return referent.E(codeOf(err), op, err)
	}
	return nil
}

func at(id string) string { return "/meetings/" + url.PathEscape(id) }

// call sends body as JSON, unless it is nil, and reads the answer as a T.
func call[T any](ctx context.Context, c *Client, method, path string, body any) (*T, error) {
	const op = "client: call server"
	var r io.Reader
	header := http.Header{}
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, referent.E(referent.CodeInvalid, op, err)
		}
		r = bytes.NewReader(data)
		header.Set("Content-Type", "application/json")
	}
	resp, err := c.do(ctx, method, apiRoot+path, header, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	v := new(T)
	if err := json.NewDecoder(resp.Body).Decode(v); err != nil {
		return nil, unreadable(err)
	}
	return v, nil
}

func unreadable(err error) error {
	return referent.E(referent.CodeUnavailable, "client: call server", err).WithHint("the answer is not what a Referent server gives; check the address")
}

// do sends a request and returns the answer when it is a success. path begins with /.
func (c *Client) do(ctx context.Context, method, path string, header http.Header, body io.Reader) (*http.Response, error) {
	const op = "client: call server"
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err).WithHint("the server's address is like http://127.0.0.1:8484")
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.lang != "" {
		req.Header.Set("Accept-Language", c.lang)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		failed := referent.E(codeOf(err), op, bare(err))
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			return nil, failed.WithHint("this machine does not trust the certificate at %s: is its authority among the system's, and is it valid?", c.base)
		}
		return nil, failed.WithHint("is the server running at %s?", c.base)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, problemOf(resp)
}

// bare takes the address off an error of net/http: it can hold words that somebody searched for.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func codeOf(err error) referent.Code {
	switch {
	case errors.Is(err, context.Canceled):
		return referent.CodeCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return referent.CodeTimeout
	}
	return referent.CodeUnavailable
}

// Problem is what the server said, the cause in the chain of errors of this package.
type Problem struct {
	Status   int           `json:"status"`
	Code     referent.Code `json:"code"`
	Detail   string        `json:"detail"`
	Hint     string        `json:"hint"`
	Instance string        `json:"instance"`
	Version  int           `json:"version"` // the newest, when what was to be changed is not the newest any more

	Resumable bool `json:"-"` // a slice did not fit; the server tells where to go on
}

func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return "HTTP status " + strconv.Itoa(p.Status)
}

func problemOf(resp *http.Response) error {
	p := &Problem{}
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || json.Unmarshal(data, p) != nil || p.Code == "" {
		p = &Problem{Code: codeOfStatus(resp.StatusCode)}
	}
	p.Status = resp.StatusCode
	p.Resumable = resp.Header.Get("Upload-Offset") != ""
	e := referent.E(p.Code, "client: call server", p)
	if p.Hint != "" {
		e = e.WithHint("%s", p.Hint)
	}
	return e
}

// codeOfStatus is for answers that are not from Referent itself: a proxy before it, or another server.
func codeOfStatus(status int) referent.Code {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusSeeOther:
		return referent.CodeUnauthorized
	case status == http.StatusForbidden:
		return referent.CodeForbidden
	case status == http.StatusNotFound || status == http.StatusGone:
		return referent.CodeNotFound
	case status == http.StatusRequestEntityTooLarge:
		return referent.CodeTooLarge
	case status == http.StatusConflict || status == http.StatusLocked:
		return referent.CodeConflict
	case status == http.StatusRequestTimeout || status == http.StatusGatewayTimeout:
		return referent.CodeTimeout
	case status >= 500:
		return referent.CodeUnavailable
	}
	return referent.CodeInvalid
}
