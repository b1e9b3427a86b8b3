package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/webtest"
)

// Who answers for a meeting sees who has opened it; a reviewer looks through the log, finds what is unusual, and says
// that it is done. All by keyboard.
func TestReadingsByHand(t *testing.T) {
	l := newLibrary(t)
	ola := l.User("ola", false)
	year, month, day := time.Now().Date()
	webtest.Check(t, l.Store.Tx(t.Context(), func(tx store.Tx) error {
		for i, meeting := range []string{"01a206f3-1b54-731c-8fd1-dc317aa3a201", "01a206f3-1b54-731c-8fd1-dc317aa3a202", "01a206f3-1b54-731c-8fd1-dc317aa3a203"} {
			at := time.Date(year, month, day-1, 1+9*i, 20, 0, 0, time.Local)
			if err := tx.AddReading(t.Context(), &store.Reading{User: ola.ID, Meeting: meeting, What: store.ReadExport, Format: "minutes.docx", Ground: "role", First: at, Last: at, Times: 1}); err != nil {
				return err
			}
		}
		return nil
	}))
	ctx := browser(t)
	enter := func(selector string) action {
		return sequence(chromedp.Focus(css(selector)), chromedp.KeyEvent(kb.Enter))
	}
	at := "/meetings/" + l.meeting
	run(t, ctx, chromedp.Navigate(l.URL+"/signin?next="+at), focused("name"), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Hemmelig tittel"),
		enter(`a[href="`+at+`/readings"]`), shows("h1", "Hvem som har åpnet møtet"), shows("table", "Møtets side"))
	audit(t, ctx, "who has opened a meeting")
	if rows := l.told(store.ReadingFilter{Meeting: l.meeting}); len(rows) != 1 || rows[0].Token || rows[0].What != store.ReadMeeting {
		t.Errorf("logged: %+v", rows)
	}

	run(t, ctx, enter(`nav a[href="/admin"]`), shows("h1", "Administrasjon"), enter(`main a[href="/admin/access"]`), shows("h1", "Oppslagslogg"), shows("main", "Ingen har gått gjennom loggen ennå"), shows("table", "ola"))
	picture(t, ctx, "access-log")
	audit(t, ctx, "the access log")
	run(t, ctx, enter(`section[aria-labelledby=counts-title] tbody tr:first-child a`), shows("section[aria-labelledby=list-title] tbody", "Hentet ut (minutes.docx)"))
	if rows := read(t, ctx, chromedp.Text(css("section[aria-labelledby=list-title] tbody"))); strings.Contains(rows, "kari") || strings.Count(rows, "ola") != 3 {
		t.Errorf("the day's readings: %s", rows)
	}
	run(t, ctx, enter("section[aria-labelledby=list-title] form a"), shows("section[aria-labelledby=list-title] tbody", "Hemmelig tittel"),
		chromedp.Focus(css("#what")), chromedp.KeyEvent("Møtets"), chromedp.KeyEvent(kb.Tab), enter("form[method=get] button"),
		until(`() => location.search.includes('what=meeting')`), shows("section[aria-labelledby=list-title] tbody", "Møtets side"))
	run(t, ctx, enter("section[aria-labelledby=list-title] form a"), until(`() => location.search === '' && !!document.querySelector('form[action$=reviews]')`))
	run(t, ctx, enter("form[action$=reviews] button"), shows("[role=status]", "kari gikk gjennom loggen"))
	audit(t, ctx, "the access log when it was gone through", "#content")
	run(t, ctx, enter(`nav a[href="/admin/log"]`), shows("table", "Gikk gjennom oppslagsloggen til"))
}
