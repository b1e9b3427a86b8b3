package web_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// With a font that comes a second late a page is first seen in one of the machine's own, and does not move when Inter
// comes; nor when a script shows what it fetched. The font is asked for with the page, and once.
func TestPagesStandStill(t *testing.T) {
	r, id, session := largeInstallation(t, 50)
	held := &network.Conditions{URLPattern: "*://*:*/*.woff2", Latency: 1000, DownloadThroughput: -1, UploadThroughput: -1}
	const (
		inter = "[...document.fonts].some((f) => f.family === 'Inter' && f.status === 'loaded')"
		asked = "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/inter-latin.woff2')).map((e) => e.initiatorType).join()"
	)
	for _, p := range timedPages(id) {
		if !slices.Contains([]string{"/", "/meetings/" + id + "/transcript", "/admin/endpoints", "/admin/retention", "/admin/access", "/admin/log"}, p.path) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			ctx := browser(t)
			must(chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: session.Name, Value: session.Value, URL: r.URL}))(t)
			must(chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{held}}))(t)
			must(chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}))(t)
			script := strings.NewReplacer("MODULES", modulesRan, "READY", p.ready+" && "+inter).Replace(timing)
			must(chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}))(t)
			for _, width := range []int64{1100, 320} {
				run(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("about:blank"), chromedp.Navigate(r.URL+p.path), until(`() => window.timed !== undefined`))
				l := read(t, ctx, chromedp.Evaluate[load]("window.timed"))
				t.Logf("%d px: moved by %.4f; seen after %.0f ms, with its font after %.0f", width, l.Shift, l.FCP, l.Usable)
				if l.Shift > shiftBar {
					t.Errorf("%d px: moved by %.3f", width, l.Shift)
				}
				if by := read(t, ctx, chromedp.Evaluate[string](asked)); by != "link" {
					t.Errorf("%d px: the font was asked for by %q, not once by the page itself", width, by)
				}
			}
		})
	}
}
