package web

import (
	"net/http"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

const (
	endpointsAt = "/admin/endpoints"
	templatesAt = "/admin/templates"
)

// endpointsView are the endpoints that are configured, and how a try of one went.
type endpointsView struct {
	Endpoints []Endpoint
	LLM       bool   // one writes minutes
	Of        string // which was tried; "": none
	Tried     Tried
}

// registerSettingPages registers the pages that show what the configuration says of endpoints and templates. What
// they do is what the API does.
func (s *Server) registerSettingPages() {
	reg := s.routes.handle
	reg(http.MethodGet, endpointsAt, access.ManageSystem, func(w http.ResponseWriter, r *http.Request) { s.showEndpoints(w, r, endpointsView{}) })
	reg(http.MethodPost, endpointsAt, access.ManageSystem, s.postEndpoint)
	reg(http.MethodGet, templatesAt, access.ManageSystem, s.showTemplates)
}

func (s *Server) showEndpoints(w http.ResponseWriter, r *http.Request, v endpointsView) {
	v.Endpoints, v.LLM = s.endpoints(), s.cfg.Installation.Endpoint != nil
	s.pages.render(w, r, http.StatusOK, "endpoints", v)
}

// postEndpoint tries an endpoint.
func (s *Server) postEndpoint(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	v := endpointsView{Of: r.PostFormValue("try")}
	if v.Of != endpointLLM && v.Of != endpointOIDC && v.Of != endpointBlobs {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: read form", nil))
		return
	}
	var err error
	if v.Tried, err = s.try(r.Context(), v.Of); err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.showEndpoints(w, r, v)
}

// templatesView are the forms of minutes.
type templatesView struct {
	Has        Templates
	Unreadable bool // the folder is there no more
}

func (s *Server) showTemplates(w http.ResponseWriter, r *http.Request) {
	f, err := s.templates()
	v := templatesView{f, referent.CodeOf(err) == referent.CodeConfig}
	if err != nil && !v.Unreadable {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "templates", v)
}
