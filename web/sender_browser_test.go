package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// What a connection does to uploads.
const (
	losesAnswer  int32 = iota + 1 // of one PATCH, after the server has it
	losesMeeting                  // the same of one POST
	signedOut
	proxyAway   // somebody answers 404 who is not Referent
	onlySmall   // requests of more than two bytes do not arrive
	otherOffset // answers tell of another offset
)

// troubled is a connection to the server with a trouble that can be chosen.
func troubled(t *testing.T, r *webtest.Rig) (at string, trouble *atomic.Int32) {
	t.Helper()
	trouble = &atomic.Int32{}
	proxy := httputil.NewSingleHostReverseProxy(must(url.Parse(r.URL))(t))
	proxy.ModifyResponse = func(p *http.Response) error {
		switch {
		case p.Request.Method == "POST" && trouble.CompareAndSwap(losesMeeting, 0):
			return io.ErrUnexpectedEOF
		case p.Request.Method != "PATCH":
		case trouble.CompareAndSwap(losesAnswer, 0):
			return io.ErrUnexpectedEOF
		case trouble.CompareAndSwap(otherOffset, 0):
			p.Header.Set("Upload-Offset", "1000")
		}
		return nil
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasPrefix(q.URL.Path, "/api/v1/uploads") {
			switch kind := trouble.Load(); {
			case kind == signedOut:
				w.WriteHeader(http.StatusUnauthorized)
				return
			case kind == proxyAway:
				http.NotFound(w, q)
				return
			case kind == onlySmall && q.ContentLength > 2:
				panic(http.ErrAbortHandler)
			}
		}
		proxy.ServeHTTP(w, q)
	}))
	t.Cleanup(front.CloseClientConnections)
	return front.URL, trouble
}

// driver makes senders of text, and notes what they tell.
const driver = `async (user) => {
	if (window.begin) return true;
	const { Sender } = await import('/static/sender.js');
	const keep = await import('/static/keep.js');
	const told = () => {
		Object.assign(window, { state: '', meeting: '', apart: 0, failed: '' });
		return { onState: (s) => { window.state = s; }, onApart: () => { window.apart++; } };
	};
	const follow = (s) => {
		window.sender = s;
		s.done.then((meeting) => { window.meeting = meeting ?? 'dropped'; }, (error) => { window.failed = error.constructor.name; });
		return true;
	};
	window.hear = (text) => { for (const c of text.split(' ')) sender.add(Promise.resolve(new TextEncoder().encode(c).buffer)); return true; };
	window.resume = async (recording, pieces) => {
		await keep.keepRecording(recording);
		for (const [from, text] of pieces) await keep.keepPiece(recording.id, from, new TextEncoder().encode(text).buffer);
		return follow(await Sender.resume(recording, told()));
	};
	window.begin = (id, by = user) => follow(new Sender({ id, user: by, began: Date.now(), type: 'audio/webm', metadata: { title: id } }, told()));
	return true;
}`

