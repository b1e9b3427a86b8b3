package web

import (
	"net/http"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// registerAdministrationPages registers the page that leads to the others of administration.
func (s *Server) registerAdministrationPages() {
	s.routes.handle(http.MethodGet, adminAt, access.OwnAccount, s.showAdministration)
}

// showAdministration is for whoever may go to one of the places at least.
func (s *Server) showAdministration(w http.ResponseWriter, r *http.Request) {
	may := mayGo(whoAsks(r.Context()).member)
	if !slices.ContainsFunc(places, func(p place) bool { return p.ofAdministration() && may[p.needs] }) {
		s.pages.fail(w, r, referent.E(referent.CodeForbidden, "web: show administration", nil))
		return
	}
	s.pages.render(w, r, http.StatusOK, "admin", nil)
}
