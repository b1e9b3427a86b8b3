package web_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-audio/audio"
	"github.com/go-audio/wav"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/decode"
	"github.com/referent/referent/web/webtest"
)

// The microphone of these tests hears a staircase of tones, half a second each, over and over: where something
// of it is missing, a step is short or skipped.
const (
	steps    = 20
	stepTime = 0.5 // seconds
)

func stepTone(k int) float64 { return 400 + 80*float64(k) }

func staircase(t *testing.T) string {
	t.Helper()
	const rate = 48000
	data := make([]int, int(steps*stepTime*rate))
	phase := 0.0
	for i := range data {
		phase += 2 * math.Pi * stepTone(int(float64(i)/(stepTime*rate))) / rate
		data[i] = int(12000 * math.Sin(phase))
	}
	path := filepath.Join(t.TempDir(), "staircase.wav")
	f := must(os.Create(path))(t)
	w := wav.NewEncoder(f, rate, 16, 1, 1)
	webtest.Check(t, w.Write(&audio.IntBuffer{Format: &audio.Format{NumChannels: 1, SampleRate: rate}, SourceBitDepth: 16, Data: data}))
	webtest.Check(t, w.Close())
	webtest.Check(t, f.Close())
	return path
}

// heard is the step that each tenth of a second holds, -1 where it is not plain.
func heard(samples []int16) []int {
	const n = referent.SampleRate / 10
	var out []int
	for ; len(samples) >= n; samples = samples[n:] {
		best, power, second := -1, 0.0, 0.0
		for k := range steps {
			var re, im float64
			for i, x := range samples[:n] {
				sin, cos := math.Sincos(2 * math.Pi * stepTone(k) * float64(i) / referent.SampleRate)
				re, im = re+float64(x)*cos, im+float64(x)*sin
			}
			if p := math.Hypot(re, im); p > power {
				best, power, second = k, p, power
			} else {
				second = max(second, p)
			}
		}
		if power < 2*second || power < 50*n {
			best = -1
		}
		out = append(out, best)
	}
	return out
}

// gaps counts where the staircase is not climbed as it was played: a step not followed by the next, or one in the
// middle that is shorter than 0.3 s.
func gaps(t *testing.T, heard []int) int {
	t.Helper()
	type run struct{ step, length int }
	var runs []run
	plain := 0
	for _, k := range heard {
		if k < 0 {
			continue
		}
		plain++
		if len(runs) == 0 || runs[len(runs)-1].step != k {
			runs = append(runs, run{k, 0})
		}
		runs[len(runs)-1].length++
	}
	if plain < len(heard)*6/10 {
		t.Errorf("the tones are heard in %d of %d tenths of a second: %v", plain, len(heard), heard)
	}
	jumps := func(i int) bool { return i >= len(runs) || runs[i].step != (runs[i-1].step+1)%steps }
	n := 0
	for i := 1; i < len(runs); i++ {
		if jumps(i) || !jumps(i+1) && runs[i].length < 3 {
			n++
		}
	}
	return n
}

// decoded is the sound of a meeting's recording, as the server has it now.
func decoded(t *testing.T, r *webtest.Rig, meeting string) []int16 {
	t.Helper()
	rec := must(r.Pipeline.Recording(t.Context(), meeting))(t)
	defer rec.Close()
	var samples []int16
	_, err := decode.Decode(t.Context(), rec, rec.Size(), decode.Options{}, func(block []int16) error {
		samples = append(samples, block...)
		return nil
	})
	webtest.Check(t, err)
	return samples
}

func seconds(samples []int16) float64 { return float64(len(samples)) / referent.SampleRate }

// line is a connection to the server that can be cut.
func line(t *testing.T, r *webtest.Rig) (at string, cut *atomic.Bool) {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(must(url.Parse(r.URL))(t))
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	cut = &atomic.Bool{}
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if cut.Load() {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, q)
	}))
	front.Config.ErrorLog = nil
	front.Start()
	t.Cleanup(front.CloseClientConnections)
	return front.URL, cut
}

