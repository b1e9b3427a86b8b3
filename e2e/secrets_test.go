package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
)

// marked are secrets of which none may be in any output, by what they are.
type marked map[string]string

// in names the marks that a text has, as they are or as somebody writes them on the way.
func (m marked) in(text string) (found []string) {
	for what, secret := range m {
		if slices.ContainsFunc(written(secret), func(form string) bool { return strings.Contains(text, form) }) {
			found = append(found, what)
		}
	}
	return found
}

// written are the forms that a secret has on pages, in addresses, JSON and headers, where it may stand behind a name.
func written(secret string) []string {
	inJSON, _ := json.Marshal(secret) // a string has a form
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), strings.Trim(fmt.Sprintf("%q", secret), `"`),
		strings.Trim(string(inJSON), `"`), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)}
	for _, base64 := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 3 {
			text := base64.EncodeToString([]byte(strings.Repeat(" ", before) + secret))
			// What shares a letter with what stands before it or behind is left out.
			forms = append(forms, text[(8*before+5)/6:(before+len(secret))*8/6])
		}
	}
	return forms
}

// The search finds a secret as programs write it, so that its silence says something.
func TestSecretsAreFoundAsWritten(t *testing.T) {
	const secret = "Merket+hemmelighet/<x>&\"y\"=9$"
	m := marked{"it": secret}
	inJSON, err := json.Marshal(map[string]string{"k": secret})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"plain":   "key=" + secret + ";",
		"page":    "<td>" + html.EscapeString(secret) + "</td>",
		"query":   "?" + url.Values{"k": {secret}}.Encode(),
		"JSON":    string(inJSON),
		"log":     fmt.Sprintf("%q", secret),
		"basic":   "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+secret)),
		"basic 3": "Basic " + base64.StdEncoding.EncodeToString([]byte("usr:"+secret+"!")),
		"token":   base64.RawURLEncoding.EncodeToString([]byte("a" + secret + "bc")),
	} {
		if m.in(text) == nil {
			t.Errorf("%s: not found in %s", name, text)
		}
	}
	if m.in("Merket hemmelighet") != nil {
		t.Error("found where it is not")
	}
}

