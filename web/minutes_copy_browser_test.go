package web_test

import (
	"context"
	"strings"
	"testing"

	permission "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// permit sets whether pages may write the clipboard, and lets the test read it.
func permit(writes permission.PermissionSetting) action {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		for name, setting := range map[string]permission.PermissionSetting{"clipboard-read": permission.PermissionSettingGranted, "clipboard-write": writes} {
			if _, err := chromedp.Call(ctx, permission.SetPermission, permission.SetPermissionParams{Permission: &permission.PermissionDescriptor{Name: name}, Setting: setting}); err != nil {
				return chromedp.Void{}, err
			}
		}
		return chromedp.Void{}, nil
	}
}

// signInAt brings kari to the page of the minutes at an origin, by keyboard.
func signInAt(t *testing.T, ctx context.Context, origin, page string) {
	t.Helper()
	run(t, ctx, chromedp.Navigate(origin+"/signin?next="+page), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter),
		shows("#minutes-title", "Møte i formannskapet"), until(`() => !document.querySelector('.copy').hidden`))
}

const copyButton = ".copy button"

// The minutes are copied by keyboard, in the version that is on the page, also after that is another. What could not
// be fetched is told, and the clipboard left as it was.
func TestCopyMinutes(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	ctx := browserWith(t, nil, "status of 401")
	page := "/meetings/" + id + "/minutes"
	signInAt(t, ctx, r.URL, page)
	run(t, ctx, permit(permission.PermissionSettingGranted), press(copyButton),
		shows("#minutes-said", "Versjon 1 er kopiert som tekst."), until(`() => document.activeElement.closest('.copy') !== null && document.getElementById('minutes-text').hidden`))
	first := text(t, r.Do("GET", at+"/minutes.txt?version=1", token, nil, nil))
	if got := clipboard(t, ctx); got != first || !strings.HasPrefix(got, referent.DraftLabel+"\n") {
		t.Errorf("the clipboard has %q,\nwant %q", got, first)
	}
	picture(t, ctx, "minutes-copied")
	audit(t, ctx, "copied minutes", "#approval")

	// A version that came while the page lay open is the one that is copied, and the button is there again.
	edit(r, at, token, review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Innkallingen er godkjent."}})
	run(t, ctx, shows("#minutes-said", "Siden viser nå versjon 2"), press(copyButton), shows("#minutes-said", "Versjon 2 er kopiert"))
	if got := clipboard(t, ctx); !strings.Contains(got, "\n– Innkallingen er godkjent.\n") {
		t.Errorf("the clipboard has %q", got)
	}
	run(t, ctx, chromedp.Navigate(r.URL+page+"?version=1"), until(`() => !document.querySelector('.copy').hidden`), chromedp.Focus(css(copyButton)), chromedp.KeyEvent(" "),
		shows("#minutes-said", "Versjon 1 er kopiert"))
	if got := clipboard(t, ctx); got != first {
		t.Errorf("of the older version the clipboard has %q", got)
	}

	// Whoever may not have it any more is told so, in the server's words.
	m := must(r.Store.Meeting(t.Context(), id))(t)
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteSessionsOf(t.Context(), m.Owner) }))
	run(t, ctx, press(copyButton), warned("Du må logge inn"), until(`() => document.getElementById('minutes-said').textContent === ''`))
	if got := clipboard(t, ctx); got != first {
		t.Errorf("after a failure the clipboard has %q", got)
	}
	picture(t, ctx, "minutes-copy-failed")
	audit(t, ctx, "minutes that could not be copied", "#minutes-failed")
}

// warned waits until the page tells of a failure.
func warned(want string) action {
	return until(`(want) => { const alert = document.getElementById('minutes-failed'); return !alert.hidden && alert.textContent.includes(want) }`, want)
}

