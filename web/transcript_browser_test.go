package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/speakers"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// putTranscript stores a person's version of the transcript, made of the shown one.
func putTranscript(r *webtest.Rig, id string, change func(t *referent.Transcript)) {
	r.T.Helper()
	ctx := r.T.Context()
	_, err := r.Pipeline.EditTranscript(ctx, id, must(r.Store.UserByName(ctx, "kari"))(r.T).ID, 0, func(t *referent.Transcript, _ func() (*referent.Voices, error)) (*referent.Transcript, error) {
		data, err := json.Marshal(t)
		if err != nil {
			return nil, err
		}
		copied := new(referent.Transcript)
		if err := json.Unmarshal(data, copied); err != nil {
			return nil, err
		}
		change(copied)
		return copied, nil
	})
	webtest.Check(r.T, err)
}

// press puts the keyboard on an element and presses Enter.
func press(selector string) action {
	return func(c context.Context, target *chromedp.Target) (chromedp.Void, error) {
		if _, err := chromedp.Focus(css(selector))(c, target); err != nil {
			return chromedp.Void{}, err
		}
		return chromedp.KeyEvent(kb.Enter)(c, target)
	}
}

// does runs a script in the page.
func does(script string) action { return until(`() => { ` + script + `; return true }`) }

// A transcript is heard and corrected by keyboard, while somebody else works on it too.
func TestTranscriptByHand(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	silence(r, id)
	putTranscript(r, id, func(t *referent.Transcript) {
		t.Segments[3].Quality = referent.Quality{Reasons: []string{"low_probability"}}
		t.Segments[4].Words[1].Probability = 0.2
	})
	ctx := browser(t, "status of 409")
	page := r.URL + "/meetings/" + id + "/transcript"
	text := func(segment, want string) action { return shows("#"+segment+" .t-text", want) }
	others := func(segment, to string) { // somebody else's edit
		t.Helper()
		amend(r, at, token, 200, 0, correct.Amendment{Do: correct.Text, Segment: segment, Seen: seenIn(segmentOf(r, at, token, segment)), Text: to})
	}
	saved := shows("#saved", "Lagret (versjon")

	// What cites a segment leads to it, also by its old address: it has the keyboard, and the sound is there.
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/meetings/"+id), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter),
		shows("#transcript-title", "Transkripsjon"), press(`a[href$="/transcript"]`), shows("#doubts", "2 innlegg"),
		chromedp.Navigate(page+"#s4"), chromedp.Reload(), focused("s4"), shows("#s4 .t-head", "ordene er usikkert oppfattet"),
		until(`() => { const a = document.getElementById('audio'); a.pause(); return a.currentTime >= 15 && a.currentTime < 19 }`))
	run(t, ctx, until(`() => document.getElementById('wave').getContext('2d').getImageData(0, 0, 300, 70).data.some((b) => b > 0)`))
	picture(t, ctx, "transcript")
	audit(t, ctx, "transcript")

	// A word is clicked and heard from where it begins, and is marked; the keys work everywhere.
	second := segmentOf(r, at, token, "s2").Words[1].Start
	run(t, ctx, chromedp.Click(css(`#s2 .w[data-i="1"]`)))
	run(t, ctx, until(`(start) => { const a = document.getElementById('audio'); return !a.paused && a.currentTime >= start && a.currentTime < start + 6 }`, second))
	run(t, ctx, until(`() => !!document.querySelector('#s2 .w.now')`))
	key := func(code string) action {
		return does(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { code: '` + code + `', altKey: true, bubbles: true, cancelable: true }))`)
	}
	run(t, ctx, does(`document.getElementById('find-text').focus()`), key("KeyK"), until(`() => document.getElementById('audio').paused`))
	run(t, ctx, does(`document.getElementById('audio').currentTime = 16`), key("KeyJ"), key("Comma"))
	run(t, ctx, until(`() => { const a = document.getElementById('audio'); return a.currentTime === 13 && a.playbackRate === 0.75 }`), key("KeyN"))
	run(t, ctx, until(`() => document.activeElement.matches('.t-item.doubtful')`))

	// In place: Enter opens, Enter saves, and the keyboard is where it was. Undo and redo give back just that.
	run(t, ctx, does(`document.getElementById('s2').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"), chromedp.KeyEvent(" Helt sikkert.\r"), saved,
		text("s2", "i balanse. Helt sikkert."), focused("s2"), shows("#s2", "Kontrollert"))
	if s := segmentOf(r, at, token, "s2"); !strings.HasSuffix(s.Text, "i balanse. Helt sikkert.") || !s.Confirmed {
		t.Errorf("stored: %+v", s)
	}
	gone := until(`() => !document.querySelector('#s2 .t-text').textContent.includes('Helt')`)
	run(t, ctx, press("#undo"), gone, press("#redo"), text("s2", "Helt sikkert."), does(`document.getElementById('s2').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"),
		chromedp.KeyEvent(" Nei."+kb.Escape), focused("s2"), until(`() => !document.querySelector('.t-form') && !document.getElementById('s2').textContent.includes('Nei.')`))

	// Somebody else changes another segment: what is written stays. Then the same: both are told.
	run(t, ctx, does(`document.getElementById('s3').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"), chromedp.KeyEvent(" Mitt."))
	picture(t, ctx, "transcript-edit")
	audit(t, ctx, "a segment's form")
	others("s5", "Det er ganske fint.")
	run(t, ctx, text("s5", "ganske fint"), focused("edit-text"), until(`() => document.getElementById('edit-text').value.endsWith(' Mitt.')`))
	run(t, ctx, does(`performance.now = () => 0`)) // no time passes
	others("s3", "Deres ord.")
	run(t, ctx, shows("#edit-other", "Deres ord."), focused("edit-text"), until(`() => document.getElementById('edit-text').value.endsWith(' Mitt.')`))
	// Saved before it can have been read, it is the server that tells; then it is for the person to say.
	run(t, ctx, chromedp.KeyEvent(kb.Enter), shows("#saved", "Ikke lagret"), focused("edit-text"), shows("#edit-other", "Deres ord."))
	run(t, ctx, does(`delete performance.now`))
	picture(t, ctx, "transcript-conflict")
	run(t, ctx, chromedp.KeyEvent(kb.Enter), text("s3", "Mitt."), until(`() => document.getElementById('saved').textContent.startsWith('Lagret')`))
	// Where the other's change was not seen yet, the server tells, and the form is there again.
	run(t, ctx, does(`window.real = window.fetch; window.fetch = (a, b) => (String(a).includes('/changes') ? Promise.reject(new TypeError('held back')) : real(a, b))`),
		does(`document.getElementById('s1').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"), chromedp.KeyEvent(" Mitt her."))
	others("s1", "Deres innledning.")
	run(t, ctx, chromedp.KeyEvent(kb.Enter), shows("#edit-other", "Deres innledning."))
	if v := read(t, ctx, chromedp.Value(css("#edit-text"))); !strings.HasSuffix(v, "Mitt her.") {
		t.Errorf("what was written is %q", v)
	}
	run(t, ctx,
		does(`window.fetch = real`), does(`document.getElementById('edit-text').focus()`), chromedp.KeyEvent(kb.Escape), until(`() => !document.querySelector('.t-form')`))

	// Without a network what is written is kept, told of, and stored when it is back.
	run(t, ctx, does(`window.fetch = () => Promise.reject(new TypeError('no network'))`), does(`document.getElementById('s4').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"),
		chromedp.KeyEvent(" Uten nett.\r"), shows("#saved", "Ikke lagret: forbindelsen er borte"), text("s4", "Uten nett."), shows("#s4", "Lagres"))
	picture(t, ctx, "transcript-offline")
	run(t, ctx, does(`window.fetch = real; dispatchEvent(new Event('online'))`), saved, until(`() => !document.getElementById('s4').textContent.includes('Lagres')`))
	if s := segmentOf(r, at, token, "s4"); !strings.HasSuffix(s.Text, "Uten nett.") {
		t.Errorf("stored: %q", s.Text)
	}

	// Split at the cursor, another speaker, joined again.
	run(t, ctx, does(`document.getElementById('s4').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"),
		does(`const a = document.getElementById('edit-text'), at = a.value.indexOf('Uten'); a.setSelectionRange(at, at)`), press(`[data-edit=split]`),
		until(`() => document.querySelectorAll('.t-item').length === 6 && document.querySelector('#s4 .t-text').textContent.endsWith('her.')`))
	part := must(chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById('s4').nextElementSibling.id`)))(t)
	run(t, ctx, does(`document.getElementById('s4').nextElementSibling.focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"),
		does(`document.getElementById('edit-speaker').value = 'new'`), press(`[data-edit=give]`), shows("[id='"+part+"'] .t-who", "S4"),
		does(`document.getElementById('s4').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"), press(`[data-edit=join]`), text("s4", "her. Uten nett."))

	// Found and replaced over all, with a preview, and undone as one.
	run(t, ctx, does(`document.getElementById('list').focus(); dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyF', ctrlKey: true, cancelable: true }))`), focused("find-text"),
		chromedp.KeyEvent("takk"), shows("#found", "2 treff"), chromedp.KeyEvent(kb.Enter), shows("#found", "Treff 1 av 2"), until(`() => !!document.querySelector('mark.hit.now')`),
		chromedp.SendKeys(css("#replace-text"), "Mange takk"), press("#replace-preview"), shows("#preview", "2 treff i 2 innlegg"), focused("preview"))
	picture(t, ctx, "transcript-replace")
	audit(t, ctx, "replacing")
	run(t, ctx, press("#replace-all"), text("s2", "Mange takk"), text("s3", "Mange takk"), saved, press("#undo"),
		until(`() => !document.getElementById('list').textContent.includes('Mange')`))

	// Speakers are named from here, also by somebody else; history tells who did what, and goes back.
	run(t, ctx, does(`document.getElementById('voices').open = true`), chromedp.Focus(css("#voice-name-S1")), chromedp.KeyEvent("Kari Nordmann\r"), shows("#s1 .t-who", "Kari Nordmann"),
		until(`() => document.getElementById('voice-name-S1').defaultValue === 'Kari Nordmann'`), press("#undo"), // told of by an event before the answer
		until(`() => !document.querySelector('#s1 .t-who').textContent.includes('Kari')`))
	ask[speakers.Change](r, "PATCH", at+"/speakers/S2", token, `{"name":"Ola"}`, 200)
	run(t, ctx, shows("#s2 .t-who", "Ola"), does(`document.getElementById('versions').open = true`), shows("#versions", "kari"), press("#versions [data-do=compare]"), shows("#compared ins", "Ola"))
	picture(t, ctx, "transcript-history")
	audit(t, ctx, "history")
	run(t, ctx, press(`#versions [data-do=older]`), press(`#versions [data-do=restore][data-version="5"]`), shows("#s4 .t-head", "ordene er usikkert"), press("#undo"), text("s4", "her. Uten nett."))

	// A reload keeps it all. Approved minutes lock it.
	run(t, ctx, chromedp.Navigate(page), text("s4", "her. Uten nett."), text("s3", "Mitt."))
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		m, err := tx.Meeting(t.Context(), id)
		if err != nil {
			return err
		}
		m.State = referent.StateApproved
		return tx.UpdateMeeting(t.Context(), m)
	}))
	run(t, ctx, chromedp.Navigate(page), shows(".notice", "Referatet er godkjent"), shows("#s1", "Deres innledning."), until(`() => !document.querySelector('[data-do=edit]')`))
	if v := ask[web.TranscriptVersion](r, "GET", at+"/transcript", token, "", 200); len(v.Transcript.Segments) != 5 {
		t.Errorf("%d segments", len(v.Transcript.Segments))
	}
}

