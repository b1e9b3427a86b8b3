package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/referent/referent/access"
)

const (
	apiRoot       = "/api/v1"
	needsKey      = "needs" // in huma.Operation.Metadata
	maxJSONBody   = 1 << 20
	maxMinutes    = 16 << 20 // a person's version of long minutes
	bodyReadLimit = 30 * time.Second
)

// adapter lets huma register through the router, so that its operations get the same guard as
// everything else.
type adapter struct{ routes *router }

func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	needs, _ := op.Metadata[needsKey].(access.Permission)
	a.routes.handle(op.Method, op.Path, needs, func(w http.ResponseWriter, r *http.Request) {
		handler(humago.NewContext(op, r, w))
	})
}

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.routes.mux.ServeHTTP(w, r) }

func (s *Server) registerAPI() {
	useProblems()
	c := huma.DefaultConfig("Referent", s.cfg.Version)
	c.CreateHooks = nil // no "$schema" in answers
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.Info.Description = "Recordings of meetings in, transcripts and Norwegian minutes out. " +
		"Sign in with a session cookie, or send an API token: `Authorization: Bearer rft_…`. " +
		"Errors are RFC 9457 problem documents; `code` tells the kinds apart, `detail` is a sentence in the language of `Accept-Language` (nb, nn, en)."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Tags = []*huma.Tag{
		{Name: "meetings", Description: "Meetings and what happens to them."},
		{Name: "results", Description: "Transcripts, minutes and the sound they rest on."},
		{Name: "minutes", Description: "Minutes as people review, change and approve them."},
		{Name: "transcript", Description: "The transcript as people correct it."},
		{Name: "tasks", Description: "What the minutes say is to be done, over all meetings."},
		{Name: "speakers", Description: "Who said what: names, and what people put right."},
		{Name: "uploads", Description: "Resumable uploads as tus 1.0 describes them."},
		{Name: "events", Description: "Server-sent events."},
		{Name: "account", Description: "The one who asks, and their API tokens."},
		{Name: "administration", Description: "For administrators and auditors."},
	}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token with the scopes read, write or admin."},
		"session": {Type: "apiKey", In: "cookie", Name: s.cookieName(), Description: "What signing in gives a browser."},
	}
	c.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	s.api = huma.NewAPI(c, adapter{s.routes})

	s.registerMeetings()
	s.registerResults()
	s.registerMinutes()
	s.registerSearch()
	s.registerTasks()
	s.registerSpeakers()
	s.registerTranscript()
	s.registerUploads()
	s.registerEvents()
	s.registerAccount()
	s.registerAdministration()
	s.registerUsers()
	s.registerDepartments()
	s.registerRetention()
	s.registerReadings()
	s.registerAudit()
	s.registerPurge()
	s.registerWords()
	s.registerOperations()
	s.registerWorkers()
	s.registerEndpoints()
	s.registerTemplates()
	s.registerDocument()
}

// operation describes one endpoint; register adds what all have in common.
type operation struct {
	method, path, id, tag, summary, text string
	needs                                access.Permission
	status                               int   // 0: 200
	maxBody                              int64 // 0: maxJSONBody
	trusting                             bool  // the body is not held to its schema, only to its Go type
	responses                            map[string]*huma.Response
}

func register[I, O any](s *Server, o operation, h func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: o.method, Path: apiRoot + o.path, OperationID: o.id, Tags: []string{o.tag},
		Summary: o.summary, Description: o.text, DefaultStatus: o.status,
		MaxBodyBytes: o.maxBody, BodyReadTimeout: bodyReadLimit,
		SkipValidateBody: o.trusting,
		Responses:        o.responses,
		Metadata:         map[string]any{needsKey: o.needs},
		Errors:           []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxJSONBody
	}
	huma.Register(s.api, op, h)
}

// raw is a huma answer written by an ordinary HTTP handler: what is not one JSON document.
func raw(h http.HandlerFunc) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		h(w, r)
	}}
}

// binaryAnswer describes an answer that is not JSON.
func binaryAnswer(description string, types ...string) map[string]*huma.Response {
	content := map[string]*huma.MediaType{}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Response{"200": {Description: description, Content: content}}
}

// MeetingPath is the input of everything about one meeting. Exported, since huma reads embedded inputs
// only then.
type MeetingPath struct {
	ID string `path:"id" doc:"The meeting's id." maxLength:"64"`
}
