package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent/web/webtest"
)

// An administrator makes a user, who chooses a password, and locks them out again; the log tells of it. Another
// comes by the provider and goes by it. All by keyboard.
func TestUsersByHand(t *testing.T) {
	r, at := withProvider(t, nil)
	r.User("sjef", true)
	ctx := browser(t, "status of 409", "status of 403", "status of 401") // 401: of the events, when a session ends under an open page
	enter := func(selector string) action {
		return sequence(chromedp.Focus(css(selector)), chromedp.KeyEvent(kb.Enter))
	}
	signOut := enter(`form[action="/signout"] button`)

	run(t, ctx, chromedp.Navigate(r.URL+"/admin/users"), shows("main", "Logg inn med Kommunen"))
	picture(t, ctx, "signin-provider")
	audit(t, ctx, "the sign-in page")
	run(t, ctx, chromedp.Focus(css("#name")), chromedp.KeyEvent("sjef"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Brukere"))
	run(t, ctx, chromedp.Focus(css("#new-name")), chromedp.KeyEvent("kari"+kb.Tab+"Kari Nordmann"+kb.Enter), shows("#invitation", "Kari Nordmann"), focused("link"))
	link := read(t, ctx, chromedp.Value(css("#link")))
	picture(t, ctx, "users")
	audit(t, ctx, "the users")
	run(t, ctx, chromedp.Focus(css("#new-name")), chromedp.KeyEvent("Kari"+kb.Enter), shows("[role=alert]", "Brukernavnet er i bruk"))
	run(t, ctx, signOut, shows("main", "Logg inn med Kommunen"))

	// The user chooses a password, and is in.
	run(t, ctx, chromedp.Navigate(link), focused("password"), chromedp.KeyEvent(webtest.Password+kb.Tab+webtest.Password+kb.Enter), shows(".who", "Kari Nordmann"), signOut, shows("main", "Logg inn med Kommunen"))

	// Locked out, and told so.
	kari := must(r.Store.UserByName(t.Context(), "kari"))(t)
	sjef := must(r.Store.UserByName(t.Context(), "sjef"))(t)
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/admin/users"), chromedp.Focus(css("#name")), chromedp.KeyEvent("sjef"+kb.Tab+webtest.Password+kb.Enter), shows("h1", "Brukere"),
		enter("#user-"+kari.ID+" summary"))
	audit(t, ctx, "a user that is changed")
	run(t, ctx, enter("#user-"+kari.ID+" button[value=disable]"), shows("#user-"+kari.ID, "Sperret"))
	if html := read(t, ctx, chromedp.InnerHTML(css("#user-"+sjef.ID))); strings.Contains(html, "disable") || strings.Contains(html, "unadmin") {
		t.Errorf("one is offered to lock oneself out: %s", html)
	}
	run(t, ctx, enter(`a[href="/admin/log"]`), shows("h1", "Administrasjonslogg"), shows("table", "Bruker sperret"))
	picture(t, ctx, "administration-log")
	audit(t, ctx, "the log")
	run(t, ctx, signOut, shows("main", "Logg inn med Kommunen"), chromedp.Focus(css("#name")), chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("[role=alert]", "sperret her"))

	// By the provider in, and out there too; the content policy of our pages lets both be.
	at.Say(said{"7": {"name": "Ola Hansen", "preferred_username": "ola", "groups": "skole"}})
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/api"), enter(`a[href^="/signin/oidc"]`), shows("h1", "Sign-in"),
		chromedp.Focus(css("[name=login]")), chromedp.KeyEvent("7"+kb.Enter), shows("h1", "Referent for program"), shows(".who", "Ola Hansen"),
		signOut, until(`(at) => location.href.startsWith(at + '/session/end') && document.readyState === 'complete'`, at.URL), shows("h1", "Sign out"))
	run(t, ctx, enter("button[value=yes]"), shows("main", "Logg inn med Kommunen"))
	if u := must(r.Store.UserByName(t.Context(), "ola"))(t); u.Issuer != at.URL || u.DisplayName != "Ola Hansen" {
		t.Errorf("ola is %+v", u)
	}
}
