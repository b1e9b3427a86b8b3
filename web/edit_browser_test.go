package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// What is said about a meeting is changed by keyboard, while somebody else changes it, too.
func TestEditingByHand(t *testing.T) {
	r, token := uploader(t, nil)
	r.StartWorker()
	id := uploadTranscript(r, token, "title", "Driftsmøte", "date", "2026-11-20", "participants", `[{"name":"Kari Nordmann","role":"leder","party":"Sp"}]`, "agenda", "PS 1/26 Budsjett")
	at := "/api/v1/meetings/" + id
	ctx := browser(t, "status of 401", "status of 409", "status of 422")
	press := func(selector string) action {
		return sequence(chromedp.Focus(css(selector)), chromedp.KeyEvent(kb.Enter))
	}
	write := func(selector, value string) action {
		return sequence(until(`(selector) => { const f = document.querySelector(selector); f.focus(); f.select(); return true }`, selector), chromedp.KeyEvent(value))
	}
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/meetings/"+id), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter),
		shows("h1", "Driftsmøte"), press(`a[href$="/edit"]`), shows("h1", "Endre opplysninger"), shows("#participants", "Kari Nordmann;leder;Sp"), shows("#agenda", "PS 1/26 Budsjett"))
	picture(t, ctx, "edit")
	audit(t, ctx, "editing")

	// The session ends. What was written stays, and is saved after signing in again in another tab.
	r.Server.SetHeartbeat(50 * time.Millisecond)
	kari := must(r.Store.UserByName(t.Context(), "kari"))(t)
	run(t, ctx, chromedp.Navigate(r.URL+"/meetings/"+id+"/edit"), shows("h1", "Endre opplysninger"), write("#purpose", "opplæring"))
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error { return tx.DeleteSessionsOf(t.Context(), kari.ID) }))
	run(t, ctx, press("#edit .row button.ds-button"), shows("#edit-failed", "Logg inn i en annen fane"), shows("#notices-new", "Du er logget ut"))
	picture(t, ctx, "edit-signed-out")
	audit(t, ctx, "an edit of somebody who is signed out", "#edit-failed", "#notices-new")
	tab, done := chromedp.NewContext(ctx)
	run(t, tab, chromedp.Navigate(r.URL+"/signin"), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"))
	done()
	run(t, ctx, until(`() => document.getElementById('notices-new').children.length === 0`)) // it is told again what happens
	run(t, ctx, press("#edit .row button.ds-button"), shows("h1", "Driftsmøte"), shows(".notice", "Opplysningene er lagret"), until(`() => location.search === ''`),
		press(`a[href$="/edit"]`), shows("h1", "Endre opplysninger"))
	if p := read(t, ctx, chromedp.Value(css("#purpose"))); p != "opplæring" {
		t.Errorf("saved after signing in again: %q", p)
	}

	// Somebody else changes the place, which nobody else wrote in, and the title.
	ask[referent.Meeting](r, "PATCH", at, token, `{"place":"Rådhuset","title":"Deres tittel"}`, 200)
	run(t, ctx, write("#title", "Min tittel"), write("#agenda", "PS 1/26 Budsjett\nPS 2/26 Skole"), chromedp.SetValue(css("#time"), "09:30"),
		press("#edit .row button.ds-button"), shows("#edit-alert", "(Tittel)"), focused("edit-alert"), shows(".theirs", "Deres tittel"))
	if title := read(t, ctx, chromedp.Value(css("#title"))); title != "Min tittel" {
		t.Errorf("what was written is %q", title)
	}
	if m := must(r.Store.Meeting(t.Context(), id))(t); m.Title != "Deres tittel" || len(m.Agenda) != 1 {
		t.Errorf("before it was looked over: %+v", m)
	}
	picture(t, ctx, "edit-conflict")
	audit(t, ctx, "an edit that met another", "#edit-alert", ".theirs")
	run(t, ctx, press("#edit .row button.ds-button"), shows("h1", "Min tittel"), shows(".notice", "Skriv referatet på nytt"), shows(".facts", "Rådhuset"))
	picture(t, ctx, "edit-saved")
	m := must(r.Store.Meeting(t.Context(), id))(t)
	want := time.Date(2026, 11, 20, 9, 30, 0, 0, time.Local)
	if m.Title != "Min tittel" || m.Place != "Rådhuset" || !m.Start.Equal(want) || len(m.Agenda) != 2 ||
		!slices.Equal(m.Participants, []referent.Participant{{Name: "Kari Nordmann", Role: "leder", Party: "Sp"}}) {
		t.Errorf("saved: %+v", m)
	}

	// A list that cannot be read is not saved, and not lost.
	run(t, ctx, press(`a[href$="/edit"]`), shows("h1", "Endre opplysninger"), write("#participants", "[{"), press("#edit .row button.ds-button"), shows("#edit-alert", "Listen kan ikke leses"), shows("#participants-noted", "Listen"),
		until(`() => { const f = document.getElementById('participants'); return f.getAttribute('aria-invalid') === 'true' && f.getAttribute('aria-describedby').includes('participants-noted') }`))
	audit(t, ctx, "a list that cannot be read", "#edit")
	if people := read(t, ctx, chromedp.Value(css("#participants"))); people != "[{" {
		t.Errorf("what was written is %q", people)
	}

	// Approved as one kind, it stays that; the rest can be put right.
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		m.State = referent.StateApproved
		return tx.UpdateMeeting(t.Context(), m)
	}))
	run(t, ctx, chromedp.Evaluate[chromedp.Void](`const f = document.getElementById('edit'); f.reset(); delete f.dataset.unsaved; undefined`), // what is written may go
		chromedp.Navigate(r.URL+"/meetings/"+id+"/edit"), shows("#edit-locked", "godkjent"), until(`() => ['kind', 'place', 'participants'].every((id) => document.getElementById(id).disabled)`),
		write("#title", "Rettet tittel"), press("#edit .row button.ds-button"), shows(".notice", "godkjente referatet er ikke endret"), shows("h1", "Rettet tittel"))
	if p := ask[web.Problem](r, "PATCH", at, token, `{"place":"Kinosalen"}`, 409); p.Code != referent.CodeConflict {
		t.Errorf("what approved minutes show: %+v", p)
	}
	if m := must(r.Store.Meeting(t.Context(), id))(t); m.Place != "Rådhuset" || m.Title != "Rettet tittel" || m.State != referent.StateApproved {
		t.Errorf("after the approval: %+v", m)
	}
}

