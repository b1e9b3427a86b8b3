package e2e_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/web/webtest"
)

// The whole work on a meeting by keyboard alone, but for the browser's own window that picks a file: in a real browser
// and against the real server with the default weights, a dictation into the microphone, and a recording from the
// upload to its erasure.
func TestMeetingByKeyboard(t *testing.T) {
	s := startServer(t, t.TempDir(), "--workers", "1", "--spoken", "en")
	const limit = 20 * time.Minute // only an end: it holds two waits of longLimit
	k := keyboard{t, webtest.Browser(t, limit, nil, chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", microphone(t)+"%noloop"))}
	alike := s.submit(referent.Meeting{Kind: referent.KindDictate, Language: referent.Bokmal}, jfk(t)) // loads the weights, too

	k.do(chromedp.Navigate(s.first))
	k.sees(30*time.Second, `() => document.activeElement.id === 'password'`)
	k.types(webtest.Password + kb.Tab + webtest.Password + kb.Enter)
	k.shows("h1", "Nytt opptak")

	t.Run("dictate", func(t *testing.T) {
		k := keyboard{t, k.ctx}
		s.wait(alike, referent.StateDraft, longLimit)
		s.dictated(k, words(s.transcript(alike)))
	})
	t.Run("upload, follow, correct, approve, export, delete", func(t *testing.T) {
		s.worked(keyboard{t, k.ctx})
	})
}

// microphone is what Chromium's microphone hears: the public sample, once, and silence around it. It runs from when the
// page asks for it, which is before the recorder takes what comes.
func microphone(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mikrofon.wav")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", jfk(t), "-af", "adelay=5000:all=1,apad=pad_dur=60", "-ar", "48000", "-ac", "1", path).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg (brought by make test): %v %s", err, out)
	}
	return path
}

func words(tr *referent.Transcript) string {
	var text []string
	for _, seg := range tr.Segments {
		text = append(text, seg.Text)
	}
	return strings.Join(text, " ")
}

// meetingShown is the id of the meeting whose page is shown.
func (k keyboard) meetingShown() string {
	k.t.Helper()
	k.sees(30*time.Second, `() => /^\/meetings\/[^/]+$/.test(location.pathname)`)
	return strings.TrimPrefix(look[string](k, `location.pathname`), "/meetings/")
}

// dictated records what the microphone hears. Its text comes while it is spoken, and in the end it is what the same
// sound gives as a file: one word in ten may differ, since a recorder compresses and a microphone begins anywhere.
func (s *server) dictated(k keyboard, uploaded string) {
	k.press(`a[href="/record?kind=diktat"]`)
	k.shows("#record-sign", "Opptaket går")
	k.showsWithin(time.Minute, "#live:not([hidden])", "fellow Americans")
	k.press("#live button[data-go]")
	k.shows("#live button[data-go]", "Vis ny tekst igjen")
	k.types(" ")
	k.shows("#live button[data-go]", "Stans teksten")
	k.showsWithin(time.Minute, "#live", "do for your country")
	k.press("#record-stop")
	id := k.meetingShown()
	k.showsWithin(time.Minute, "#meeting .state", "Utkast")
	heard := words(s.transcript(id))
	if e := eval.WER(uploaded, heard); e.Rate() > 0.1 || len(eval.Words(uploaded)) < 20 {
		k.t.Errorf("the microphone's words are %q, the file's %q: %+v", heard, uploaded, e)
	}
	k.press(`a[href="/"]`)
	k.on("/")
}

