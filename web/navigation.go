package web

import (
	"strings"

	"github.com/referent/referent/access"
)

// adminAt is the page that leads to the places of administration.
const adminAt = "/admin"

// place is a part of the application that every page leads to: itself, or the page of administration where its
// path is below that.
type place struct {
	Path  string            // of its first page; pages below it belong to it
	also  string            // where else its pages lie; "": nowhere
	Text  string            // key of its name
	About string            // key of a sentence on what is done there; "": the name says it
	needs access.Permission // about the installation, or ManageWords in any department; "": whoever is signed in
}

// places are in the order of the navigation.
var places = []place{
	{Path: "/", also: "/meetings/", Text: "look.nav.meetings"},
	{Path: "/record", Text: "record.title"},
	{Path: "/search", Text: "search.title"},
	{Path: "/tasks", Text: "tasks.title"},
	{Path: "/admin/departments", Text: "access.link", About: "admin.about.departments", needs: access.ManageUsers},
	{Path: "/admin/users", Text: "users.title", About: "admin.about.users", needs: access.ManageUsers},
	{Path: "/admin/operations", Text: "operations.title", About: "admin.about.operations", needs: access.ManageSystem},
	{Path: "/admin/endpoints", Text: "endpoints.title", About: "admin.about.endpoints", needs: access.ManageSystem},
	{Path: "/admin/templates", Text: "forms.title", About: "admin.about.templates", needs: access.ManageSystem},
	{Path: "/admin/words", Text: "words.link", About: "admin.about.words", needs: access.ManageWords},
	{Path: "/admin/retention", Text: "retention.link", About: "admin.about.retention", needs: access.ReadAudit},
	{Path: "/admin/access", Text: "readings.title", About: "admin.about.access", needs: access.ReadAudit},
	{Path: "/admin/log", Text: "users.log.title", About: "admin.about.log", needs: access.ReadAudit},
}

// link is a place as a page shows it. Current is what aria-current says: "page" on its first page, "true" on one
// below it, "" elsewhere.
type link struct{ Path, Text, About, Current string }

// ofAdministration reports whether the place stands on the page of administration.
func (p place) ofAdministration() bool { return strings.HasPrefix(p.Path, adminAt+"/") }

// mayGo is what opens places to a member.
func mayGo(m access.Member) map[access.Permission]bool {
	may := map[access.Permission]bool{"": true, access.ManageWords: m.Somewhere(access.ManageWords)}
	for _, p := range access.SystemPermissions() {
		may[p] = access.DecideSystem(m, p).Allowed
	}
	return may
}

// Navigation leads to the places that whoever looks may go to, with one for all of administration; to none for
// somebody not signed in.
func (v view) Navigation() []link {
	if v.User == nil {
		return nil
	}
	links := v.links(false)
	if len(v.Administration()) > 0 {
		links = append(links, v.link(place{Path: adminAt, Text: "admin.title"}))
	}
	return links
}

// Administration leads to the places of administration that whoever looks may go to.
func (v view) Administration() []link {
	if v.User == nil {
		return nil
	}
	return v.links(true)
}

// Beside is Administration on its places, and nothing elsewhere.
func (v view) Beside() []link {
	if !strings.HasPrefix(v.at, adminAt+"/") {
		return nil
	}
	return v.Administration()
}

func (v view) links(ofAdministration bool) []link {
	var links []link
	for _, p := range places {
		if p.ofAdministration() == ofAdministration && v.may[p.needs] {
			links = append(links, v.link(p))
		}
	}
	return links
}

func (v view) link(p place) link {
	l := link{Path: p.Path, Text: v.T(p.Text)}
	if p.About != "" {
		l.About = v.T(p.About)
	}
	switch {
	case v.at == p.Path:
		l.Current = "page"
	case p.Path != "/" && strings.HasPrefix(v.at, p.Path+"/"), p.also != "" && strings.HasPrefix(v.at, p.also):
		l.Current = "true"
	}
	return l
}