// The button shows that something is under way. A server that does not answer is waited for a while, and told of
// until the text has been copied after all.
func TestCopyMinutesFromASlowServer(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	want := text(t, r.Do("GET", at+"/minutes.txt", token, nil, nil))
	ctx := browserWith(t, nil)
	signInAt(t, ctx, r.URL, "/meetings/"+id+"/minutes")
	busy := func(is bool) action {
		return until(`(is) => (document.querySelector('.copy button').getAttribute('aria-busy') === 'true') === is`, is)
	}
	run(t, ctx, permit(permission.PermissionSettingGranted),
		does(`const fetched = fetch, timeout = AbortSignal.timeout;
			window.again = () => { window.fetch = fetched; AbortSignal.timeout = timeout };
			AbortSignal.timeout = (ms) => { const late = new AbortController(); if (ms >= 5000 && ms <= 60000) window.late = () => late.abort(); return late.signal };
			window.fetch = (address, init) => !String(address).includes('minutes.txt') ? fetched(address, init) : new Promise((_, refuse) => init?.signal?.addEventListener('abort', () => refuse(init.signal.reason)))`),
		press(copyButton), busy(true), does(`late()`), busy(false), warned("Teksten er ikke kopiert"),
		does(`again()`), press(copyButton), shows("#minutes-said", "Versjon 1 er kopiert"), busy(false), until(`() => document.getElementById('minutes-failed').hidden`))
	if got := clipboard(t, ctx); got != want {
		t.Errorf("the clipboard has %q", got)
	}

	// Whoever has gone on while the text came keeps the keyboard; the text is marked when the keyboard comes to it.
	run(t, ctx, permit(permission.PermissionSettingDenied),
		does(`const fetched = fetch; window.fetch = async (...a) => { if (String(a[0]).includes('minutes.txt')) await new Promise((go) => { window.go = go }); return fetched(...a) }`),
		press(copyButton), busy(true), chromedp.Focus(css("#minutes-title")), does(`go()`), busy(false),
		until(`() => !document.getElementById('minutes-text').hidden && document.activeElement.id === 'minutes-title'`),
		chromedp.Focus(css("#minutes-text-area")), until(`(want) => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd) === want }`, want))
}

// Where the browser lets no page copy, the text has the keyboard and is marked: when it is forbidden, and over plain
// http, where there is no clipboard at all.
func TestCopyMinutesByHand(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	want := text(t, r.Do("GET", at+"/minutes.txt", token, nil, nil))
	_, port, _ := strings.Cut(strings.TrimPrefix(r.URL, "http://"), ":")
	for origin, secure := range map[string]bool{r.URL: true, "http://referent.test:" + port: false} {
		ctx := browserWith(t, []chromedp.ExecAllocatorOption{chromedp.Flag("host-resolver-rules", "MAP referent.test 127.0.0.1")}, "Cross-Origin-Opener-Policy header has been ignored")
		run(t, ctx, permit(permission.PermissionSettingDenied))
		signInAt(t, ctx, origin, "/meetings/"+id+"/minutes")
		if has := read(t, ctx, chromedp.Evaluate[bool](`isSecureContext && 'clipboard' in navigator`)); has != secure {
			t.Fatalf("%s: there is a clipboard: %v", origin, has)
		}
		run(t, ctx, press(copyButton), focused("minutes-text-area"), shows("#minutes-said", "Nettleseren lar ikke siden kopiere."),
			until(`(want) => { const a = document.activeElement; return a.readOnly && a.value.slice(a.selectionStart, a.selectionEnd) === want }`, want),
			shows("#minutes-text-label", "Versjon 1 som tekst"))
		picture(t, ctx, "minutes-copy-by-hand")
		audit(t, ctx, "minutes to copy by hand", "#minutes-text")
		run(t, ctx, chromedp.KeyEvent(kb.Tab+kb.Enter), until(`() => document.getElementById('minutes-text').hidden && document.activeElement.closest('.copy') !== null`),
			chromedp.KeyEvent(kb.Enter), focused("minutes-text-area"), chromedp.KeyEvent(kb.Escape), until(`() => document.activeElement.closest('.copy') !== null`))
	}
}

func clipboard(t *testing.T, ctx context.Context) string {
	t.Helper()
	return read(t, ctx, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
}
