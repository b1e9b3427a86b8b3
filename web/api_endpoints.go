package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

// The endpoints that may be configured.
const (
	endpointLLM   = "llm"
	endpointOIDC  = "oidc"
	endpointBlobs = "blobs"
)

// tryPatience is how long an endpoint that is tried may take over its answer.
const tryPatience = 15 * time.Second

// Endpoint is another program that the server calls, or has its workers call. Its keys are told to nobody.
type Endpoint struct {
	ID      string   `json:"id" enum:"llm,oidc,blobs" doc:"llm writes minutes, oidc signs people in, blobs keeps recordings and results, sealed."`
	Host    string   `json:"host" doc:"With the port, if the address has one." example:"127.0.0.1:8080"`
	Local   bool     `json:"local" doc:"On this very machine, by its name: loopback."`
	Model   string   `json:"model,omitempty" doc:"Of llm."`
	API     string   `json:"api,omitempty" doc:"How llm is spoken to."`
	Masked  bool     `json:"masked" doc:"Personal data is masked in what llm is sent. Always so where it is not on this machine."`
	Allowed []string `json:"allowed" nullable:"false" doc:"Hosts that may be called: for llm beside this machine, for oidc beside its own; none for blobs."`
}

// Tried is how a try of an endpoint went.
type Tried struct {
	OK     bool          `json:"ok"`
	Code   referent.Code `json:"code,omitempty" doc:"Kind of the failure."`
	Detail string        `json:"detail" doc:"A sentence for a person, in the language asked for."`
	Hint   string        `json:"hint,omitempty" doc:"What helps, for a technician, in English."`
	Answered
}

// EndpointPath is the input of everything about one endpoint.
type EndpointPath struct {
	Endpoint string `path:"endpoint" enum:"llm,oidc,blobs"`
}

func (s *Server) registerEndpoints() {
	const at = "/endpoints"
	register(s, operation{method: http.MethodGet, path: at, id: "list-endpoints", tag: "administration", needs: access.ManageSystem,
		summary: "List the configured endpoints", text: "They are set in the server's configuration, and only there. Without one for llm the built-in writer makes the minutes."},
		func(_ context.Context, _ *struct{}) (*struct{ Body []Endpoint }, error) {
			return list(s.endpoints(), nil)
		})
	register(s, operation{method: http.MethodPost, path: at + "/{endpoint}/try", id: "try-endpoint", tag: "administration", needs: access.ManageSystem,
		summary: "See whether an endpoint answers", text: "Asks the configured address what it is, from the server and with its key. Nothing of any meeting is sent. Workers on other machines may be in another position."},
		func(ctx context.Context, in *EndpointPath) (*struct{ Body Tried }, error) {
			t, err := s.try(ctx, in.Endpoint)
			return &struct{ Body Tried }{t}, err
		})
}

// endpoints are those that are configured.
func (s *Server) endpoints() (all []Endpoint) {
	if e := s.cfg.Installation.Endpoint; e != nil {
		host, local := hostOf(e.BaseURL)
		all = append(all, Endpoint{ID: endpointLLM, Host: host, Local: local, Model: e.Model, API: string(cmp.Or(e.API, referent.APIOpenAI)), Masked: e.Mask || !local, Allowed: append([]string{}, e.Allowed...)})
	}
	if s.party != nil {
		host, local := hostOf(s.party.Issuer)
		all = append(all, Endpoint{ID: endpointOIDC, Host: host, Local: local, Allowed: append([]string{}, s.party.Allowed...)})
	}
	if in := s.cfg.Installation; in.Blobs != "" {
		host, local := hostOf(in.Blobs)
		all = append(all, Endpoint{ID: endpointBlobs, Host: host, Local: local, Allowed: []string{}})
	}
	return all
}

// has reports whether there is such an endpoint that can be tried.
func (s *Server) has(endpoint string) bool {
	switch in := s.cfg.Installation; endpoint {
	case endpointLLM:
		return in.Endpoint != nil && in.TryEndpoint != nil
	case endpointOIDC:
		return s.party != nil
	case endpointBlobs:
		return in.TryBlobs != nil
	}
	return false
}

// hostOf is the host of an address, and whether it is this machine by its very name. What else the address holds may be
// secret.
func hostOf(address string) (host string, local bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	return u.Host, referent.Loopback(u.Hostname())
}

// try asks an endpoint what it is. That it does not answer is no error: Tried tells of it. CodeNotFound: none is
// configured. CodeUnavailable: somebody is trying one.
func (s *Server) try(ctx context.Context, endpoint string) (Tried, error) {
	const op = "web: try endpoint"
	in := s.cfg.Installation
	if !s.has(endpoint) {
		return Tried{}, referent.E(referent.CodeNotFound, op, store.ErrNotFound).WithHint("no such endpoint is configured")
	}
	if !s.trying.TryLock() {
		return Tried{}, referent.E(referent.CodeUnavailable, op, nil).WithHint("an endpoint is being tried; wait for its answer")
	}
	defer s.trying.Unlock()
	ctx, cancel := context.WithTimeout(ctx, tryPatience)
	defer cancel()
	lang, t := infoOf(ctx).lang, Tried{}
	var err error
	switch endpoint {
	case endpointLLM:
		t.Answered, err = in.TryEndpoint(ctx)
	case endpointOIDC:
		err = s.party.provider.Try(ctx)
	case endpointBlobs:
		err = in.TryBlobs(ctx)
	}
	t.Code, t.Hint = codeOf(err), referent.HintOf(err)
	switch {
	case err == nil && endpoint == endpointOIDC:
		t.OK, t.Code, t.Detail = true, "", locale.T(lang, "endpoints.oidc.answers")
	case err == nil && endpoint == endpointBlobs:
		t.OK, t.Code, t.Detail = true, "", locale.T(lang, "endpoints.blobs.answers")
	case err == nil && !t.HasModel:
		t.Code, t.Detail = referent.CodeLLMAnswer, locale.T(lang, "endpoints.llm.no_model", "model", in.Endpoint.Model)
	case err == nil && in.Endpoint.Model == "":
		t.OK, t.Code, t.Detail = true, "", locale.T(lang, "endpoints.llm.answers.any")
	case err == nil:
		t.OK, t.Code, t.Detail = true, "", locale.T(lang, "endpoints.llm.answers", "model", in.Endpoint.Model)
	case endpoint == endpointOIDC:
		t.Detail = locale.T(lang, "endpoints.oidc.silent")
	case endpoint == endpointBlobs:
		t.Detail = locale.T(lang, "endpoints.blobs.silent")
	default:
		t.Detail = locale.ErrorCode(lang, t.Code)
	}
	s.log.InfoContext(ctx, "endpoint tried", "by", whoAsks(ctx).user.ID, "endpoint", endpoint, "ok", t.OK, "code", t.Code)
	return t, nil
}
