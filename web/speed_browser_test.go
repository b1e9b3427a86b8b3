package web_test

import (
	"cmp"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/storetest"
	"github.com/referent/referent/web/webtest"
)

var speedMeetings = flag.Int("speed", 0, "meetings in the database with which TestPageSpeed times every page and holds it to its bar (make bench-web: 10000); 0: it looks at two pages, and at no clock")

const (
	usableBar = 1000 // ms
	shiftBar  = 0.05 // half of what counts as good
	rounds    = 5    // of each page, with and without what the browser keeps
)

// timedPage is a page and what says that its own scripts are ready, in JavaScript. The modules of a page have run when
// its DOMContentLoaded event ends; only the transcript's goes on after that.
type timedPage struct{ name, path, ready string }

const modulesRan = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd > 0"

// timedPages are the main pages. id is that of a meeting of three hours.
func timedPages(id string) []timedPage {
	at := "/meetings/" + id
	return []timedPage{
		{"list and new meeting", "/", "document.querySelectorAll('#list tbody tr').length === 50"},
		{"record a new meeting", "/record", "document.querySelector('#record-start') !== null"},
		{"a meeting", at, "document.querySelector('.minutes') !== null"},
		{"its transcript, 4,000 segments", at + "/transcript", "document.getElementById('transcript-page')?.dataset.ready === 'true' && document.querySelectorAll('.t-item').length > 3"},
		{"who has opened it", at + "/readings", "document.querySelector('main h1') !== null"},
		{"its minutes", at + "/minutes", "document.querySelector('#minutes-work') !== null"},
		{"search, nothing asked", "/search", "document.querySelector('main form') !== null"},
		{"search with results", "/search?q=saken&what=said&what=decision&what=task", "document.querySelectorAll('.hits li').length > 10"},
		{"tasks", "/tasks", "document.querySelectorAll('.task').length > 10"},
		{"departments", "/admin/departments", "document.querySelectorAll('.department').length > 40"},
		{"users", "/admin/users", "document.querySelectorAll('main tr, main li').length > 10"},
		{"administration", "/admin", "document.querySelectorAll('.choices a').length > 8"},
		{"operations", "/admin/operations", "document.querySelectorAll('main section').length > 2"},
		{"endpoints", "/admin/endpoints", "document.querySelector('main h1') !== null"},
		{"templates", "/admin/templates", "document.querySelector('main h1') !== null"},
		{"word lists", "/admin/words", "document.querySelector('main table') !== null"},
		{"retention", "/admin/retention", "document.querySelector('main table') !== null"},
		{"access log", "/admin/access", "document.querySelectorAll('main section').length > 1"},
		{"log", "/admin/log", "document.querySelector('main h1') !== null"},
	}
}

// load is what the browser says of one loading of a page: milliseconds from when it was asked for.
type load struct {
	Usable   float64 `json:"usable"`  // when it was loaded and ready and no long task came in the half second after
	FCP      float64 `json:"fcp"`     // first contentful paint
	LCP      float64 `json:"lcp"`     // largest contentful paint
	DCL      float64 `json:"dcl"`     // end of DOMContentLoaded
	Server   float64 `json:"server"`  // until the first byte of the page came
	Shift    float64 `json:"shift"`   // sum of all layout shifts that no input brought: not less than CLS
	Bytes    float64 `json:"bytes"`   // that came over the network, headers included
	Unpacked float64 `json:"content"` // bytes of what the page is made of, also of what the browser had kept
	Requests float64 `json:"requests"`
	Statics  float64 `json:"statics"` // requests for scripts, styles and the like
	Fetches  float64 `json:"fetches"` // requests for the transcript itself
}

// timing goes into the page before anything of it. A long task is one of more than 50 ms.
const timing = `(() => {
	let lcp = 0, shift = 0, busy = 0, ready = 0;
	const see = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
	see('largest-contentful-paint', (e) => { lcp = e.startTime; });
	see('layout-shift', (e) => { if (!e.hadRecentInput) shift += e.value; });
	see('longtask', (e) => { busy = Math.max(busy, e.startTime + e.duration); });
	const look = setInterval(() => {
		const [nav] = performance.getEntriesByType('navigation');
		if (!nav?.loadEventEnd) return;
		if (!ready && (MODULES) && (READY)) ready = performance.now();
		const usable = Math.max(nav.loadEventEnd, ready, busy);
		const fcp = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
		if (!ready || !fcp || !lcp || performance.now() < usable + 500) return;
		clearInterval(look);
		const all = [nav, ...performance.getEntriesByType('resource')];
		const sum = (of) => all.reduce((n, e) => n + e[of], 0);
		window.timed = { usable, lcp, shift, fcp, fetches: all.filter((e) => /\/api\/v1\/meetings\/[^/]+\/transcript$/.test(e.name)).length, dcl: nav.domContentLoadedEventEnd,
			server: nav.responseStart, bytes: sum('transferSize'), content: sum('decodedBodySize'), requests: all.filter((e) => e.transferSize > 0).length,
			statics: all.filter((e) => e.transferSize > 0 && e.name.includes('/static/')).length };
	}, 5);
})()`

// loadPage loads the page cold, with nothing that the browser kept, and then warm, so many times.
func loadPage(t *testing.T, r *webtest.Rig, session *http.Cookie, p timedPage, times int) (cold, warm load) {
	t.Helper()
	ctx := browser(t)
	must(chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: session.Name, Value: session.Value, URL: r.URL}))(t)
	script := strings.NewReplacer("MODULES", modulesRan, "READY", p.ready).Replace(timing)
	must(chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}))(t)
	one := func() load {
		run(t, ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(r.URL+p.path), until(`() => window.timed !== undefined`))
		return read(t, ctx, chromedp.Evaluate[load]("window.timed"))
	}
	var colds, warms []load
	for range times {
		must(chromedp.Call(ctx, network.ClearBrowserCache, cdp.Empty{}))(t)
		colds = append(colds, one())
		warms = append(warms, one())
	}
	return medians(colds), medians(warms)
}