// What a person wrote is never lost, whatever others do and wherever the person goes meanwhile.
func TestWhatIsWrittenStays(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	ctx := browser(t, "status of 409")
	others := func(segment, to string) {
		t.Helper()
		amend(r, at, token, 200, 0, correct.Amendment{Do: correct.Text, Segment: segment, Seen: seenIn(segmentOf(r, at, token, segment)), Text: to})
	}
	edit := func(segment, text string) {
		t.Helper()
		run(t, ctx, does(`document.getElementById('`+segment+`').focus()`), chromedp.KeyEvent(kb.Enter), focused("edit-text"), chromedp.KeyEvent(text))
	}
	closed := until(`() => !document.querySelector('.t-form')`)
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/meetings/"+id+"/transcript"), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter),
		until(`() => document.getElementById('transcript-page')?.dataset.ready === 'true'`),
		does(`window.real = window.fetch; window.fetch = async (a, b) => { if (String(a).endsWith('/edits')) await window.held; return real(a, b) }`))

	// It could not be stored, and the person is elsewhere by then: it is kept, and nothing takes the keyboard away.
	edit("s1", " Mitt her.")
	run(t, ctx, does(`window.held = new Promise((go) => { window.release = go })`), chromedp.KeyEvent(kb.Enter), closed, does(`document.getElementById('find-text').focus()`))
	others("s1", "Deres ord.")
	run(t, ctx, does(`release()`), until(`() => !!document.querySelector('#unsaved textarea')?.value.endsWith(' Mitt her.')`), focused("find-text"))
	picture(t, ctx, "transcript-unsaved")
	audit(t, ctx, "text that is not stored")
	// Another success hides nothing of it, and the page is not left without a word.
	edit("s2", " Enig.\r")
	run(t, ctx, shows("#saved", "Lagret"), until(`() => document.querySelector('#unsaved textarea').value.endsWith(' Mitt her.') && !dispatchEvent(new Event('beforeunload', { cancelable: true }))`))
	// It goes back into the form beside what the others wrote, which Enter does not overwrite before it can be read.
	run(t, ctx, does(`performance.now = () => 0`), press(`[data-unsaved=open]`), focused("edit-text"), shows("#edit-other", "Deres ord."), chromedp.KeyEvent(kb.Enter), shows("#saved", "Ikke lagret"), focused("edit-text"))
	if got := segmentOf(r, at, token, "s1").Text; got != "Deres ord." {
		t.Errorf("overwritten unread: %q", got)
	}
	run(t, ctx, does(`performance.now = () => 1e6`), chromedp.KeyEvent(kb.Enter), closed, shows("#s1 .t-text", "Mitt her."), shows("#saved", "Lagret"), until(`() => document.getElementById('unsaved').hidden`))

	// Joined with a segment that somebody else changed: what was written in the first is in the field still.
	edit("s3", " Skrevet først.")
	run(t, ctx, does(`window.held = new Promise((go) => { window.release = go })`), press(`[data-edit=join]`), closed)
	others("s4", "Noe annet.")
	run(t, ctx, does(`release()`), focused("edit-text"), until(`() => document.getElementById('edit-text').value.endsWith(' Skrevet først.')`), shows("#failed", "Noen andre endret"), chromedp.KeyEvent(kb.Enter), closed, shows("#saved", "Lagret"))

	// An emptied field changes nothing when another segment is opened, and is what Remove is for.
	edit("s4", "")
	run(t, ctx, does(`const a = document.getElementById('edit-text'); a.value = ''; a.dispatchEvent(new Event('input'))`), chromedp.KeyEvent(kb.Enter), shows("#edit-help", "fjernes med Fjern"),
		does(`document.querySelector('#s5 [data-do=edit]').click()`), until(`() => document.querySelectorAll('.t-form').length === 1 && !!document.querySelector('#s5 .t-form')`), shows("#s4 .t-text", "Noe annet."),
		does(`const a = document.getElementById('edit-text'); a.value = ''; a.dispatchEvent(new Event('input'))`), press(`[data-edit=remove]`), until(`() => !document.getElementById('s5')`), shows("#saved", "Lagret"))
	if got := segmentOf(r, at, token, "s3").Text; !strings.HasSuffix(got, "Skrevet først.") {
		t.Errorf("joined: %q", got)
	}
	// A name that is being written stays when somebody else names another.
	run(t, ctx, does(`document.getElementById('voices').open = true; document.getElementById('voice-name-S1').value = 'Halvskrevet'`))
	ask[speakers.Change](r, "PATCH", at+"/speakers/S2", token, `{"name":"Ola"}`, 200)
	run(t, ctx, shows("#s2 .t-who", "Ola"), until(`() => document.getElementById('voice-name-S1').value === 'Halvskrevet' && document.getElementById('voice-name-S2').value === 'Ola'`))
}

