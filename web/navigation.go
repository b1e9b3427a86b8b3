package web

import (
	"strings"

	"github.com/referent/referent/access"
)

// place is a part of the application that every page leads to.
type place struct {
	Path  string            // of its first page; pages below it belong to it
	also  string            // where else its pages lie; "": nowhere
	Text  string            // key of its name
	needs access.Permission // about the installation; "": whoever is signed in
}

// places are in the order of the navigation.
var places = []place{
	{Path: "/", also: "/meetings/", Text: "look.nav.meetings"},
	{Path: "/record", Text: "record.title"},
	{Path: "/search", Text: "search.title"},
	{Path: "/tasks", Text: "tasks.title"},
	{Path: "/admin/departments", Text: "access.link", needs: access.ManageUsers},
	{Path: "/admin/users", Text: "users.title", needs: access.ManageUsers},
	{Path: "/admin/retention", Text: "retention.link", needs: access.ReadAudit},
	{Path: "/admin/access", Text: "readings.title", needs: access.ReadAudit},
	{Path: "/admin/log", Text: "users.log.title", needs: access.ReadAudit},
}

// link is a place as a page shows it. Current is what aria-current says: "page" on its first page, "true" on one
// below it, "" elsewhere.
type link struct{ Path, Text, Current string }

// Navigation leads to the places that whoever looks may go to; to none for somebody not signed in.
func (v view) Navigation() []link {
	if v.User == nil {
		return nil
	}
	var links []link
	for _, p := range places {
		if p.needs != "" && !v.may[p.needs] {
			continue
		}
		l := link{Path: p.Path, Text: v.T(p.Text)}
		switch {
		case v.at == p.Path:
			l.Current = "page"
		case p.Path != "/" && strings.HasPrefix(v.at, p.Path+"/"), p.also != "" && strings.HasPrefix(v.at, p.also):
			l.Current = "true"
		}
		links = append(links, l)
	}
	return links
}
