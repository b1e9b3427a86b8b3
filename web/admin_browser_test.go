package web_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// An administrator goes through the places of administration: sees what has stopped and what waits, tries an endpoint,
// looks at the templates, and keeps a word list that somebody else changes meanwhile. All by keyboard.
func TestAdministrationByHand(t *testing.T) {
	in := installed(t, languageModel(t), "norsk-stor")
	loaded := must(templates.Load(in.TemplatesDir))(t)
	r := webtest.Start(t, func(c *web.Config) { c.Installation, c.Templates = in, loaded })
	sjef, ola := r.User("sjef", true), r.User("ola", false)
	ctx, tctx := browser(t, "status of 409", "status of 422"), t.Context()
	webtest.Check(t, r.Store.Tx(tctx, func(tx store.Tx) error {
		return errors.Join(tx.PutDepartment(tctx, &store.Department{ID: "a", Name: "Skole"}),
			tx.PutWordList(tctx, &store.WordList{Words: []string{"Øygarden", "Nav"}, By: sjef.ID}))
	}))
	stopped := addDead(r, sjef.ID, "a")
	enter := func(selector string) action {
		return sequence(chromedp.Focus(css(selector)), chromedp.KeyEvent(kb.Enter))
	}
	beside := func(name string) action { return enter(`nav.beside a[href="/admin/` + name + `"]`) }

	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/"), focused("name"), chromedp.KeyEvent("sjef"+kb.Tab+webtest.Password+kb.Enter),
		shows("h1", "Nytt opptak"), enter(`nav a[href="/admin"]`), shows("h1", "Administrasjon"), shows("main", "Køen, arbeiderne, disken"))
	picture(t, ctx, "administration")
	audit(t, ctx, "administration")

	run(t, ctx, enter(`main a[href="/admin/operations"]`), shows("h1", "Drift"), shows(`[data-live="dead"]`, stopped), shows(`[data-live="queue"]`, "Ingenting venter"))
	// What comes meanwhile is shown by itself, unless that is stopped.
	webtest.Check(t, r.Store.Tx(tctx, func(tx store.Tx) error {
		return tx.AddJob(tctx, &referent.Job{ID: "waits", Meeting: stopped, Stage: referent.StageTranscribe, Priority: referent.PriorityBulk, NotBefore: time.Now().Add(time.Hour)})
	}))
	run(t, ctx, shows(`[data-live="queue"]`, "Skriver ut talen"), shows(`[data-live="queue"]`, "ingen arbeider kan gjøre det"))
	r.StartWorker()
	r.Eventually("the worker is heard of", func() bool { return len(r.Pipeline.Workers()) == 1 })
	run(t, ctx, chromedp.Focus(css("#follow")), chromedp.KeyEvent(" "), chromedp.KeyEvent(" "), shows(`[data-live="workers"]`, "local/test"), chromedp.KeyEvent(" "), until(`() => !document.querySelector('#follow').checked`))
	// Nobody has used the page for half an hour: it does not keep the session alive.
	run(t, ctx, chromedp.KeyEvent(" "), until(`() => { const then = Date.now(); Date.now = () => then + 31 * 60 * 1000; document.dispatchEvent(new Event('visibilitychange')); return !document.querySelector('#follow').checked }`))
	picture(t, ctx, "operations")
	audit(t, ctx, "operations")

	run(t, ctx, beside("endpoints"), shows("h1", "Tilkoblinger"), enter("button[value=llm]"), shows("#endpoint-llm [role=status]", "Svarer, og har modellen norsk-stor."),
		until(`() => document.activeElement?.value === 'llm'`))
	picture(t, ctx, "endpoints")
	audit(t, ctx, "the endpoints")

	run(t, ctx, beside("templates"), shows("h1", "Maler"), enter("#form-prosjektmote summary"), until(`() => document.querySelector('#form-prosjektmote details').open`))
	picture(t, ctx, "templates")
	audit(t, ctx, "the templates")

	run(t, ctx, beside("words"), shows("h1", "Ordlister"), shows("#lists", "Skole"))
	picture(t, ctx, "word-lists")
	audit(t, ctx, "the word lists")
	run(t, ctx, enter("#lists a"), shows("h1", "Alle møter"))
	webtest.Check(t, r.Store.Tx(tctx, func(tx store.Tx) error {
		return tx.PutWordList(tctx, &store.WordList{Words: []string{"Øygarden", "Nav", "Husbanken"}, By: ola.ID})
	}))
	end := until(`() => { const field = document.querySelector('#words'); field.focus(); field.setSelectionRange(field.value.length, field.value.length); return true }`)
	save := sequence(chromedp.KeyEvent(kb.Tab + kb.Enter))
	run(t, ctx, end, chromedp.KeyEvent(kb.Enter+"Sør-Odal"), save, shows("[role=alert]", "noen andre har endret listen"), shows("[role=alert]", "Husbanken"))
	picture(t, ctx, "word-list-stale")
	audit(t, ctx, "a word list that somebody else changed")
	if kept := read(t, ctx, chromedp.Value(css("#words"))); strings.TrimSpace(kept) != "Øygarden\nNav\nSør-Odal" {
		t.Errorf("what was written is %q", kept)
	}
	run(t, ctx, end, chromedp.KeyEvent(kb.Enter+"<b>"), save, shows("[role=alert]", "linje 4 har et tegn"), until(`() => { const field = document.activeElement; return field.id === 'words' && field.value.slice(field.selectionStart, field.selectionEnd) === '<b>' }`))
	audit(t, ctx, "a word list with a fault")
	run(t, ctx, end, chromedp.KeyEvent(kb.Backspace+kb.Backspace+kb.Backspace+"Husbanken"), save, shows("[role=status]", "Listen har 4 ord"), until(`() => !location.search.includes('saved')`))
	picture(t, ctx, "word-list")
	if l := must(r.Store.WordList(tctx, "", ""))(t); strings.Join(l.Words, ",") != "Øygarden,Nav,Sør-Odal,Husbanken" {
		t.Errorf("saved %q", l.Words)
	}
	run(t, ctx, beside("words"), shows("h1", "Ordlister"), chromedp.Focus(css("#body")), chromedp.KeyEvent("Elevrådet"+kb.Enter), shows("h1", "Alle møter – Elevrådet"))
}
