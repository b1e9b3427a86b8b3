package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// bring makes a meeting of a transcript, and does not wait for what becomes of it.
func bring(r *webtest.Rig, token, content string, pairs ...string) (id string) {
	r.T.Helper()
	path, id := begin(r, token, len(content), meta(pairs...))
	resp := patch(r, path, token, 0, strings.NewReader(content))
	if body := text(r.T, resp); resp.StatusCode != 204 {
		r.T.Fatalf("%s %s", resp.Status, body)
	}
	return id
}

// longTitle has no place to break.
var longTitle = "Formannskapet_" + strings.Repeat("budsjettregulering", 6)

// A secretary follows meetings: first nobody works on them, then they become ready, or fail, while another page is open.
func TestFollowingByHand(t *testing.T) {
	r, token := uploader(t, nil)
	r.User("ola", false)
	first := bring(r, token, transcriptVTT, "title", longTitle, "kind", "moteprotokoll")
	ctx := browser(t)
	run(t, ctx, chromedp.Navigate(r.URL+"/signin"), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter),
		shows(`[data-meeting="`+first+`"] .still`, "ingen maskin er i gang"), shows("#notify", "verken tittel eller navn"))
	picture(t, ctx, "list-still")
	audit(t, ctx, "a list that stands still")
	run(t, ctx, chromedp.Navigate(r.URL+"/meetings/"+first), shows(".outlook.still", "ingen maskin er i gang"))
	picture(t, ctx, "meeting-still")
	audit(t, ctx, "a meeting that stands still")

	// One that failed says why, and what another try does; the keyboard tries again, from the list.
	lost := bring(r, token, transcriptVTT, "title", "Tapt")
	webtest.Check(t, r.Pipeline.Cancel(t.Context(), lost))
	webtest.Check(t, r.Store.Tx(t.Context(), func(tx store.Tx) error {
		m, err := tx.Meeting(t.Context(), lost)
		if err != nil {
			return err
		}
		m.State, m.Failure = referent.StateFailed, &referent.Failure{Code: referent.CodeWorkerLost, Stage: referent.StagePrepare, At: time.Now()}
		return tx.UpdateMeeting(t.Context(), m)
	}))
	row := `[data-meeting="` + lost + `"] `
	run(t, ctx, chromedp.Navigate(r.URL+"/meetings/"+lost), shows(".alert", "falt ut flere ganger"), shows("#retry-help", "begynner på nytt med opptaket"),
		chromedp.Navigate(r.URL+"/"), shows(row+".cause", "falt ut flere ganger"), shows(row+"form", "begynner på nytt med opptaket"))
	picture(t, ctx, "list-failed")
	audit(t, ctx, "a list with a failure")
	run(t, ctx, chromedp.Focus(css(row+"button")), chromedp.KeyEvent(kb.Enter), shows(row+".still", "ingen maskin er i gang"), shows("h1", "Nytt opptak"))

	// On another page, with the system's notifications turned on and nobody looking.
	webtest.Check(t, r.Pipeline.Cancel(t.Context(), lost))
	run(t, ctx, chromedp.Navigate(r.URL+"/tasks"), shows("h1", "Oppgaver"))
	read(t, ctx, chromedp.Evaluate[bool](`(() => {
		const kari = document.body.dataset.user;
		localStorage.setItem('referent.notify.' + kari, 'on');
		window.told = [];
		window.Notification = class extends EventTarget {
			static permission = 'granted';
			constructor(title, options) { super(); window.told.push(title + ' ' + Object.keys(options)); }
		};
		document.hasFocus = () => false;
		return true;
	})()`))
	theirs := bring(r, r.Token("ola", store.ScopeRead, store.ScopeWrite), transcriptVTT, "title", "Olas eget")
	broken := bring(r, token, "WEBVTT\n\n00:00:01.000 -->\n", "title", "Ødelagt")
	r.StartWorker()
	run(t, ctx, shows("#notices", "«"+longTitle+"» er klart."), shows("#notices", "«Ødelagt» stoppet av en feil."),
		until(`() => document.title.startsWith('(2) ')`), until(`() => window.told.length === 2`))
	if told := read(t, ctx, chromedp.Evaluate[string](`window.told.sort().join('|')`)); told != "Et møte er klart tag|Et møte stoppet av en feil tag" {
		t.Errorf("the system was told %q", told)
	}
	r.Eventually("ola's meeting", func() bool { return must(r.Store.Meeting(t.Context(), theirs))(t).State == referent.StateDraft })
	picture(t, ctx, "notices")
	audit(t, ctx, "notices", "#notices")

	// The list marks what is ready and has not been opened; what was there before this browser knew is not new.
	run(t, ctx, chromedp.Navigate(r.URL+"/"), until(`(id) => document.querySelector('[data-meeting="' + id + '"] .new')?.checkVisibility() === true`, first))
	audit(t, ctx, "a list with something new", "#list")

	// A page in the background takes none of the browser's few connections, where another holds one for all.
	back, done := chromedp.NewContext(ctx)
	run(t, back, beforeScripts(`(() => {
		window.streams = new Set();
		window.EventSource = class extends EventSource { constructor(at) { super(at); streams.add(this); } close() { super.close(); streams.delete(this); } };
		Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
	})()`), chromedp.Navigate(r.URL+"/search"),
		until(`async () => (await navigator.locks.query()).pending.some((l) => l.name === 'referent-events')`))
	if n := read(t, back, chromedp.Evaluate[int](`streams.size`)); n != 0 {
		t.Errorf("a page in the background has %d connections", n)
	}
	run(t, back, until(`() => { Object.defineProperty(document, 'visibilityState', { value: 'visible' }); document.dispatchEvent(new Event('visibilitychange')); return streams.size === 1 }`))
	done()

	// They follow to the next page, until they are closed or the meeting is opened.
	run(t, ctx, chromedp.Navigate(r.URL+"/search"), shows("#notices", "Ødelagt"), shows("#notices", longTitle),
		chromedp.Focus(css(`#notices [data-meeting="`+broken+`"] button`)), chromedp.KeyEvent(kb.Enter),
		until(`() => document.querySelectorAll('#notices [data-meeting]').length === 1 && document.title.startsWith('(1) ') && document.activeElement.matches('#notices button')`),
		until(`() => document.querySelectorAll('#notices-told [data-meeting]').length === 1 && document.getElementById('notices-new').children.length === 0`)) // not read aloud again
	if html := read(t, ctx, chromedp.InnerHTML(css("#notices"))); strings.Contains(html, "Olas") {
		t.Error("somebody else's meeting is told of")
	}
	run(t, ctx, chromedp.Focus(css("#notices a")), chromedp.KeyEvent(kb.Enter), shows("h1", longTitle), shows(".minutes", "snøfreser"),
		until(`() => !document.querySelector('#notices [data-meeting]') && !document.title.startsWith('(')`),
		chromedp.Navigate(r.URL+"/"), until(`(id) => document.querySelector('[data-meeting="' + id + '"] .new')?.checkVisibility() === false`, first))
}

