package web_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/look"
	"github.com/referent/referent/web/webtest"
)

// An administrator makes a department and gives roles by keyboard; who got them makes a meeting there, and
// is shown what the roles allow and no more.
func TestDepartmentsByHand(t *testing.T) {
	// The pages are an organisation's, of a colour that white text cannot be read upon.
	logo := filepath.Join(t.TempDir(), "logo.svg")
	webtest.Check(t, os.WriteFile(logo, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path d="M15 0 30 15 15 30 0 15Z" fill="#fc0"/><path d="M40 10h50v10H40z"/></svg>`), 0o600))
	own := must(look.Load("Fjordvik kommune", logo, "#ffcc00"))(t)
	r := webtest.Start(t, func(c *web.Config) { c.Look = own })
	r.StartWorker()
	r.User("sjef", true)
	r.User("kari", false)
	r.User("ola", false)
	ctx := browser(t, "status of 409", "status of 422")
	vtt := filepath.Join(t.TempDir(), "Foreldremøte.vtt")
	webtest.Check(t, os.WriteFile(vtt, []byte(transcriptVTT), 0o600))
	enter := func(selector string) action {
		return sequence(chromedp.Focus(css(selector)), chromedp.KeyEvent(kb.Enter))
	}

	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/"), focused("name"), chromedp.KeyEvent("sjef"+kb.Tab+webtest.Password+kb.Enter),
		shows("h1", "Nytt opptak"), enter(`nav a[href="/admin"]`), enter(`main a[href="/admin/departments"]`), shows("h1", "Avdelinger og roller"), shows("#department-all", "Ingen har noen rolle"))
	run(t, ctx, chromedp.Focus(css("#new-name")), chromedp.KeyEvent("Skole"+kb.Enter), shows(".department h2", "Skole"))
	run(t, ctx, chromedp.Focus(css("#new-name")), chromedp.KeyEvent("Hjemmetjeneste"+kb.Tab+" "+kb.Enter), shows(".department .badge", "Helse"))
	run(t, ctx, chromedp.Focus(css("#new-name")), chromedp.KeyEvent("skole"+kb.Enter), shows("[role=alert]", "allerede en avdeling"))
	if kept := read(t, ctx, chromedp.Value(css("#new-name"))); kept != "skole" {
		t.Errorf("what was written is %q", kept)
	}

	var school string
	for _, d := range must(r.Store.Departments(t.Context()))(t) {
		if d.Name == "Skole" {
			school = d.ID
		} else if !d.Health {
			t.Errorf("%+v is not of health", d)
		}
	}
	give := func(role, name string) action {
		return sequence(chromedp.SetValue(css("#user-"+school), "Kari"), chromedp.SetValue(css("#role-"+school), role),
			enter("#department-"+school+" button[value=give]"), shows("#department-"+school+" table", name))
	}
	// What was written stays where a name was wrong, and the keyboard with it.
	run(t, ctx, chromedp.SetValue(css("#user-"+school), "ingen"), chromedp.SetValue(css("#role-"+school), "approver"), enter("#department-"+school+" button[value=give]"),
		shows("[role=alert]", "Ingen har dette brukernavnet"), focused("user-"+school))
	if kept := read(t, ctx, chromedp.Evaluate[[]string](`[document.activeElement.value, document.activeElement.form.role.value, document.activeElement.getAttribute('aria-invalid'),
		document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent, String(document.querySelectorAll('[role=alert]').length)]`)); !slices.Equal(kept[:3], []string{"ingen", "approver", "true"}) ||
		!strings.HasPrefix(kept[3], "Ingen har dette") || kept[4] != "1" {
		t.Errorf("a role for nobody: %q", kept)
	}
	audit(t, ctx, "departments, nobody of that name", "#department-"+school)
	run(t, ctx, give("registrar", "Registrator"), give("approver", "Godkjenner"))
	picture(t, ctx, "departments")
	audit(t, ctx, "departments")
	run(t, ctx, enter(`nav a[href="/admin/retention"]`), shows("h1", "Oppbevaring og sletting"), shows("table", "etter 30 dager"))
	audit(t, ctx, "retention")
	picture(t, ctx, "retention")
	run(t, ctx, chromedp.Navigate(r.URL+"/admin/departments"), shows("h1", "Avdelinger og roller"), shows("#department-"+school+" table", "Godkjenner"))
	run(t, ctx, enter(`button[aria-label="Ta bort rollen Godkjenner i Skole fra kari"]`),
		until(`(id) => document.readyState === 'complete' && document.querySelector('#department-' + id + ' table')?.textContent.includes('Godkjenner') === false`, school))
	run(t, ctx, enter(`form[action="/signout"] button`), focused("name"))

	// A registrar makes a meeting in the department and follows it, but does not read it.
	run(t, ctx, chromedp.KeyEvent("kari"+kb.Tab+webtest.Password+kb.Enter), shows("#department", "Skole"), shows("#department", "Ingen avdeling"),
		chromedp.SetUploadFiles(css("#file"), []string{vtt}), enter("#upload-start"), shows("#list td a", "Foreldremøte"), shows("#list td", "Skole"), shows("#list .state", "Utkast"))
	picture(t, ctx, "department-list")
	run(t, ctx, enter("#list td a"), shows(".facts", "Skole"), shows("main", "rollen din gir ikke tilgang til innholdet"))
	picture(t, ctx, "department-hidden")
	audit(t, ctx, "department hidden")
	if html := read(t, ctx, chromedp.InnerHTML(css("main"))); strings.Contains(html, "snøfreser") || strings.Contains(html, "/delete") || strings.Contains(html, "<audio") || !strings.Contains(html, "/remake") {
		t.Errorf("the registrar's page: %s", html)
	}

	// A meeting of her own is hers altogether, until she moves it.
	run(t, ctx, chromedp.Navigate(r.URL+"/"), shows("#list td a", "Foreldremøte"), chromedp.SetValue(css("#department"), "-"), chromedp.SendKeys(css("#title"), "Mitt eget"),
		chromedp.SetUploadFiles(css("#file"), []string{vtt}), enter("#upload-start"), shows("#list td a", "Mitt eget"), shows("#list .state", "Utkast"),
		enter("#list td a"), shows(".transcript", "bestillingen"), enter(".move summary"))
	picture(t, ctx, "department-move")
	audit(t, ctx, "department move")
	run(t, ctx, enter(".move button"), shows(".facts", "Skole"), shows("main", "rollen din gir ikke tilgang til innholdet"))
}

// sequence is several actions as one.
func sequence(actions ...action) action {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		for _, a := range actions {
			if _, err := a(ctx, target); err != nil {
				return chromedp.Void{}, err
			}
		}
		return chromedp.Void{}, nil
	}
}