const longSegments = 4000

// threeHours makes a transcript of three hours out of one of a few segments.
func threeHours(t *referent.Transcript) {
	words := strings.Fields("og da er vi enige om at saken blir lagt fram for kommunestyret i neste møte med de endringene som er nevnt")
	t.Segments, t.Turns = nil, nil
	for i := range longSegments {
		s := referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: 2.7 * float64(i), End: 2.7*float64(i) + 2.6, Speaker: t.Speakers[i%3].ID, Quality: referent.Quality{OK: i%9 != 0}}
		for k := range 5 + i*7%17 {
			s.Words = append(s.Words, referent.Word{Text: words[(i+k)%len(words)], Start: s.Start + 0.1*float64(k), End: s.Start + 0.1*float64(k+1), Probability: 0.9})
			s.Text = strings.TrimSpace(s.Text + " " + words[(i+k)%len(words)])
		}
		t.Segments = append(t.Segments, s)
	}
}

// Three hours are scrolled through smoothly, and hold few elements at a time.
func TestLongTranscriptScrolls(t *testing.T) {
	r, token := uploader(t, nil)
	id, _ := uploadDebate(r, token)
	putTranscript(r, id, threeHours)
	ctx := browser(t)
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/meetings/"+id+"/transcript"), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter),
		until(`() => document.getElementById('transcript-page')?.dataset.ready === 'true'`))
	// Three seconds of scrolling through an hour of it, as fast as a hand on a wheel goes.
	run(t, ctx, chromedp.Evaluate[chromedp.Void](`(() => {
		const list = document.getElementById('list');
		let frames = 0, most = 0, began, longest = 0, last;
		const step = (now) => {
			began ??= now;
			if (last !== undefined) longest = Math.max(longest, now - last);
			last = now;
			frames++;
			list.scrollTop += 60;
			most = Math.max(most, list.querySelectorAll('.t-item').length);
			if (now - began < 3000) requestAnimationFrame(step);
			else window.told = { rate: (frames - 1) / (now - began) * 1000, longest, most, top: list.scrollTop };
		};
		requestAnimationFrame(step);
	})()`), until(`() => window.told !== undefined`))
	type scroll struct{ Rate, Longest, Most, Top float64 }
	got := read(t, ctx, chromedp.Evaluate[scroll]("window.told"))
	t.Logf("%.0f frames a second, the longest %.0f ms, at most %.0f segments in the page, %.0f pixels", got.Rate, got.Longest, got.Most, got.Top)
	if got.Rate < 30 || got.Most > 100 || got.Top < 3000 {
		t.Errorf("scrolling: %+v", got)
	}
	// The keyboard gets to the end, in order, with no hole on the way.
	run(t, ctx, does(`document.querySelector('.t-item').focus()`), chromedp.KeyEvent(kb.End), focused(fmt.Sprintf("s%d", longSegments)),
		chromedp.KeyEvent(kb.ArrowUp), focused(fmt.Sprintf("s%d", longSegments-1)),
		until(`() => { const tops = [...document.querySelectorAll('.t-item')].map((e) => e.getBoundingClientRect());
			return tops.every((b, i) => !i || Math.abs(b.top - tops[i - 1].bottom) < 1) }`))
	run(t, ctx, chromedp.Navigate(r.URL+"/meetings/"+id+"/transcript#s2500"), focused("s2500"))
}
