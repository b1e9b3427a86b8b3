package web_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeRun asks axe-core for what breaks WCAG 2.0 and 2.1 at the levels A and AA, and for a few rules beside them
// that help whoever hears the page. The one rule that another colour scheme can break is asked for alone.
const axeRun = `((within, contrast) => axe.run(within, {
	runOnly: contrast ? ['color-contrast'] : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] },
	rules: contrast ? {} : Object.fromEntries(['duplicate-id', 'empty-heading', 'heading-order', 'label-title-only', 'landmark-one-main',
		'landmark-unique', 'page-has-heading-one', 'region'].map((id) => [id, { enabled: true }])),
	resultTypes: ['violations'],
}).then((found) => found.violations.flatMap((v) => v.nodes.map((n) =>
	v.id + ' (' + v.help + '): ' + n.html.slice(0, 200) + ' ' + n.failureSummary.split('\n').slice(1).join(';').slice(0, 300)))))`

// axeSource is axe-core as make assets brought it, by the hash of the lock file as setup/assets.sh names the folder.
func axeSource(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("REFERENT_CACHE")
	if cache == "" {
		cache = filepath.Join(must(os.UserHomeDir())(t), ".cache", "referent")
	}
	lock := sha256.Sum256(must(os.ReadFile("assets/package-lock.json"))(t))
	source, err := os.ReadFile(filepath.Join(cache, "assets", hex.EncodeToString(lock[:8]), "node_modules", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("axe-core, which holds pages against WCAG, is not there: make assets brings it")
	}
	return string(must(source, err)(t))
}

// axe reports what axe-core finds within a part of the page as it is now, or of its contrast alone. It goes in
// through the debugger, past the content policy, and never through the page.
func axe(t *testing.T, ctx context.Context, page, within string, contrast bool) {
	t.Helper()
	if !read(t, ctx, chromedp.Evaluate[bool]("typeof axe === 'object'")) {
		read(t, ctx, chromedp.Evaluate[bool](axeSource(t)+"; true"))
	}
	for _, problem := range read(t, ctx, chromedp.Evaluate[[]string](fmt.Sprintf("%s(%q, %t)", axeRun, within, contrast), chromedp.EvalAwaitPromise)) {
		t.Errorf("%s: %s", page, problem)
	}
}

// audit holds the page as it is now against axe-core, narrow and wide, in the light and the dark, and wants it to
// fit its width, to bear wider text, and its fields to be seen. Where the rest of a long page has been held already,
// part names what is new.
func audit(t *testing.T, ctx context.Context, page string, part ...string) {
	t.Helper()
	within := cmp.Or(strings.Join(part, ","), "html")
	for _, width := range []int64{320, 1100} {
		run(t, ctx, chromedp.EmulateViewport(width, 900))
		for _, scheme := range []string{"dark", "light"} {
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			must(chromedp.Call(ctx, emulation.SetEmulatedMedia, media))(t)
			where := fmt.Sprintf("%s, %s, %d px", page, scheme, width)
			axe(t, ctx, where, within, scheme == "dark")
			layout(t, ctx, where, outlined, within)
		}
		if wide := read(t, ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); wide > width {
			t.Errorf("%s: at %d pixels it is %d wide", page, width, wide)
		}
		if width == 320 || len(part) == 0 { // a part of a page has least place when it is narrow
			layout(t, ctx, fmt.Sprintf("%s, text spaced out, %d px", page, width), spacedOut, within)
		}
	}
}
