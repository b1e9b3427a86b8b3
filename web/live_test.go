package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// speaker is a listener that hears what the test says, whatever the recording holds.
type speaker chan referent.Partial

func (s speaker) Listen(ctx context.Context, _ func(context.Context, []byte) (int, error), _ referent.Recognition, _ float64, heard func(referent.Partial) error) error {
	for {
		select {
		case p := <-s:
			if err := heard(p); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// arrive makes a dictation of which the first half has come, and returns what brings the rest.
func arrive(t *testing.T, r *webtest.Rig, owner string) (id string, rest func()) {
	t.Helper()
	m := &referent.Meeting{Owner: owner, Title: "Diktat om brøyting", Kind: referent.KindDictate}
	webtest.Check(t, r.Pipeline.Create(t.Context(), m))
	u := must(r.Pipeline.BeginUpload(t.Context(), m.ID, owner, int64(len(transcriptVTT))))(t)
	half := int64(len(transcriptVTT) / 2)
	must(r.Pipeline.Append(t.Context(), u.ID, 0, strings.NewReader(transcriptVTT[:half]), nil))(t)
	return m.ID, func() {
		must(r.Pipeline.Append(t.Context(), u.ID, half, strings.NewReader(transcriptVTT[half:]), nil))(t)
	}
}

func TestPartialText(t *testing.T) {
	r := webtest.Start(t, nil)
	hears := make(speaker)
	r.StartListener(hears)
	kari := r.User("kari", false)
	r.User("ola", false)
	id, _ := arrive(t, r, kari.ID)
	ask := func(user string) (status int, body string) {
		res := r.Do(http.MethodGet, "/api/v1/meetings/"+id+"/partial", r.Token(user, store.ScopeRead), nil, nil)
		defer res.Body.Close()
		return res.StatusCode, string(must(io.ReadAll(res.Body))(t))
	}
	if status, body := ask("kari"); status != http.StatusOK || !strings.Contains(body, `"segments":[]`) {
		t.Errorf("before anything is heard: %d %s", status, body)
	}
	hears <- referent.Partial{Heard: 2, Segments: []referent.PartialSegment{{End: 2, Text: "Det er brøytet."}, {Start: 2, End: 3, Text: "I dag", Open: true}}}
	var p struct {
		referent.Partial
		Label string
	}
	r.Eventually("the text is there", func() bool {
		_, body := ask("kari")
		webtest.Check(t, json.Unmarshal([]byte(body), &p))
		return len(p.Segments) == 2
	})
	if p.Label != referent.DraftLabel || p.Heard != 2 || p.Segments[0].Text != "Det er brøytet." || !p.Segments[1].Open {
		t.Errorf("%+v", p)
	}
	if status, body := ask("ola"); status != http.StatusNotFound || strings.Contains(body, "brøytet") {
		t.Errorf("for somebody else: %d %s", status, body)
	}
	events := must(r.Store.EventsAfter(t.Context(), id, nil, 0, 100))(t)
	if last := events[len(events)-1]; last.Type != "partial" || last.Stage != referent.StageLive {
		t.Errorf("the last event is %+v", last)
	}
}

// The page shows what is heard while it is heard, and the transcript in its place.
func TestLiveByHand(t *testing.T) {
	r := webtest.Start(t, nil)
	r.StartWorker()
	hears := make(speaker)
	r.StartListener(hears)
	kari := r.User("kari", false)
	id, rest := arrive(t, r, kari.ID)
	ctx := browserWith(t, []chromedp.ExecAllocatorOption{
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true)})
	run(t, ctx, chromedp.Navigate(r.URL+"/signin"), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"),
		chromedp.Navigate(r.URL+"/meetings/"+id), shows("h1", "Diktat om brøyting"),
		until(`() => document.getElementById('live').hidden`))

	hears <- referent.Partial{Heard: 4, Segments: []referent.PartialSegment{
		{End: 2, Text: "I dag er det brøytet på alle veiene i bygda."}, {Start: 2, End: 4, Text: "Det gikk <b>fint</b>.", Doubtful: true},
		{Start: 4, End: 5, Text: "I morgen", Open: true}}}
	run(t, ctx, shows("#live", "Foreløpig tekst laget ved hjelp av KI"), shows("#live .said", "<b>fint</b>"), shows("#live .open", "I morgen"),
		until(`() => !document.getElementById('live').hidden && document.querySelectorAll('#live .said p').length === 2`))
	picture(t, ctx, "live")
	hears <- referent.Partial{Heard: 7, Segments: []referent.PartialSegment{{Start: 4, End: 7, Text: "I morgen strør vi gangveien."}}}
	run(t, ctx, shows("#live .said", "strør vi gangveien"),
		until(`() => document.querySelectorAll('#live .said p').length === 3 && document.querySelector('#live .open').textContent === ''`))

	rest()
	run(t, ctx, shows(".transcript", "bestillingen"), until(`() => document.getElementById('live') === null`), shows(".state", "Utkast"))

	// While one records oneself, the text can be stopped, and the recording goes on; nothing is lost of either.
	run(t, ctx, chromedp.Navigate(r.URL+"/record"), shows("h1", "Ta opp"), press("#record-start"), shows("#record-sign", "Opptaket går"))
	hears <- referent.Partial{Heard: 2, Segments: []referent.PartialSegment{{End: 1, Text: "I dag er det brøytet."}, {Start: 1, End: 2, Text: "Og så", Open: true}}}
	run(t, ctx, shows("#live:not([hidden]) .said", "brøytet"), shows("#live .open", "Og så"))
	audit(t, ctx, "while it records")
	run(t, ctx, press("#live button"), shows("#live button", "Vis ny tekst igjen"))
	fetched := func(size int) action {
		return until(`(size) => performance.getEntriesByType('resource').some((e) => e.name.endsWith('/partial') && e.decodedBodySize > size)`, size)
	}
	long := strings.Repeat(" Ja.", 300)
	hears <- referent.Partial{Heard: 3, Segments: []referent.PartialSegment{{Start: 1, End: 3, Text: "Og så strør vi." + long}}}
	run(t, ctx, fetched(len(long)))
	hears <- referent.Partial{Heard: 4, Segments: []referent.PartialSegment{{Start: 3, End: 4, Text: "Ja." + long}}}
	run(t, ctx, fetched(2*len(long)), // what came before has been taken in, since one is fetched after the other
		until(`() => !document.getElementById('live').textContent.includes('strør')`), press("#live button"), shows("#live .said", "Og så strør vi."),
		shows("#record-sign", "Opptaket går"), press("#record-stop"), until(`() => location.pathname.startsWith('/meetings/')`))
}
