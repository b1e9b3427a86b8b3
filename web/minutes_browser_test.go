package web_test

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent/review"
	"github.com/referent/referent/web/webtest"
)

// Minutes are gone through, heard, changed and approved by keyboard alone, while somebody else works on them too.
func TestMinutesByHand(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	silence(r, id)
	ctx := browser(t, "status of 409")
	press := func(selector string) action {
		return func(c context.Context, target *chromedp.Target) (chromedp.Void, error) {
			if _, err := chromedp.Focus(css(selector))(c, target); err != nil {
				return chromedp.Void{}, err
			}
			return chromedp.KeyEvent(kb.Enter)(c, target)
		}
	}
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/meetings/"+id), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("#minutes-title", "Referat"),
		press(`a[href$="/minutes"]`), shows("#minutes-title", "Møte i formannskapet"), shows(".draft", "må kontrolleres"))
	picture(t, ctx, "minutes")
	audit(t, ctx, "minutes")

	// Tick off a statement: it is said how many are left, and the keyboard is at the next.
	left := read(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll('li[id^=needs_review-]').length`))
	run(t, ctx, press(`#needs_review-0 button[value=dismiss]`), shows("#minutes-said", "Lagret som versjon 2."), focused("needs_review-0"),
		until(`(n) => document.querySelectorAll('li[id^=needs_review-]').length < n`, left))

	// Change a decision in place: the form has the keyboard when it opens, and the decision when it is saved.
	run(t, ctx, press("#decisions-0 summary"), focused("decisions-0-text"))
	picture(t, ctx, "minutes-edit")
	run(t, ctx, chromedp.KeyEvent("Enstemmig: "+kb.Tab+kb.Tab+kb.Enter), shows("#decisions-0 .said-text", "Enstemmig:"), focused("decisions-0"))
	// The longest form there is, and Escape, which closes it.
	run(t, ctx, press("#votes-0 summary"), focused("votes-0-text"))
	audit(t, ctx, "a vote's form")
	run(t, ctx, chromedp.Focus(css("#votes-0-for")), chromedp.KeyEvent(kb.Escape),
		until(`() => !document.querySelector('#votes-0 details').open && document.activeElement.tagName === 'SUMMARY'`))

	// Hear what it rests on, from where it was said.
	run(t, ctx, press("#decisions-0 .play"),
		until(`() => { const a = document.getElementById('audio'); return !a.paused && a.currentTime >= 30.7 && a.currentTime < 40 }`),
		press("#decisions-0 .play"), until(`() => document.getElementById('audio').paused`))

	// Somebody else is faster: what was written stays, and is saved on top of theirs.
	run(t, ctx, press("#decisions-1 summary"), focused("decisions-1-text"), chromedp.KeyEvent("Mitt: "))
	edit(r, at, token, review.Edit{Do: review.Delete, List: review.Decisions})
	run(t, ctx, until(`() => !document.getElementById('minutes-changed').hidden`), chromedp.KeyEvent(kb.Tab+kb.Tab+kb.Enter),
		shows("#minutes-alert", "Noen andre endret referatet"), focused("minutes-alert"))
	if kept := read(t, ctx, chromedp.Value(css("#written"))); len(kept) < len("Mitt: ") || kept[:6] != "Mitt: " {
		t.Errorf("what was written is %q", kept)
	}
	picture(t, ctx, "minutes-conflict")
	audit(t, ctx, "a conflict")
	// The same, fetched first: the form is found again where its statement stands now.
	run(t, ctx, press("#decisions-2 summary"), focused("decisions-2-text"), chromedp.KeyEvent("Nytt: "))
	edit(r, at, token, review.Edit{Do: review.Delete, List: review.Decisions})
	run(t, ctx, until(`() => !document.getElementById('minutes-changed').hidden`), press("#minutes-reload"),
		until(`() => document.getElementById('decisions-1-text')?.value.startsWith('Nytt: ')`), press("#decisions-1 form.stack button"), shows("#decisions-1 .said-text", "Nytt: "))

	// When the last statement is checked, by somebody else too, the minutes can be approved, and are locked then.
	check(r, at, token)
	run(t, ctx, shows("#approval button[value=approve]", "Godkjenn som kari"))
	picture(t, ctx, "minutes-ready")
	run(t, ctx, press("#approval button[value=approve]"), shows("#approval .notice", "Godkjent av kari"), focused("approval"),
		until(`() => !document.querySelector('main .draft, main button[value=set], main button[value=dismiss]')`))
	picture(t, ctx, "minutes-approved")
	audit(t, ctx, "approved minutes")
	run(t, ctx, press("#approval button[value=reopen]"), shows(".draft", "må kontrolleres"), press("#versions summary"), shows("#versions", "erstattet"))
	picture(t, ctx, "minutes-versions")
	audit(t, ctx, "versions")
	run(t, ctx, press(`#versions a[href*="compare?from=1&to="]`), shows("h1", "Fra versjon 1 til"), shows("main ins", "Nytt: "))
	picture(t, ctx, "minutes-compare")
	audit(t, ctx, "comparison")
}