// beforeScripts runs a script in each page of the tab before the page's own.
func beforeScripts(script string) action {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	}
}

// The list and the stream say the same of the queue, and each sees their own.
func TestOutlooksAreSeenByThoseWhoSeeTheMeeting(t *testing.T) {
	r, token := uploader(t, nil)
	r.User("ola", false)
	ola := r.Token("ola", store.ScopeRead)
	id := bring(r, token, transcriptVTT)
	var all []web.Outlook
	r.Eventually("a look", func() bool { // the last one may be of a second ago
		all = ask[[]web.Outlook](r, "GET", "/api/v1/outlooks", token, "", 200)
		return len(all) == 1
	})
	if o := all[0]; o.Meeting != id || o.Standing != pipeline.NoWorkers || !o.Still || !strings.HasPrefix(o.Text, "Står stille: ingen maskin er i gang") {
		t.Errorf("the outlook: %+v", o)
	}
	if theirs := ask[[]web.Outlook](r, "GET", "/api/v1/outlooks", ola, "", 200); len(theirs) != 0 {
		t.Errorf("somebody else sees %+v", theirs)
	}
	resp := r.Do("GET", "/api/v1/events?queue=true", token, nil, func(q *http.Request) { q.Header.Set("Accept-Language", "en") })
	t.Cleanup(func() { resp.Body.Close() })
	s := &stream{t, resp, bufio.NewScanner(resp.Body)}
	next := func() (o web.Outlook) {
		for {
			if s.line() != "event: outlook" {
				continue
			}
			webtest.Check(t, json.Unmarshal([]byte(strings.TrimPrefix(s.line(), "data: ")), &o))
			return o
		}
	}
	if o := next(); o.Meeting != id || !strings.HasPrefix(o.Text, "At a standstill") {
		t.Errorf("the stream begins with %+v", o)
	}
	webtest.Check(t, r.Pipeline.Cancel(t.Context(), id))
	if o := next(); o.Meeting != id || o.Text != "" {
		t.Errorf("when no work is left: %+v", o)
	}
}
