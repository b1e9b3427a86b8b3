package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent/web/webtest"
)

// keyboard is a person at a browser who has no mouse. What the keys cannot reach, or can reach and not see, fails
// the test.
type keyboard struct {
	t   *testing.T
	ctx context.Context
}

func (k keyboard) do(actions ...chromedp.Action[chromedp.Void]) {
	k.t.Helper()
	if err := chromedp.Do(k.ctx, actions...); err != nil {
		k.t.Fatal(err)
	}
}

// types presses the keys, one after the other.
func (k keyboard) types(keys string) { k.t.Helper(); k.do(chromedp.KeyEvent(keys)) }

// chord presses a key while others are held.
func (k keyboard) chord(key string, held ...chromedp.Modifier) {
	k.t.Helper()
	k.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(held...)))
}

// farthest is more than any page here has places for the keyboard.
const farthest = 150

// reach goes to an element with Tab, and back to it with Shift and Tab from the one after.
func (k keyboard) reach(selector string) {
	k.t.Helper()
	for n := 0; !k.at(selector); n++ {
		if n == farthest {
			k.t.Fatalf("Tab does not come to %s; it stands at %s", selector, look[string](k, `document.activeElement.outerHTML.slice(0, 200)`))
		}
		k.types(kb.Tab)
	}
	k.types(kb.Tab)
	k.chord(kb.Tab, chromedp.ModifierShift)
	k.sees(5*time.Second, `(selector) => { const e = document.activeElement; return e.matches(selector) && e.matches(':focus-visible') && e.checkVisibility() }`, selector)
}

// press reaches an element and presses Enter.
func (k keyboard) press(selector string) {
	k.t.Helper()
	k.reach(selector)
	k.types(kb.Enter)
}

func (k keyboard) at(selector string) bool {
	k.t.Helper()
	return look[bool](k, fmt.Sprintf(`document.activeElement.matches(%q)`, selector))
}

// look reads something of the page as it is now.
func look[T any](k keyboard, script string) T {
	k.t.Helper()
	v, err := chromedp.Run(k.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		k.t.Fatal(err)
	}
	return v
}

// sees waits until a JavaScript function of its arguments is true, also across pages.
func (k keyboard) sees(limit time.Duration, function string, args ...any) {
	k.t.Helper()
	k.do(webtest.Until(limit, function, args...))
}

// shows waits until an element's text holds what is wanted.
func (k keyboard) shows(selector, want string) {
	k.t.Helper()
	k.showsWithin(30*time.Second, selector, want)
}

func (k keyboard) showsWithin(limit time.Duration, selector, want string) {
	k.t.Helper()
	k.sees(limit, `(selector, want) => document.readyState === 'complete' && (document.querySelector(selector)?.textContent.includes(want) ?? false)`, selector, want)
}

// on waits until the page is a certain one, with all that belongs to it.
func (k keyboard) on(path string) {
	k.t.Helper()
	k.sees(30*time.Second, `(path) => document.readyState === 'complete' && location.pathname === path`, path)
}