func TestSenderLosesNothing(t *testing.T) {
	r, token := uploader(t, nil)
	kari := must(r.Store.UserByName(t.Context(), "kari"))(t)
	at, trouble := troubled(t, r)
	ctx := browserWith(t, []chromedp.ExecAllocatorOption{
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true)}, "Failed to load resource")
	run(t, ctx, chromedp.Navigate(at+"/signin"), focused("name"),
		chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Nytt opptak"), until(driver, kari.ID))
	js := func(script string) { read(t, ctx, chromedp.Evaluate[bool](script)) }
	// is waits, without the waits between two tries.
	is := func(condition string) {
		t.Helper()
		run(t, ctx, until(`() => { dispatchEvent(new Event('online')); return Boolean(`+condition+`); }`))
	}
	meeting := func() string { return read(t, ctx, chromedp.Evaluate[string](`window.meeting`)) }
	stored := func(meeting, want string) {
		t.Helper()
		m := must(r.Store.Meeting(t.Context(), meeting))(t)
		rec := must(r.Pipeline.Recording(t.Context(), meeting))(t)
		defer rec.Close()
		got := must(io.ReadAll(io.NewSectionReader(rec, 0, rec.Size())))(t)
		if string(got) != want || m.State == referent.StateUploading || m.Recording == nil {
			t.Errorf("stored %q, want %q, state %s", got, want, m.State)
		}
	}

	t.Run("through every trouble", func(t *testing.T) {
		trouble.Store(losesMeeting)
		js(`begin('a') && hear('AA')`)
		is(`state === 'sent' && sender.offset === 2`)
		if list := ask[struct{ Meetings []referent.Meeting }](r, "GET", "/api/v1/meetings", token, "", 200).Meetings; len(list) != 1 {
			t.Errorf("%d meetings were made", len(list))
		}
		trouble.Store(losesAnswer)
		js(`hear('BB')`)
		is(`state === 'sent' && sender.offset === 4`)
		trouble.Store(otherOffset)
		js(`hear('CC')`)
		is(`state === 'sent' && sender.offset === 6`)
		trouble.Store(signedOut)
		js(`hear('DD EE FF')`)
		is(`state === 'signed_out'`)
		trouble.Store(proxyAway)
		is(`state === 'refused' && sender.waiting === 6`)
		trouble.Store(onlySmall)
		is(`state === 'sent' && sender.offset === 12`)
		js(`Boolean(sender.add(Promise.reject(new Error('lost')))) || hear('GG')`) // one piece that fails does not stop the others
		trouble.Store(0)
		js(`Boolean(sender.finish()) || true`)
		is(`meeting`)
		stored(meeting(), "AABBCCDDEEFFGG")
		run(t, ctx, nothingKept)
	})

	t.Run("finished elsewhere", func(t *testing.T) {
		js(`begin('b') && hear('AA BB')`)
		is(`state === 'sent' && sender.offset === 4`)
		first := newest(t, r, token).ID
		r.Eventually("it is finished", func() bool {
			resp := r.Do("POST", "/api/v1/meetings/"+first+"/finish", token, nil, nil)
			resp.Body.Close()
			return resp.StatusCode == 200
		})
		js(`hear('CC DD') && (sender.finish(), true)`)
		is(`meeting && apart === 1`)
		stored(first, "AABB")
		stored(meeting(), "AACCDD")
		run(t, ctx, nothingKept)
	})

	t.Run("a piece that was not kept", func(t *testing.T) {
		run(t, ctx, until(`(user) => resume({ id: 'c', user, began: 0, metadata: {}, header: new TextEncoder().encode('AA').buffer }, [[0, 'AA'], [2, 'BB'], [6, 'DD']])`, kari.ID))
		is(`meeting && apart === 1`)
		second := meeting()
		stored(second, "AADD")
		list := ask[struct{ Meetings []referent.Meeting }](r, "GET", "/api/v1/meetings?limit=2", token, "", 200).Meetings
		stored(list[1].ID, "AABB")
		run(t, ctx, nothingKept)
	})

	t.Run("somebody else has signed in", func(t *testing.T) {
		before := newest(t, r, token).ID
		js(`begin('d', 'another') && hear('AA')`)
		is(`state === 'signed_out' && sender.waiting === 2`)
		if after := newest(t, r, token).ID; after != before {
			t.Errorf("what one recorded became another's meeting")
		}
		js(`Boolean(sender.drop()) || true`)
		is(`meeting === 'dropped'`)
		run(t, ctx, nothingKept)
	})

	t.Run("erased", func(t *testing.T) {
		js(`begin('e') && hear('AA')`)
		is(`state === 'sent'`)
		ask[store.Receipt](r, "DELETE", "/api/v1/meetings/"+newest(t, r, token).ID, token, "", 200)
		js(`hear('BB')`)
		is(`failed === 'Erased'`)
		run(t, ctx, nothingKept)
	})

	// With the microphone gone another is heard in the same recording; with none left it ends, and is not silence.
	t.Run("a microphone pulled out", func(t *testing.T) {
		run(t, ctx, until(`async () => {
			if (window.capture) return true;
			const { Capture } = await import('/static/capture.js');
			Object.assign(window, { lost: [], bytes: 0, over: false });
			window.capture = await Capture.open({});
			capture.start({ onPiece: (p) => p.then((b) => { bytes += b.byteLength; }), onLost: (what) => lost.push(what), onEnd: () => { over = true; } });
			window.pull = () => {
				const track = capture.microphone.getAudioTracks()[0];
				track.stop();
				return track.dispatchEvent(new Event('ended'));
			};
			return pull();
		}`), until(`() => lost.join() === 'microphone' && capture.level() > 0.17`)) // the browser's own microphone beeps
		js(`(navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none')), pull())`)
		run(t, ctx, until(`() => over && bytes > 0 && lost.length === 1`))
	})
}
