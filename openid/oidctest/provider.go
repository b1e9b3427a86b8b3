// Package oidctest runs a real OpenID provider, node's certified oidc-provider, on loopback for tests. What it
// answers passes through this process, so that a test can put something else in its place.
package oidctest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// Client and Secret are what the provider knows us by.
const (
	Client = "referent"
	Secret = "bare for tester"
)

//go:embed provider.mjs
var program []byte

//go:embed package.json
var manifest []byte

//go:embed package-lock.json
var lock []byte

// Provider is a running provider.
type Provider struct {
	URL string // its issuer

	t      testing.TB
	people string // file

	mu     sync.Mutex
	tamper func(tokens map[string]any)
}

// Start starts a provider that sends people back to the redirect address, and after a sign-out to after. With
// conform it tells claims by userinfo only, as the specification has it; else in the ID token too, as most do.
func Start(t testing.TB, redirect, after string, conform bool) *Provider {
	t.Helper()
	dir := t.TempDir()
	p := &Provider{t: t, people: filepath.Join(dir, "people.json")}
	p.Say(nil)
	var target *url.URL
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Header.Set("X-Forwarded-Host", r.In.Host)
		},
		ModifyResponse: p.changeTokens,
	}
	server := httptest.NewUnstartedServer(proxy)
	p.URL = "http://" + server.Listener.Addr().String()

	settings := filepath.Join(dir, "settings.json")
	write(t, settings, map[string]any{"packages": filepath.Join(packages(t), "package.json"), "issuer": p.URL, "client": Client, "secret": Secret,
		"redirect": redirect, "after": after, "people": p.people, "conform": conform})
	script := filepath.Join(dir, "provider.mjs")
	check(t, os.WriteFile(script, program, 0o600))
	cmd := exec.Command("node", script, settings)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		check(t, cmd.Process.Kill())
		cmd.Wait() // tells that it was killed
	})
	lines := bufio.NewScanner(out)
	for target == nil && lines.Scan() {
		if port, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			target = &url.URL{Scheme: "http", Host: "127.0.0.1:" + port}
		}
	}
	if target == nil {
		t.Fatalf("the provider did not start (node is needed for this test): %s", complaints.String())
	}
	server.Start()
	t.Cleanup(server.Close)
	return p
}

// Say sets what the provider says of people from now on, by subject.
func (p *Provider) Say(people map[string]map[string]any) {
	p.t.Helper()
	if people == nil {
		people = map[string]map[string]any{}
	}
	write(p.t, p.people, people)
}

// Tamper changes the tokens that the provider gives from now on; nil: no more.
func (p *Provider) Tamper(change func(tokens map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = change
}

func (p *Provider) changeTokens(resp *http.Response) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tamper == nil || resp.Request.URL.Path != "/token" || resp.StatusCode != http.StatusOK {
		return nil
	}
	tokens := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&tokens); err != nil {
		return err
	}
	p.tamper(tokens)
	body, err := json.Marshal(tokens)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return err
}

// Browser is a client that keeps cookies and follows redirects, up to the one whose address begins with stop.
func Browser(t testing.TB, stop string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	check(t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if stop != "" && strings.HasPrefix(r.URL.String(), stop) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

var action = regexp.MustCompile(`<form[^>]* action="([^"]+)" method="post"`)

// SignIn opens the address, tells the provider who one is when it asks, and returns the last answer with its
// body read: a redirect that the browser does not follow, or a page.
func (p *Provider) SignIn(browser *http.Client, address, subject string) (resp *http.Response, body string) {
	p.t.Helper()
	resp, err := browser.Get(address)
	for range 2 {
		check(p.t, err)
		data, err := io.ReadAll(resp.Body)
		check(p.t, err)
		check(p.t, resp.Body.Close())
		body = string(data)
		form := action.FindStringSubmatch(body)
		if resp.StatusCode != http.StatusOK || form == nil || !strings.HasPrefix(resp.Request.URL.String(), p.URL) {
			return resp, body
		}
		resp, err = browser.PostForm(p.URL+form[1], url.Values{"login": {subject}})
		check(p.t, err)
	}
	p.t.Fatal("the provider asks again and again")
	return nil, ""
}

// packages installs the pinned provider, checked by the lock file's integrity hashes, into the cache folder, once.
func packages(t testing.TB) string {
	t.Helper()
	cache := os.Getenv("REFERENT_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		check(t, err)
		cache = filepath.Join(home, ".cache", "referent")
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "oidctest", hex.EncodeToString(sum[:8]))
	check(t, os.MkdirAll(dir, 0o755))
	guard := flock.New(dir + ".lock")
	check(t, guard.Lock())
	defer guard.Unlock()
	done := filepath.Join(dir, "complete")
	if _, err := os.Stat(done); err == nil {
		return dir
	}
	check(t, os.WriteFile(filepath.Join(dir, "package.json"), manifest, 0o644))
	check(t, os.WriteFile(filepath.Join(dir, "package-lock.json"), lock, 0o644))
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v (node and npm are needed for this test)\n%s", err, out)
	}
	check(t, os.WriteFile(done, nil, 0o644))
	return dir
}

func write(t testing.TB, path string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	check(t, err)
	check(t, os.WriteFile(path, data, 0o600))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