// newest is the meeting that was made last.
func newest(t *testing.T, r *webtest.Rig, token string) *referent.Meeting {
	t.Helper()
	list := ask[struct{ Meetings []referent.Meeting }](r, "GET", "/api/v1/meetings?limit=1", token, "", 200).Meetings
	if len(list) == 0 {
		t.Fatal("no meeting was made")
	}
	return &list[0]
}

// recorded waits until the page's clock shows so many seconds.
func recorded(seconds int) action {
	return until(`(s) => { const [m, n] = document.getElementById('record-time').textContent.split(':').map(Number); return 60 * m + n >= s; }`, seconds)
}

func TestRecordByHand(t *testing.T) {
	r, token := uploader(t, nil)
	hears := make(speaker)
	r.StartListener(hears)
	at, cut := line(t, r)
	ctx := browserWith(t, []chromedp.ExecAllocatorOption{
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", staircase(t)),
	}, "Failed to load resource") // while the line is cut
	run(t, ctx, chromedp.Navigate(at+"/signin"), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"))

	t.Run("two taps to dictate, and a pause", func(t *testing.T) {
		run(t, ctx, chromedp.EmulateViewport(390, 800), chromedp.Click(css(`a[href="/record?kind=diktat"]`)), shows("#record-sign", "Opptaket går"), recorded(1))
		if title := read(t, ctx, chromedp.Title()); !strings.HasPrefix(title, "● ") {
			t.Errorf("the title while recording is %q", title)
		}
		hears <- referent.Partial{Heard: 1, Segments: []referent.PartialSegment{{End: 1, Text: "I dag er det brøytet."}}}
		run(t, ctx, shows("#live:not([hidden]) .said", "brøytet"))
		picture(t, ctx, "recording")
		run(t, ctx, chromedp.Click(css("#record-pause")), shows("#record-sign", "Pause"))
		paused := time.Now()
		r.Eventually("the pause has lasted", func() bool { return time.Since(paused) > 1200*time.Millisecond })
		run(t, ctx, chromedp.Click(css("#record-continue")), shows("#record-sign", "Opptaket går"), recorded(4))
		began := read(t, ctx, chromedp.Text(css("#record-time")))
		run(t, ctx, chromedp.Click(css("#record-stop")), until(`() => location.pathname.startsWith('/meetings/')`))
		m := newest(t, r, token)
		if m.State == referent.StateUploading || m.Kind != referent.KindDictate || m.Recording == nil {
			t.Fatalf("after %s: %+v", began, m)
		}
		sound := decoded(t, r, m.ID)
		if s := seconds(sound); s < 3.7 || s > 6 {
			t.Errorf("%.2f s were stored when the clock showed %s", s, began)
		}
		if h := heard(sound); gaps(t, h) > 1 { // the pause
			t.Errorf("something is missing beside the pause: %v", h)
		}
		// What is left of a recording whose beginning is elsewhere can be decoded after its first piece.
		parts := must(r.Store.Parts(t.Context(), m.ID))(t)
		rec := must(r.Pipeline.Recording(t.Context(), m.ID))(t)
		defer rec.Close()
		whole := must(io.ReadAll(io.NewSectionReader(rec, 0, rec.Size())))(t)
		middle := parts[len(parts)/2].Offset
		rest := append(slices.Clone(whole[:parts[0].Size]), whole[middle:]...)
		var samples []int16
		_, err := decode.Decode(t.Context(), bytes.NewReader(rest), int64(len(rest)), decode.Options{}, func(block []int16) error {
			samples = append(samples, block...)
			return nil
		})
		webtest.Check(t, err)
		share := float64(len(whole)-int(middle)) / float64(len(whole)) * seconds(sound)
		t.Logf("the rest after piece %d of %d: %.2f s, of which %.2f s are to be there", len(parts)/2, len(parts), seconds(samples), share)
		if seconds(samples) < share*0.8 {
			t.Errorf("the rest after piece %d of %d decodes to %.2f s, not %.2f s", len(parts)/2, len(parts), seconds(samples), share)
		}
	})

	t.Run("a meeting that somebody cancels meanwhile", func(t *testing.T) {
		tab, done := chromedp.NewContext(ctx)
		defer done()
		run(t, tab, chromedp.Navigate(at+"/record"), shows("h1", "Ta opp"), chromedp.Click(css("#record-start")), shows("#record-sign", "Opptaket går"), recorded(1))
		m := newest(t, r, token)
		webtest.Check(t, r.Pipeline.Cancel(t.Context(), m.ID))
		run(t, tab, shows("#record-note", "Noen har avbrutt dette møtet"), shows("#record-sign", "Opptaket går"), recorded(3), chromedp.Click(css("#record-stop")),
			shows("#record-alert", "Resten ligger i denne nettleseren"),
			until(`() => ['record-save', 'record-start'].every((id) => document.getElementById(id).checkVisibility())`))
		picture(t, tab, "record-cancelled")
		// The next page has it, and deletes it when a person says so.
		run(t, tab, until(`async () => { const keep = await import('/static/keep.js'); for (const r of await keep.recordings()) await keep.forget(r.id); return true }`))
	})

	t.Run("a killed tab, finished by the button", func(t *testing.T) {
		tab, _ := chromedp.NewContext(ctx)
		run(t, tab, chromedp.Navigate(at+"/record"), shows("h1", "Ta opp"), chromedp.Click(css("#record-start")), shows("#record-sign", "Opptaket går"))
		began := time.Now()
		run(t, tab, recorded(3))
		lived := time.Since(began)
		crash(tab)
		m := newest(t, r, token)
		stored := decoded(t, r, m.ID)
		t.Logf("the tab lived %.2f s after it began to record, %.2f s are stored", lived.Seconds(), seconds(stored))
		if m.State != referent.StateUploading || seconds(stored) < lived.Seconds()-2 {
			t.Errorf("%.2f s of %.2f s are stored, state %s", seconds(stored), lived.Seconds(), m.State)
		}
		run(t, ctx, chromedp.Navigate(at+"/meetings/"+m.ID), chromedp.Click(css(`form[action$="/finish"] button`)), shows(".state", "Mottatt"))
		if h := heard(decoded(t, r, m.ID)); gaps(t, h) > 0 {
			t.Errorf("something is missing: %v", h)
		}
		// What the tab kept is sent, as a meeting of its own, and told of.
		run(t, ctx, chromedp.Navigate(at+"/"), shows("#unsent", "er sendt og"), nothingKept)
	})

	t.Run("a cut line, and a tab killed meanwhile", func(t *testing.T) {
		tab, _ := chromedp.NewContext(ctx)
		run(t, tab, chromedp.Navigate(at+"/record"), shows("h1", "Ta opp"), chromedp.Click(css("#record-start")), shows("#record-sign", "Opptaket går"))
		began := time.Now()
		run(t, tab, recorded(1))
		cut.Store(true)
		run(t, tab, shows("#record-sending", "Ingen forbindelse"), recorded(2))
		picture(t, tab, "record-offline")
		cut.Store(false)
		run(t, tab, shows("#record-sending", "lagres på serveren"))
		cut.Store(true)
		run(t, tab, recorded(4))
		lived := time.Since(began)
		crash(tab)
		cut.Store(false)
		run(t, ctx, chromedp.Navigate(at+"/"), shows("#unsent", "er sendt og gjort ferdig"), nothingKept)
		m := newest(t, r, token)
		sound := decoded(t, r, m.ID)
		t.Logf("the tab lived %.2f s after it began to record, %.2f s are stored", lived.Seconds(), seconds(sound))
		if m.State == referent.StateUploading || seconds(sound) < lived.Seconds()-2 {
			t.Errorf("%.2f s of %.2f s are stored, state %s", seconds(sound), lived.Seconds(), m.State)
		}
		if h := heard(sound); gaps(t, h) > 0 {
			t.Errorf("something is missing: %v", h)
		}
	})
}

// nothingKept waits until no piece of a recording lies in the browser.
var nothingKept = until(`async () => (await (await import('/static/keep.js')).recordings()).length === 0`)

// crash ends a tab's process in the middle of whatever it does.
func crash(tab context.Context) {
	ctx, cancel := context.WithTimeout(tab, time.Second)
	defer cancel()
	_, _ = chromedp.Call(ctx, page.Crash, struct{}{}) // no answer comes from what has crashed
}