// Every secret of the configuration, and those that the program makes, are in nothing that it prints: not in its
// configuration, its reports, its errors, its log at the finest level, its metrics, or what the runtime prints of a
// program that is broken off.
func TestSecretsAreNeverPrinted(t *testing.T) {
	secrets := marked{}
	for _, name := range []string{"ADMIN_PASSWORD", "DATABASE_PASSWORD", "BLOBS_SECRET_KEY", "LLM_API_KEY", "OIDC_CLIENT_SECRET"} {
		secrets[name] = "Merket+hemmelighet/" + name + "=9$"
	}
	env := func(names ...string) (all []string) {
		for _, n := range names {
			all = append(all, "REFERENT_"+n+"="+secrets[n])
		}
		return all
	}
	clean := func(where, text string) {
		t.Helper()
		if found := secrets.in(text); found != nil {
			t.Errorf("%s tells %v:\n%s", where, found, text)
		}
	}

	// An endpoint that refuses everybody, and says why with what it was given.
	var mu sync.Mutex
	got := ""
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		mu.Lock()
		got += fmt.Sprint(r.Header)
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"wrong key: %s %d bytes","type":"auth"}}`, r.Header.Get("Authorization"), len(body))
	}))
	defer refusing.Close()
	const nobody = "127.0.0.1:9" // no program listens
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	free.Close()
	llm := append(env("LLM_API_KEY"), "REFERENT_LLM_URL="+refusing.URL+"/v1", "REFERENT_LLM_MODEL=m")
	oidc := append(env("OIDC_CLIENT_SECRET"), "REFERENT_OIDC_ISSUER="+refusing.URL, "REFERENT_OIDC_CLIENT_ID=referent", "REFERENT_PUBLIC_URL=http://"+listen)
	database := append(env("DATABASE_PASSWORD"), "REFERENT_DATABASE_URL=postgres://referent@"+nobody+"/referent")
	blobs := append(env("BLOBS_SECRET_KEY"), "REFERENT_BLOBS_ENDPOINT="+refusing.URL, "REFERENT_BLOBS_BUCKET=b", "REFERENT_BLOBS_ACCESS_KEY=AKIA")
	all := slices.Concat(llm, oidc, database, blobs, env("ADMIN_PASSWORD"))

	for _, args := range [][]string{{"config"}, {"config", "--json"}, {"doctor"}, {"doctor", "--json"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			dir := t.TempDir()
			out, errs, _ := referentRun(t, append(slices.Clone(all), "REFERENT_DATA_DIR="+dir), args...)
			clean(strings.Join(args, " "), out+errs)
			if args[0] == "config" && !strings.Contains(out, "***") {
				t.Errorf("config does not show that the secrets are set:\n%s%s", out, errs)
			}
		})
	}
	for name, c := range map[string][]string{"database": database, "blobs": blobs, "url": append(env("DATABASE_PASSWORD"), "REFERENT_DATABASE_URL=postgres://referent:"+url.QueryEscape(secrets["DATABASE_PASSWORD"])+"@"+nobody+"/referent")} {
		t.Run("serve without "+name, func(t *testing.T) {
			out, errs, code := referentRun(t, c, "serve", "--json", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--log-level", "debug")
			clean("serve", out+errs)
			if code == 0 {
				t.Error("it served")
			}
		})
	}

	// A server that works, and is broken off at the end.
	data := t.TempDir()
	var out, log lines
	cmd := exec.Command(program, "serve", "--json", "--data-dir", data, "--listen", listen, "--log-level", "debug", "--workers", "1")
	cmd.Env = slices.Concat(os.Environ(), llm, oidc, env("ADMIN_PASSWORD"), []string{"GOTRACEBACK=all"})
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill()
	eventually(t, 60*time.Second, "the server serves", func() bool { return strings.Contains(out.String(), `"serving"`) })
	var local struct{ URL, Token string }
	raw, err := os.ReadFile(filepath.Join(data, "keys", "local.json"))
	if err == nil {
		err = json.Unmarshal(raw, &local)
	}
	if err != nil {
		t.Fatal(err)
	}
	made := keysIn(t, filepath.Join(data, "keys"))
	if len(made) < 2 {
		t.Errorf("only %d secrets were found among the server's keys", len(made))
	}
	for what, secret := range made {
		secrets[what] = secret
	}
	secrets["local token"] = local.Token

	ask := func(method, path, token string, form url.Values) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, local.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := (&http.Transport{}).RoundTrip(req) // follows nothing
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for _, c := range res.Cookies() {
			if c.Value != "" {
				secrets["cookie of "+path] = c.Value
			}
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.Status + string(body)
	}
	for _, password := range []string{secrets["ADMIN_PASSWORD"], secrets["ADMIN_PASSWORD"] + "x"} {
		answer := ask("POST", "/signin", "", url.Values{"name": {"admin"}, "password": {password}})
		clean("signing in", answer)
		if right := password == secrets["ADMIN_PASSWORD"]; right != strings.HasPrefix(answer, "303") {
			t.Errorf("signing in is answered %.60s", answer)
		}
		clean("signing in with it as the name", strings.ReplaceAll(ask("POST", "/signin", "", url.Values{"name": {"nobody"}, "password": {password}}), "nobody", ""))
	}
	for _, c := range []struct{ method, path string }{{"GET", "/signin/oidc"}, {"GET", "/metrics"}, {"GET", "/admin/endpoints"}, {"GET", "/admin/operations"}, {"GET", "/api/v1/operations"},
		{"GET", "/api/v1/endpoints"}, {"GET", "/admin/log"}, {"GET", "/api/v1/audit"}, {"GET", "/api/v1/meetings/finnes-ikke"}} {
		clean(c.path, ask(c.method, c.path, local.Token, nil))
		clean(c.path+" with a wrong token", ask(c.method, c.path, local.Token+"x", nil))
	}
	api := client.New(local.URL, local.Token)
	m, err := api.Create(t.Context(), &referent.Meeting{Title: "Prøve", Kind: referent.KindReferat, Language: referent.Bokmal, Options: referent.Options{Writer: "llm"}})
	if err == nil {
		err = api.UploadFile(t.Context(), m.ID, example("statusmote-nynorsk.vtt"), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, "the endpoint refuses the key", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(got, secrets["LLM_API_KEY"])
	})
	eventually(t, 2*time.Minute, "the minutes fail", func() bool {
		m, err := api.Get(t.Context(), m.ID)
		return err == nil && m.Failure != nil
	})
	stdout, stderr, _ := referentRun(t, nil, "show", m.ID, "--json", "--data-dir", data)
	clean("show", stdout+stderr)
	stdout, stderr, _ = referentRun(t, nil, "list", "--server", local.URL, "--token", local.Token+"x")
	clean("a wrong token", stdout+stderr)

	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil { // prints every goroutine, as a panic does
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Fatal("it did not end")
	}
	clean("its answer", out.String())
	clean("its log", log.String())
	if !strings.Contains(log.String(), "level=DEBUG") || !strings.Contains(log.String(), "goroutine 1") {
		t.Errorf("the log holds neither debugging nor goroutines: %.2000s", log.String())
	}
}

// keysIn are the secrets in the files of a folder: tokens, seeds and keys, a line each or a string of JSON.
func keysIn(t *testing.T, dir string) marked {
	t.Helper()
	found := marked{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune("\n\r \t\",{}", r) }) {
			public := strings.HasPrefix(line, "age1") || strings.HasPrefix(line, "http") || strings.HasPrefix(line, "nats") || strings.HasPrefix(line, "-----") || strings.HasPrefix(line, "tls")
			if len(line) >= 32 && !public {
				found[fmt.Sprint(filepath.Base(path), " ", i)] = line
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// lines keeps all that is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
