package web_test

import (
	"cmp"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/referent/referent/web/webtest"
)

var documented = flag.String("documented", "", "folder for the pictures that README and docs show (make screenshots)")

// inDocuments are the pages and states that the documentation shows, and how: what fits a window of that size.
// The meetings in them are made up.
var inDocuments = map[string]struct {
	scheme        string
	width, height int64
	to            string // what it begins with; "": the page's own beginning
}{
	"signin":           {"light", 900, 560, ""},
	"meetings":         {"light", 1100, 900, ""},
	"meeting":          {"light", 1100, 900, ""},
	"speakers":         {"light", 1100, 700, "#speakers"},
	"minutes":          {"light", 1100, 900, ""},
	"minutes-edit":     {"dark", 1100, 700, "#decisions-0"},
	"minutes-approved": {"light", 390, 800, ""},
	"minutes-compare":  {"light", 1100, 700, ""},
	"transcript":       {"light", 1100, 900, ""},
	"recording":        {"light", 390, 800, ""},
	"search":           {"light", 1100, 900, ""},
	"tasks":            {"dark", 1100, 900, ""},
	"departments":      {"light", 1100, 900, ""},
	"users":            {"light", 1100, 900, ""},
	"access-log":       {"light", 1100, 900, ""},
	"retention":        {"light", 1100, 700, ""},
	"operations":       {"light", 1100, 900, ""},
	"word-lists":       {"light", 1100, 700, ""},
	"api":              {"light", 1100, 700, ""},
}

// document saves what the documentation shows of the page, when that is asked for.
func document(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	form, ok := inDocuments[name]
	if *documented == "" || !ok {
		return
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: form.scheme}}}
	must(chromedp.Call(ctx, emulation.SetEmulatedMedia, media))(t)
	run(t, ctx, chromedp.EmulateViewport(form.width, form.height))
	run(t, ctx, until(`(to) => { document.querySelector(to).scrollIntoView({ behavior: 'instant' }); return true }`, cmp.Or(form.to, "body")))
	png := read(t, ctx, chromedp.CaptureScreenshot())
	webtest.Check(t, os.WriteFile(filepath.Join(*documented, name+".png"), png, 0o644))
	run(t, ctx, chromedp.EmulateViewport(1100, 900))
}
