package web_test

import (
	"context"
	"strings"
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
	ctx := browser(t, "status of 409", "status of 422")
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
	audit(t, ctx, "a vote's form", "#votes-0")
	run(t, ctx, chromedp.Focus(css("#votes-0-for")), chromedp.KeyEvent(kb.Escape),
		until(`() => !document.querySelector('#votes-0 details').open && document.activeElement.tagName === 'SUMMARY'`))

	// Hear what it rests on, from where it was said.
	run(t, ctx, press("#decisions-0 .play"),
		until(`() => { const a = document.getElementById('audio'); return !a.paused && a.currentTime >= 30.7 && a.currentTime < 40 }`),
		press("#decisions-0 .play"), until(`() => document.getElementById('audio').paused`))

	// Somebody else is faster, with the same statement: what was written stays, whatever else they do then.
	run(t, ctx, press("#decisions-1 summary"), focused("decisions-1-text"), chromedp.KeyEvent("Mitt: "))
	edit(r, at, token, review.Edit{Do: review.Set, List: review.Decisions, Index: 1, Words: review.Words{Text: "Et annet vedtak."}})
	run(t, ctx, until(`() => !document.getElementById('minutes-changed').hidden`), chromedp.KeyEvent(kb.Tab+kb.Tab+kb.Enter),
		shows("#minutes-alert", "Noen andre endret referatet"), focused("minutes-alert"))
	if kept := read(t, ctx, chromedp.Value(css("#written"))); !strings.HasPrefix(kept, "Mitt: ") {
		t.Errorf("what was written is %q", kept)
	}
	picture(t, ctx, "minutes-conflict")
	audit(t, ctx, "a conflict", "#minutes-alert", "#written")
	run(t, ctx, chromedp.Focus(css("#decisions-3 button[value=delete]")))
	edit(r, at, token, review.Edit{Do: review.Delete, List: review.Decisions})
	run(t, ctx, shows("#minutes-said", "Noen andre har endret referatet. Siden viser nå versjon"))
	run(t, ctx, until(`() => document.activeElement.value === 'delete' && document.activeElement.closest('[id]').id === 'decisions-2'`))
	if kept := read(t, ctx, chromedp.Value(css("#minutes-kept-text"))); !strings.HasPrefix(kept, "Mitt: ") {
		t.Errorf("after one more change, what was written is %q", kept)
	}
	picture(t, ctx, "minutes-kept")
	audit(t, ctx, "text kept beside", "#minutes-kept")
	run(t, ctx, press("#minutes-kept-drop"), until(`() => document.getElementById('minutes-kept').hidden`))
	// What cannot be saved stays in its form.
	run(t, ctx, press("#decisions-0 summary"), focused("decisions-0-text"), until(`() => { document.activeElement.value = ' '; return true }`),
		press("#decisions-0 form.stack button"), focused("minutes-alert"),
		until(`() => document.getElementById('decisions-0-text').value === ' ' && !document.getElementById('written')`),
		until(`() => { const form = document.querySelector('#decisions-0 form.stack'); form.reset(); form.closest('details').open = false; return true }`))
	// New points are begun in two cases, under themes that are called the same: each stays in its own case.
	cases := `(text, write) => ['PS 31/26', 'PS 32/26'].every((name) => {
		const themes = [...document.querySelectorAll('.theme')], of = (words) => (t) => t.querySelector('h3').textContent.startsWith(words);
		const from = themes.findIndex(of(name)), area = themes.slice(from).find(of('Behandling')).querySelector('.add textarea');
		if (write) area.value = name + text;
		return area.value === name + text;
	})`
	run(t, ctx, until(cases, ": nytt", true))
	edit(r, at, token, review.Edit{Do: review.Delete, List: review.Items})
	run(t, ctx, until(`() => !document.getElementById('minutes-changed').hidden`), press("#minutes-reload"),
		until(`() => document.getElementById('minutes-changed').hidden && document.querySelectorAll('.add[open]').length === 2`), until(cases, ": nytt", false),
		until(`() => { for (const d of document.querySelectorAll('.add[open]')) { d.querySelector('form').reset(); d.open = false } return document.getElementById('minutes-kept').hidden }`))
	// A newer version is fetched while a form is open: the form is found again where its statement stands now.
	run(t, ctx, press("#decisions-2 summary"), focused("decisions-2-text"), chromedp.KeyEvent("Nytt: "))
	edit(r, at, token, review.Edit{Do: review.Delete, List: review.Decisions})
	run(t, ctx, until(`() => !document.getElementById('minutes-changed').hidden`), press("#minutes-reload"),
		until(`() => document.getElementById('decisions-1-text')?.value.startsWith('Nytt: ')`), press("#decisions-1 form.stack button"), shows("#decisions-1 .said-text", "Nytt: "))

	// When the last statement is checked, by somebody else too, the minutes can be approved, and are locked then.
	check(r, at, token)
	run(t, ctx, shows("#approval button[value=approve]", "Godkjenn som kari"))
	picture(t, ctx, "minutes-ready")
	audit(t, ctx, "minutes ready to approve")
	run(t, ctx, press("#remake summary"), until(`() => document.getElementById('remake').open`))
	picture(t, ctx, "minutes-remake")
	audit(t, ctx, "minutes to be written again", "#remake")
	run(t, ctx, press("#remake summary"))
	// What is about to be approved does not change under the button: it is told that there is something newer.
	shown := read(t, ctx, chromedp.Value(css("#approval form[action$=approve] [name=version]")))
	run(t, ctx, chromedp.Focus(css("#approval button[value=approve]")))
	edit(r, at, token, review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "En ny oppgave"}})
	run(t, ctx, until(`() => !document.getElementById('minutes-changed').hidden && document.activeElement.value === 'approve'`))
	if now := read(t, ctx, chromedp.Value(css("#approval form[action$=approve] [name=version]"))); now != shown {
		t.Errorf("version %s would be approved where %s was read", now, shown)
	}
	run(t, ctx, press("#approval button[value=approve]"), shows("#minutes-alert", "det du ba om, er ikke gjort"), shows("main", "En ny oppgave"))
	run(t, ctx, press("#approval button[value=approve]"), shows("#approval .notice", "Godkjent av kari"), focused("approval"),
		until(`() => !document.querySelector('main .draft, main button[value=set], main button[value=dismiss]')`))
	picture(t, ctx, "minutes-approved")
	audit(t, ctx, "approved minutes")
	run(t, ctx, press("#approval button[value=reopen]"), shows(".draft", "må kontrolleres"), press("#versions summary"), shows("#versions", "erstattet"))
	picture(t, ctx, "minutes-versions")
	audit(t, ctx, "versions", "#versions")
	run(t, ctx, press(`#versions a[href*="compare?from=1&to="]`), shows("h1", " til 1"),
		until(`() => [...document.querySelectorAll('main del')].some((d) => d.textContent.includes('Forsvinner: '))`))
	picture(t, ctx, "minutes-compare")
	audit(t, ctx, "comparison")

	// One part is taken from there, by keyboard: what was done is told at the next part, and leads to where it stands.
	run(t, ctx, press(`form[action$="/minutes/compare"]:has([name=list][value=actions]) button`), shows("#took", "Hentet fra versjon 1: Oppgaver."),
		until(`() => location.hash === '#took' && !document.getElementById('take-actions-0')`))
	picture(t, ctx, "minutes-took")
	audit(t, ctx, "a part taken", "#took")
	run(t, ctx, press("#took a"), shows("#minutes-title", "Møte i formannskapet"),
		until(`() => location.hash === '#part-actions' && !document.getElementById('part-actions').closest('section').textContent.includes('En ny oppgave')`),
		press("#history summary"), shows("#history", "hentet fra versjon 1 (Oppgaver)"))
}
