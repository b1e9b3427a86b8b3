package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/assets"
	"github.com/referent/referent/web/look"
	"github.com/referent/referent/web/webtest"
)

// fakeAssets stands for the third-party files where a test is about how they are served, not about what is in them.
func fakeAssets() map[string][]byte {
	files := map[string][]byte{}
	for _, name := range assets.Names() {
		files[name] = []byte("/* " + name + " */")
	}
	return files
}

// getWith asks for an address with one header, and returns the whole answer.
func getWith(r *webtest.Rig, at, header, value string) (*http.Response, string) {
	r.T.Helper()
	res := r.Do("GET", at, "", nil, func(q *http.Request) { q.Header.Set(header, value) })
	return res, text(r.T, res)
}

func TestStaticFilesAreKeptByTheirHash(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.Assets = fakeAssets() })
	_, page := getWith(r, "/signin", "Accept-Language", "nb")
	addresses := regexp.MustCompile(`/static/[^"]+`).FindAllString(page, -1)
	if len(addresses) < 3 {
		t.Fatalf("the page loads %v", addresses)
	}
	for _, at := range addresses {
		res, _ := getWith(r, at, "Accept", "*/*")
		if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || res.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %s, %v", at, res.Status, res.Header)
		}
		// The same file under no hash, or that of another build, is asked for each time.
		name := at[strings.LastIndex(at, "/")+1:]
		for _, other := range []string{"/static/" + name, "/static/0123456789abcdef/" + name} {
			plain, _ := getWith(r, other, "Accept", "*/*")
			if plain.StatusCode != http.StatusOK || plain.Header.Get("Cache-Control") != "no-cache" || plain.Header.Get("ETag") != res.Header.Get("ETag") {
				t.Errorf("%s: %s, %v", other, plain.Status, plain.Header)
			}
			if again, _ := getWith(r, other, "If-None-Match", plain.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
				t.Errorf("%s again: %s", other, again.Status)
			}
		}
	}
	for _, at := range []string{"/static/none.css", strings.TrimSuffix(addresses[0], filepath.Base(addresses[0])) + "none.css"} {
		if res, _ := getWith(r, at, "Accept", "*/*"); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", at, res.Status)
		}
	}
}

// A program built without the third-party files says so, in the log once and on each page in the reader's
// language, and does everything else.
func TestWithoutAssets(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) { c.Assets = map[string][]byte{} })
	if n := strings.Count(r.Log.String(), "make assets"); n != 1 {
		t.Errorf("the log says so %d times: %s", n, r.Log)
	}
	for _, lang := range locale.Languages {
		_, page := getWith(r, "/signin", "Accept-Language", lang)
		if !strings.Contains(page, locale.T(lang, "look.plain")) {
			t.Errorf("%s: the page does not say so", lang)
		}
		for _, name := range assets.Names() {
			if strings.Contains(page, name) {
				t.Errorf("%s: the page loads %s, which is not there", lang, name)
			}
		}
	}
	r.User("kari", false)
	if res, _ := getWith(r, "/api/v1/meetings", "Authorization", "Bearer "+r.Token("kari", store.ScopeRead)); res.StatusCode != http.StatusOK {
		t.Errorf("the API answers %s", res.Status)
	}
	with := webtest.Start(t, func(c *web.Config) { c.Assets = fakeAssets() })
	if _, page := getWith(with, "/signin", "Accept-Language", "nb"); strings.Contains(page, "make assets") || strings.Contains(with.Log.String(), "make assets") {
		t.Error("a whole program says that something is missing")
	}
}

// An address without the hash loads a script a second time, beside the one that other scripts import.
func TestTemplatesAskForAddresses(t *testing.T) {
	for _, pattern := range []string{"templates/*.html", "static/*.js", "static/*.css"} {
		names := must(filepath.Glob(pattern))(t)
		if len(names) == 0 {
			t.Fatalf("no %s", pattern)
		}
		for _, name := range names {
			if body := must(os.ReadFile(name))(t); strings.Contains(string(body), "/static/") {
				t.Errorf(`%s names /static/ itself: a template says {{.Static "name"}}, a script or style imports "./name"`, name)
			}
		}
	}
}

// What the set-up brings and what the program embeds are the same list.
func TestAssetsAreWhatTheSetUpBrings(t *testing.T) {
	script := string(must(os.ReadFile("../setup/assets.sh"))(t))
	brought := regexp.MustCompile(`(?m)^put \S+ (\S+)$`).FindAllStringSubmatch(script, -1)
	if len(brought) != len(assets.Names())-1 || !strings.Contains(script, `"$dist/`+assets.Licences+`"`) {
		t.Errorf("the script puts %d files and the licences, the program wants %v", len(brought), assets.Names())
	}
	for _, m := range brought {
		if !strings.Contains(strings.Join(assets.Names(), " "), m[1]) {
			t.Errorf("nothing wants %s", m[1])
		}
	}
}

// The organisation's name, logo and colour are on each page, and its logo can do nothing but be looked at.
func TestOrganisationIsShown(t *testing.T) {
	logo := filepath.Join(t.TempDir(), "logo.svg")
	webtest.Check(t, os.WriteFile(logo, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><script>alert(1)</script></svg>`), 0o600))
	own := must(look.Load("Fjordvik & Sund kommune", logo, "#c8102e"))(t)
	r := webtest.Start(t, func(c *web.Config) { c.Assets, c.Look = fakeAssets(), own })
	_, page := getWith(r, "/signin", "Accept-Language", "nb")
	at := regexp.MustCompile(`<img src="(/static/[0-9a-f]+/logo\.svg)" alt="Fjordvik &amp; Sund kommune"`).FindStringSubmatch(page)
	theme := regexp.MustCompile(`href="(/static/[0-9a-f]+/theme\.css)"`).FindStringSubmatch(page)
	if at == nil || theme == nil || !strings.Contains(page, "– Referent – Fjordvik &amp; Sund kommune</title>") {
		t.Fatalf("the page shows none of it: %s", page)
	}
	res, _ := getWith(r, at[1], "Accept", "*/*")
	if res.Header.Get("Content-Security-Policy") != look.LogoPolicy || res.Header.Get("Content-Type") != "image/svg+xml" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the logo comes with %v", res.Header)
	}
	if _, css := getWith(r, theme[1], "Accept", "*/*"); !strings.Contains(css, "--ds-color-accent-base-default: #c8102e;") {
		t.Errorf("the theme is %s", css)
	}
	// Another logo is another address: what a browser has kept of the old one is never asked for again.
	other := must(look.Load("Fjordvik & Sund kommune", logo, "#005b7f"))(t)
	again := webtest.Start(t, func(c *web.Config) { c.Assets, c.Look = fakeAssets(), other })
	if _, page := getWith(again, "/signin", "Accept-Language", "nb"); strings.Contains(page, theme[1]) {
		t.Error("two themes have one address")
	}
}
