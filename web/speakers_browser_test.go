package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent/web/webtest"
)

// Speakers are named by keyboard alone; a name that is being written is not taken away by somebody
// else's change.
func TestSpeakersByHand(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	sound(r, id, 0, 1, 0, 2, 1)
	ctx := browser(t, "status of 409")
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/meetings/"+id), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("#speakers-title", "Talere"),
		shows("#speaker-S2 .suggestion", "Forslag: Ola Hansen"), shows("#speaker-S2 .suggestion", "«Ordet til Ola»"), shows("#speaker-S3 .suggestion", "står ikke på deltakerlisten"))
	picture(t, ctx, "speakers")
	audit(t, ctx, "speakers")

	// Write a name, and save it with Enter.
	run(t, ctx, chromedp.Focus(css("#name-S1")), chromedp.KeyEvent("Kari Nordmann"+kb.Enter), shows(".transcript dt", "Kari Nordmann"))
	// Take a suggestion: it is a button like any other.
	run(t, ctx, chromedp.Focus(css("#speaker-S2 .suggestion button")), chromedp.KeyEvent(kb.Enter), shows(".transcript dt#s2", "Ola Hansen"))
	if hash := read(t, ctx, chromedp.Evaluate[string]("location.hash")); hash != "#speaker-S2" {
		t.Errorf("the page goes to %q", hash)
	}

	// Somebody else changes the transcript while a name is being written.
	run(t, ctx, chromedp.Focus(css("#name-S3")), chromedp.KeyEvent("Gunn"))
	ask[struct{ Version int }](r, "PATCH", at+"/speakers/S1", token, `{"name":"Kari N. Nordmann"}`, http.StatusOK)
	run(t, ctx, until(`() => !document.getElementById('speakers-changed').hidden`), chromedp.KeyEvent(kb.Enter), shows("#speakers [role=alert]", "Noen andre endret talerne"))
	if kept := read(t, ctx, chromedp.Value(css("#name-S3"))); kept != "Gunn" {
		t.Errorf("what was written is %q", kept)
	}
	picture(t, ctx, "speakers-conflict")
	audit(t, ctx, "speakers conflict")
	run(t, ctx, chromedp.Focus(css("#name-S3")), chromedp.KeyEvent(kb.Enter), shows(".transcript dt#s4", "Gunn"))

	// Merge, and split again.
	run(t, ctx, chromedp.Focus(css("#speaker-S2 summary")), chromedp.KeyEvent(kb.Enter), chromedp.Focus(css("#into-S2")))
	picture(t, ctx, "speakers-more")
	audit(t, ctx, "speakers more")
	run(t, ctx, chromedp.Focus(css("#speaker-S2 details button[value=merge]")), chromedp.KeyEvent(kb.Enter), shows(".transcript dt#s2", "Kari N. Nordmann"),
		chromedp.Focus(css("#speaker-S1 summary")), chromedp.KeyEvent(kb.Enter), chromedp.Focus(css("#speaker-S1 details button[value=split]")), chromedp.KeyEvent(kb.Enter),
		until(`() => document.querySelector('.transcript dt#s2')?.textContent.trim().split(/\s+/).slice(1).join(' ') !== document.querySelector('.transcript dt#s1')?.textContent.trim().split(/\s+/).slice(1).join(' ')`))

	// The audio alone.
	run(t, ctx, chromedp.Click(css(`a[href$="/delete"]`)), shows("#audio-title", "Slett bare lyden"))
	picture(t, ctx, "delete-audio")
	audit(t, ctx, "delete audio")
	run(t, ctx, chromedp.Focus(css(`form[action$="/delete-audio"] button`)), chromedp.KeyEvent(kb.Enter), shows("#speakers-title", "Talere"))
	if html := read(t, ctx, chromedp.InnerHTML(css("main"))); strings.Contains(html, "/recording") || strings.Contains(html, `value="split"`) {
		t.Error("what is gone can still be asked for")
	}
}