// medians is the median of each figure.
func medians(loads []load) load {
	median := func(of func(load) float64) float64 {
		var all []float64
		for _, l := range loads {
			all = append(all, of(l))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return load{
		Usable: median(func(l load) float64 { return l.Usable }), FCP: median(func(l load) float64 { return l.FCP }),
		LCP: median(func(l load) float64 { return l.LCP }), DCL: median(func(l load) float64 { return l.DCL }),
		Server: median(func(l load) float64 { return l.Server }), Shift: median(func(l load) float64 { return l.Shift }),
		Bytes: median(func(l load) float64 { return l.Bytes }), Unpacked: median(func(l load) float64 { return l.Unpacked }),
		Requests: median(func(l load) float64 { return l.Requests }), Fetches: median(func(l load) float64 { return l.Fetches }), Statics: median(func(l load) float64 { return l.Statics }),
	}
}

// largeInstallation is a server with so many meetings, 40 departments and 300 users, and one who sees and may do all
// of it. id is a meeting of three hours with its minutes and sound.
func largeInstallation(t *testing.T, meetings int) (r *webtest.Rig, id string, session *http.Cookie) {
	t.Helper()
	r = webtest.Start(t, nil)
	kari := r.User("kari", true)
	storetest.FillLarge(t, r.Store, meetings)
	ctx := t.Context()
	webtest.Check(t, r.Store.Tx(ctx, func(tx store.Tx) error {
		for i := range storetest.LargeDepartments {
			if err := tx.PutDepartment(ctx, &store.Department{ID: fmt.Sprint("d", i), Name: fmt.Sprint("Avdeling ", i)}); err != nil {
				return err
			}
		}
		for i := range 300 {
			u := &store.User{ID: fmt.Sprint("u", i), Name: fmt.Sprintf("bruker%03d", i), Locale: "nb"}
			if err := tx.PutUser(ctx, u); err != nil {
				return err
			}
			if err := tx.PutMembership(ctx, store.Membership{User: u.ID, Department: fmt.Sprint("d", i%storetest.LargeDepartments), Role: string(access.Referent)}); err != nil {
				return err
			}
		}
		return tx.PutMembership(ctx, store.Membership{User: kari.ID, Department: access.All, Role: string(access.Referent)})
	}))
	id, _ = uploadCouncil(r, r.Token("kari", store.ScopeRead, store.ScopeWrite))
	silence(r, id)
	putTranscript(r, id, threeHours)
	return r, id, sessionCookie(t, signIn(r, "kari", webtest.Password, nil))
}

// What a browser has once it does not ask for again, a transcript it asks for once, and what it asks for comes packed.
// Pages do not move while they load. With -speed every page is usable within a second, in a large installation.
func TestPageSpeed(t *testing.T) {
	full := *speedMeetings > 0
	r, id, session := largeInstallation(t, cmp.Or(*speedMeetings, 500))
	times, some := rounds, timedPages(id)
	if !full {
		times = 1
		some = slices.DeleteFunc(some, func(p timedPage) bool { return p.path != "/" && !strings.HasSuffix(p.path, "/transcript") })
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "page\t\tusable\tbar\tserver\tFCP\tLCP\tDCL\tshift\tKB\tKB unpacked\trequests\t\n")
	for _, p := range some {
		t.Run(p.name, func(t *testing.T) {
			cold, warm := loadPage(t, r, session, p, times)
			for _, c := range []struct {
				name string
				load
			}{{"cold", cold}, {"warm", warm}} {
				fmt.Fprintf(w, "%s\t%s\t%.0f\t%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.3f\t%.0f\t%.0f\t%.0f\t\n", p.name, c.name, c.Usable, usableBar, c.Server, c.FCP, c.LCP, c.DCL,
					c.Shift, c.Bytes/1000, c.Unpacked/1000, c.Requests)
				if full && c.Usable > usableBar {
					t.Errorf("%s, %s: usable after %.0f ms", p.name, c.name, c.Usable)
				}
				if c.Shift > shiftBar {
					t.Errorf("%s, %s: moved by %.3f", p.name, c.name, c.Shift)
				}
				fetches := 0.0
				if strings.HasSuffix(p.path, "/transcript") {
					fetches = 1 // though the page and its script both name it
				}
				if c.Fetches != fetches {
					t.Errorf("%s, %s: the transcript was asked for %.0f times", p.name, c.name, c.Fetches)
				}
			}
			if cold.Bytes > cold.Unpacked/2 {
				t.Errorf("%s: %.0f bytes of %.0f came over the network", p.name, cold.Bytes, cold.Unpacked)
			}
			if warm.Statics > 0 || cold.Statics == 0 {
				t.Errorf("%s: a browser that has been here asks for %.0f files again, of %.0f", p.name, warm.Statics, cold.Statics)
			}
		})
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("milliseconds, medians of %d; load of the machine, of %d processors: %s\n%s", times, runtime.NumCPU(), machineLoad(), &table)
}

// machineLoad is how many wanted a processor, on average, in the last minute, five and fifteen, where Linux tells: what
// else the machine does shows in every time.
func machineLoad() string {
	told, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not known"
	}
	return strings.Join(strings.Fields(string(told))[:3], " ")
}
