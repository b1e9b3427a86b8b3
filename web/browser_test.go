package web_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

var screenshots = flag.String("screenshots", "", "folder for pictures of the pages, to look at")

// browser starts Chromium, which may complain of nothing but what holds one of the expected words.
func browser(t *testing.T, expected ...string) context.Context {
	t.Helper()
	return browserWith(t, nil, expected...)
}

// browserWith is the same with more options.
func browserWith(t *testing.T, more []chromedp.ExecAllocatorOption, expected ...string) context.Context {
	t.Helper()
	const limit = 4 * time.Minute // only an end: a busy machine takes long over a long page
	return webtest.Browser(t, limit, expected, more...)
}

type action = chromedp.Action[chromedp.Void]

func css(selector string) chromedp.CSS { return chromedp.CSS(selector) }

func run(t *testing.T, ctx context.Context, actions ...action) {
	t.Helper()
	for _, a := range actions {
		if err := chromedp.Do(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
}

func read[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	return must(chromedp.Run(ctx, a))(t)
}

// picture saves the page, in the light and the dark, wide and narrow, when pictures are asked for.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	document(t, ctx, name)
	if *screenshots == "" {
		return
	}
	for _, form := range []struct {
		suffix, scheme string
		width          int64
	}{{"light", "light", 1100}, {"dark", "dark", 1100}, {"phone", "light", 390}} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: form.scheme}}}
		must(chromedp.Call(ctx, emulation.SetEmulatedMedia, media))(t)
		run(t, ctx, chromedp.EmulateViewport(form.width, 900))
		png := read(t, ctx, chromedp.FullScreenshot(100))
		webtest.Check(t, os.WriteFile(filepath.Join(*screenshots, name+"-"+form.suffix+".png"), png, 0o644))
	}
	run(t, ctx, chromedp.EmulateViewport(1100, 900))
}

// until waits for a JavaScript function of its arguments to be true, also across pages.
func until(function string, args ...any) action {
	return webtest.Until(webtest.Patience, function, args...)
}

// shows waits until an element's text holds what is wanted.
func shows(selector, want string) action {
	return until(`(selector, want) => document.readyState === 'complete' && (document.querySelector(selector)?.textContent.includes(want) ?? false)`, selector, want)
}

// focused waits until the element with the id has the keyboard.
func focused(id string) action {
	return until(`(id) => document.activeElement?.id === id`, id)
}

func TestByHand(t *testing.T) {
	r := webtest.Start(t, nil)
	r.StartWorker()
	first, err := web.EnsureFirstAdmin(t.Context(), r.Store, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t, "status of 404")
	dir := t.TempDir()
	vtt := filepath.Join(dir, "Driftsmøte mars.vtt")
	webtest.Check(t, os.WriteFile(vtt, []byte(transcriptVTT), 0o600))
	broken := filepath.Join(dir, "ødelagt.vtt")
	webtest.Check(t, os.WriteFile(broken, []byte("WEBVTT\n\n00:00:01.000 -->\n"), 0o600))

	// The first administrator chooses a password, by keyboard alone: the field has the focus.
	run(t, ctx, chromedp.Navigate(r.URL+"/setup?token="+first.Secret), focused("password"))
	picture(t, ctx, "setup")
	audit(t, ctx, "setup")
	run(t, ctx, chromedp.KeyEvent(webtest.Password+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"), shows("#list", "Ingen møter"))

	// Out and in again.
	run(t, ctx, chromedp.Submit(css(`form[action="/signout"]`)), focused("name"))
	picture(t, ctx, "signin")
	audit(t, ctx, "sign-in")
	run(t, ctx, chromedp.KeyEvent("admin"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"))

	// Upload through the page. The list moves by itself until the draft is there; what is written in the
	// form meanwhile stays.
	run(t, ctx,
		chromedp.SetUploadFiles(css("#file"), []string{vtt}),
		chromedp.SendKeys(css("#participants"), "Kari Nordmann, møteleder\nOla Hansen"),
		chromedp.Focus(css("#upload-start")), chromedp.KeyEvent(kb.Enter),
		shows("#upload-status", "Lastet opp"), shows("#list td a", "Driftsmøte mars"),
		chromedp.SendKeys(css("#title"), "Det neste"),
		shows("#list .state", "Utkast"))
	if kept := read(t, ctx, chromedp.Value(css("#title"))); kept != "Det neste" {
		t.Errorf("the form lost what was written: %q", kept)
	}
	picture(t, ctx, "meetings")
	audit(t, ctx, "the list")

	// The meeting's page, reached by keyboard.
	run(t, ctx, chromedp.Focus(css("#list td a")), chromedp.KeyEvent(kb.Enter),
		shows(".minutes", "Utkast laget ved hjelp av KI – må kontrolleres"), shows(".minutes", "snøfreser"), shows(".transcript", "bestillingen"))
	picture(t, ctx, "meeting")
	audit(t, ctx, "a meeting")
	if html := read(t, ctx, chromedp.InnerHTML(css(".transcript"))); strings.Contains(html, "<b>") {
		t.Error("the transcript's markup reached the page")
	}

	// A file that is not what it says gives a sentence and a way on.
	run(t, ctx, chromedp.Navigate(r.URL+"/"), chromedp.SetUploadFiles(css("#file"), []string{broken}), chromedp.Click(css("#upload-start")),
		shows(`#list tr:first-child .state`, "Stoppet av en feil"), chromedp.Click(css("#list tr:first-child td a")), shows(".alert", locale.ErrorCode("nb", referent.CodeTranscriptBroken)))
	picture(t, ctx, "failed")
	audit(t, ctx, "a failed meeting")

	// Erase it: the page asks first.
	run(t, ctx, chromedp.Click(css(`a[href$="/delete"]`)), shows("h1", "Slette møtet?"))
	picture(t, ctx, "delete")
	audit(t, ctx, "deleting")
	run(t, ctx, chromedp.Click(css("main button[data-color=danger]")), shows(".notice", "Møtet er slettet"), shows("#list", "Driftsmøte mars"))

	// Another language, kept with the user.
	run(t, ctx, chromedp.Navigate(r.URL+"/"), chromedp.SetValue(css("#language"), "nn"), chromedp.Submit(css(`form[action="/language"]`)), shows("#list-title", "Møte"), shows(".drop", "slepp dei her"))
	run(t, ctx, chromedp.Navigate(r.URL+"/api"), shows("h1", "Referent for program"))
	picture(t, ctx, "api")
	run(t, ctx, until(`() => { for (const d of [...document.querySelectorAll('details')].slice(0, 3)) d.open = true; return true }`))
	audit(t, ctx, "the API")
	run(t, ctx, chromedp.Navigate(r.URL+"/meetings/0190d000-0000-7000-8000-000000000000"), shows("h1", "Det gjekk ikkje"))
	audit(t, ctx, "a failure")
}