// worked takes a recording from the form to its erasure.
func (s *server) worked(k keyboard) {
	t := k.t
	const title = "Formannskapet æøå"
	k.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{repeated(t, 70*time.Second)}))
	k.reach("#title")
	k.types(title)
	k.press("#upload-start")
	k.shows("#upload-status", "Lastet opp")
	k.shows("#list td a", title)
	k.press("#list tr:first-child td a")
	id := k.meetingShown()
	s.followed(k)

	// Correct a word and write on, in a segment that does not begin at once; name the speaker.
	k.press(`a[href$="/transcript"]`)
	k.sees(30*time.Second, `() => document.getElementById('transcript-page')?.dataset.ready === 'true'`)
	at := s.transcript(id).Segments[1]
	if at.Start < 5 || !strings.HasSuffix(at.Text, "country.") {
		t.Fatalf("the second segment is %+v", at)
	}
	k.reach("#list [data-do=edit]")
	k.types(kb.ArrowDown)
	k.sees(5*time.Second, `(id) => document.activeElement.id === id`, at.ID)
	k.types(kb.Enter)
	k.sees(5*time.Second, `() => document.activeElement.id === 'edit-text'`)
	k.types(strings.Repeat(kb.Backspace, len("country.")))
	k.types("kommune. Det ble vedtatt at kommunen kjøper nye brøytestikker. Forslaget ble vedtatt mot to stemmer." + kb.Enter)
	k.shows("#saved", "Lagret (versjon")
	k.press("#voices summary")
	k.reach("#voice-name-" + at.Speaker)
	k.types("Kari Nordmann" + kb.Enter)
	k.shows("#"+at.ID+" .t-who", "Kari Nordmann")
	tr := s.transcript(id)
	if now := tr.Segments[1]; !strings.Contains(now.Text, "your kommune. Det ble vedtatt") || tr.SpeakerName(now.Speaker) != "Kari Nordmann" {
		t.Errorf("stored: %+v, %+v", now, tr.Speakers)
	}

	// Have the minutes written again, as another kind of document and in the other written form.
	minutes := "/meetings/" + id + "/minutes"
	k.press(`a[href="/meetings/` + id + `"]`)
	k.meetingShown()
	k.press(`a[href="` + minutes + `"]`)
	k.on(minutes)
	k.press("#remake summary")
	k.reach("#remake-kind")
	k.types(kb.ArrowDown)
	k.reach("#remake-language")
	k.types(kb.ArrowDown)
	k.press("#remake button")
	k.meetingShown()
	k.showsWithin(time.Minute, "#meeting .minutes", "Utkast laga ved hjelp av KI")
	k.shows("#meeting .facts", "Møteprotokoll")

	// Hear what the vote rests on, and go through what must be gone through; then approve.
	k.press(`a[href="` + minutes + `"]`)
	k.on(minutes)
	k.shows("#votes-0", "brøytestikker")
	k.press("#votes-0 .play")
	k.sees(30*time.Second, `(start) => { const a = document.getElementById('audio'); return !a.paused && a.currentTime > start - 0.1 && a.currentTime < start + 5 }`, at.Start)
	k.types(" ")
	k.sees(5*time.Second, `() => document.getElementById('audio').paused`)
	const left = `document.querySelectorAll('li[id^=needs_review-]').length`
	for n := look[int](k, left); n > 0; n-- {
		k.press("#needs_review-0 button[name=do]")
		k.sees(30*time.Second, `(n) => `+left+` < n`, n)
	}
	k.press("#approval button[value=approve]")
	k.shows("#approval .notice", "Godkjent av admin")

	document := s.exported(k, "minutes.docx")
	for _, want := range []string{title, "brøytestikker", "Røystingar"} {
		if !strings.Contains(document, want) {
			t.Errorf("the document lacks %q: %.3000s", want, document)
		}
	}
	if strings.Contains(document, "ved hjelp av KI") {
		t.Error("the approved document is labelled as a draft")
	}

	k.press(`a[href="/meetings/` + id + `"]`)
	k.meetingShown()
	k.press(`a[href$="/delete"]`)
	k.shows("h1", "Slette møtet?")
	k.press(`form[action$="/delete"] button`)
	k.shows(".notice", "Møtet er slettet")
	if _, err := s.api.Get(t.Context(), id); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("the meeting is still there: %v", err)
	}
}

// followed watches a recording that has just come until there is a draft. The page tells of it by itself, and right
// after it is loaded again in the middle.
func (s *server) followed(k keyboard) {
	k.t.Helper()
	const bar = `[document.querySelector('#meeting .state').dataset.state, document.querySelector('#meeting progress').value]`
	var seen []float64
	state, again := "", -1.0
	eventually(k.t, longLimit, "the page shows the draft", func() bool {
		now, err := chromedp.Run(k.ctx, chromedp.Evaluate[[]any](bar))
		if k.ctx.Err() != nil {
			k.t.Fatal("the browser is gone: ", err)
		}
		if err != nil || len(now) != 2 { // the page is just being loaded
			return false
		}
		state = fmt.Sprint(now[0])
		value, _ := now[1].(float64)
		if state == "draft" {
			return true
		}
		if len(seen) == 0 || value > seen[len(seen)-1] {
			seen = append(seen, value)
		} else if value < seen[len(seen)-1] {
			k.t.Errorf("the progress goes back from %v to %v", seen[len(seen)-1], value)
		}
		if again < 0 && value > 0 && state == "prepared" {
			again = value
			k.do(chromedp.Reload())
		}
		return false
	})
	k.t.Logf("progress shown: %v; loaded again at %v", seen, again)
	if again < 0 || len(seen) < 3 || seen[len(seen)-1] <= again {
		k.t.Errorf("progress shown: %v; loaded again at %v", seen, again)
	}
	k.shows("#meeting .transcript", "fellow Americans")
}

// exported downloads a file of the shown page by its link and returns the text of a DOCX.
func (s *server) exported(k keyboard, name string) string {
	k.t.Helper()
	dir := k.t.TempDir()
	events := true
	if _, err := chromedp.CallBrowser(k.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, EventsEnabled: &events}); err != nil {
		k.t.Fatal(err)
	}
	k.press(`#approval a[download="` + name + `"]`)
	var data []byte
	eventually(k.t, 30*time.Second, "the file is downloaded", func() bool {
		var err error
		data, err = os.ReadFile(filepath.Join(dir, name)) // renamed to its name when it is whole
		return err == nil && len(data) > 0
	})
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		k.t.Fatal(err)
	}
	f, err := archive.Open("word/document.xml")
	if err != nil {
		k.t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		k.t.Fatal(err)
	}
	return string(text)
}