// Who moves the day and who moves the time do not meet, and what cannot be written says at which field.
func TestTheFormThatChangesAMeeting(t *testing.T) {
	r, token := uploader(t, func(c *web.Config) { c.MustTell = []string{"moteprotokoll"} })
	m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, `{"title":"Møte"}`, 201)
	send := func(status int, was string, fields url.Values) string {
		t.Helper()
		fields.Set("was", was)
		resp := r.Do("POST", "/meetings/"+m.ID+"/edit", token, strings.NewReader(fields.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
		page := text(t, resp)
		if resp.StatusCode != status {
			t.Fatalf("%v: %s, want %d", fields, resp.Status, status)
		}
		return page
	}
	start := func() string {
		return must(r.Store.Meeting(t.Context(), m.ID))(t).Start.Local().Format("2006-01-02 15:04")
	}
	page := send(422, `{"title":"Møte"}`, url.Values{"time": {"09:30"}})
	if !strings.Contains(page, `id="date-noted"`) || !strings.Contains(page, `aria-describedby="date-noted" aria-invalid="true"`) || !strings.Contains(page, "må ha en dato") {
		t.Errorf("a time without a date: %s", page)
	}
	send(303, `{}`, url.Values{"date": {"2026-11-20"}, "time": {"09:00"}})
	was := `{"title":"Møte","date":"2026-11-20","time":"09:00"}`
	send(303, was, url.Values{"date": {"2026-11-27"}, "time": {"09:00"}})
	send(303, was, url.Values{"date": {"2026-11-20"}, "time": {"10:30"}})
	if at := start(); at != "2026-11-27 10:30" {
		t.Errorf("moved by two: %s", at)
	}
	send(422, `null`, url.Values{"title": {"Annet"}})
	page = send(422, `{"kind":"referat"}`, url.Values{"kind": {"moteprotokoll"}})
	if !strings.Contains(page, `id="told-noted"`) {
		t.Errorf("a kind that must be told of: %s", page)
	}
	page = send(422, `{"kind":"referat","participants":""}`, url.Values{"kind": {"moteprotokoll"}, "participants": {"[{"}, "told": {"on"}})
	if !strings.Contains(page, `type="checkbox" class="ds-input" checked`) {
		t.Errorf("the confirmation is lost: %s", page)
	}
	send(303, `{"kind":"referat"}`, url.Values{"kind": {"moteprotokoll"}, "told": {"on"}})
	ask[referent.Meeting](r, "PATCH", "/api/v1/meetings/"+m.ID, token, `{"told":false}`, 200)
	if page = text(t, r.Do("GET", "/meetings/"+m.ID+"/edit", token, nil, nil)); strings.Contains(page, "data-told") {
		t.Error("the confirmation is asked for where the kind stays")
	}
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		m := must(tx.Meeting(t.Context(), m.ID))(t)
		m.State = referent.StatePurged
		return tx.UpdateMeeting(t.Context(), m)
	}))
	ask[web.Problem](r, "PATCH", "/api/v1/meetings/"+m.ID, token, `{"title":"Annet"}`, 409)
}

// A meeting of a kind that must be told of is not made one by way of changing it.
func TestChangingTheKindAsksForConfirmation(t *testing.T) {
	r, token := uploader(t, func(c *web.Config) { c.MustTell = []string{"moteprotokoll"} })
	m := ask[referent.Meeting](r, "POST", "/api/v1/meetings", token, `{"title":"Møte"}`, 201)
	at := "/api/v1/meetings/" + m.ID
	ask[web.Problem](r, "PATCH", at, token, `{"kind":"moteprotokoll"}`, 422)
	if m = ask[referent.Meeting](r, "PATCH", at, token, `{"kind":"moteprotokoll","told":true}`, 200); m.Kind != referent.KindProtocol || m.Told == nil {
		t.Errorf("changed: %+v", m)
	}
}
