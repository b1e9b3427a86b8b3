package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent/review"
	"github.com/referent/referent/web/webtest"
)

// Something is searched for, heard on the spot and followed to its place; a task is ticked off and opened again. All
// by keyboard.
func TestSearchByHand(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadCouncil(r, token)
	silence(r, id)
	edit(r, at, token, review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Ringe kommunedirektøren", Owner: "Ola Hansen", Due: "2020-01-31"}})
	edit(r, at, token, review.Edit{Do: review.Add, List: review.Actions, Words: review.Words{Text: "Rydde i arkivet", Owner: "Ola Hansen"}})
	ctx := browser(t)
	enter := func(selector string) action {
		return sequence(chromedp.Focus(css(selector)), chromedp.KeyEvent(kb.Enter))
	}
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/"), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("#list-title", "Møter"),
		enter(`.top nav a[href="/search"]`), shows("h1", "Søk"), focused("q"))
	picture(t, ctx, "search-empty")
	run(t, ctx, chromedp.KeyEvent("kommunedirektør"+kb.Enter), shows(".hits mark", "ommunedirektør"))
	picture(t, ctx, "search")
	audit(t, ctx, "search")

	// Hear the first hit that was said: the sound begins there, and the same key stops it.
	start := read(t, ctx, chromedp.Evaluate[float64](`Number([...document.querySelectorAll('.play-hit')].find((b) => Number(b.dataset.start) > 1 && Number(b.dataset.start) < 50).dataset.start)`))
	run(t, ctx, until(`(start) => { const b = [...document.querySelectorAll('.play-hit')].find((b) => Number(b.dataset.start) === start); b.id = 'heard'; b.focus(); return !b.hidden }`, start),
		chromedp.KeyEvent(kb.Enter),
		until(`(start) => { const a = document.querySelector('#player audio'); return !a.paused && a.currentTime >= start && a.currentTime < start + 20 }`, start),
		until(`() => document.getElementById('heard').getAttribute('aria-pressed') === 'true' && !document.getElementById('player').hidden`))
	picture(t, ctx, "search-playing")
	audit(t, ctx, "a hit that plays")
	run(t, ctx, chromedp.Focus(css("#heard")), chromedp.KeyEvent(kb.Enter), until(`() => document.querySelector('#player audio').paused && !document.querySelector('.play-hit[aria-pressed=true]')`))
	// Another hit of the same meeting is pressed while one plays: the sound goes there, and it is the one that is marked.
	run(t, ctx, chromedp.Navigate(r.URL+"/search?q=er&what=said"), shows("#found", "Sagt"),
		until(`() => { const b = [...document.querySelectorAll('.play-hit')].filter((b) => Number(b.dataset.start) > 1 && Number(b.dataset.start) < 50); b[0].id = 'one'; b[1].id = 'other'; return !b[1].hidden }`),
		enter("#one"), until(`() => !document.querySelector('#player audio').paused && document.querySelector('#one').getAttribute('aria-pressed') === 'true'`),
		enter("#other"), until(`() => { const a = document.querySelector('#player audio'), start = Number(document.querySelector('#other').dataset.start); return !a.paused && a.currentTime >= start && a.currentTime < start + 8 }`),
		until(`() => document.querySelector('#other').getAttribute('aria-pressed') === 'true' && document.querySelector('#one').getAttribute('aria-pressed') === 'false'`))
	// What was said, late in the meeting too, leads to its place in the transcript.
	run(t, ctx, enter(".hits li:last-child a"), until(`() => { const s = new URLSearchParams(location.search).get('segment'); return s && Number(s.slice(1)) > 6 && document.activeElement.id === s }`))
	run(t, ctx, chromedp.Navigate(r.URL+"/search?what=decision"), shows("#found", "Vedtak"), enter(`.hits a[href*="/minutes#decisions-0"]`), shows("#decisions-0", "Vedtak"))

	// Tasks: one is done, and opened again.
	run(t, ctx, enter(`.top nav a[href="/tasks"]`), shows("#group-overdue", "Over fristen"), shows("#tasks", "Ringe kommunedirektøren"), shows("#tasks", "Uten frist"))
	picture(t, ctx, "tasks")
	audit(t, ctx, "tasks")
	run(t, ctx, chromedp.SetValue(css("#owner"), "Ola Hansen"), enter("form[action='/tasks'] button"),
		until(`() => document.readyState === 'complete' && location.search.includes('owner=Ola') && document.querySelectorAll('.task').length === 2`),
		enter(".task form button"), shows("#settled", "«Ringe kommunedirektøren» er merket som utført."), focused("undo"),
		until(`() => document.querySelectorAll('.task').length === 1 && location.search.includes('owner=Ola')`))
	picture(t, ctx, "tasks-settled")
	audit(t, ctx, "a task that was ticked off")
	run(t, ctx, chromedp.KeyEvent(kb.Enter), shows("#settled", "er åpen igjen"), until(`() => document.querySelectorAll('.task').length === 2`))
}
