package web

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/web/look"
)

//go:embed templates/*.html static/*
var files embed.FS

// pages renders the HTML. Every template stands inside base.html and gets a view.
type pages struct {
	server    *Server
	templates map[string]*template.Template
	static    *staticFiles
}

// madeAt is the newest event when what a page shows was read: what happens after it is told to the page's script.
type madeAt struct{ at int64 }

func (m madeAt) event() int64 { return m.at }

// view is what a template sees.
type view struct {
	Lang    string
	User    *store.User
	may     map[access.Permission]bool // as mayGo has it
	Path    string                     // of this page, to come back to
	at      string                     // of this page, without what is asked for
	Version string
	Request string // id
	After   int64  // the newest event when the page was made
	Data    any

	templates *templates.Catalogue
	static    *staticFiles
	look      *look.Look
}

// Organisation is the name of the organisation; "": none is known.
func (v view) Organisation() string { return v.look.Name }

// Logo is the address of the organisation's logo; "": there is none.
func (v view) Logo() string {
	if v.static.logo == "" {
		return ""
	}
	return v.static.address(v.static.logo)
}

// Theme is the address of the organisation's own colours; "": there are none.
func (v view) Theme() string {
	if !v.static.has(themeFile) {
		return ""
	}
	return v.static.address(themeFile)
}

// Static is the address of one of the files that pages load.
func (v view) Static(name string) (string, error) {
	if !v.static.has(name) {
		return "", errors.New("no file " + name)
	}
	return v.static.address(name), nil
}

// Imports are the addresses of what a script imports, so that a page asks for all of it at once, and not for each part
// when the one before it has come.
func (v view) Imports(script string) (addresses []string, err error) {
	for _, name := range v.static.files[script].imports {
		at, err := v.Static(name)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, at)
	}
	return addresses, nil
}

// Styled reports whether the program was built with the third-party styles and scripts.
func (v view) Styled() bool { return v.static.styled }

// T is the text of key in the view's language.
func (v view) T(key string, args ...any) string { return locale.T(v.Lang, key, args...) }

func (v view) Languages() []string { return locale.Languages }

// May reports whether whoever looks may do what is about the installation.
func (v view) May(p access.Permission) (bool, error) {
	if !p.OfSystem() {
		return false, errors.New("no such permission")
	}
	return v.may[p], nil
}

// Kinds lists the kinds of documents to choose from.
func (v view) Kinds() []referent.Kind {
	var list []referent.Kind
	for _, t := range v.templates.All() {
		list = append(list, referent.Kind(t.ID))
	}
	return list
}

// KindsWith lists them, and k too where its template is gone.
func (v view) KindsWith(k referent.Kind) []referent.Kind {
	list := v.Kinds()
	if !slices.Contains(list, k) {
		list = append(list, k)
	}
	return list
}

// Kind is what a kind of document is called: a built-in one in the view's language, an organisation's own as
// its template says.
func (v view) Kind(k referent.Kind) string {
	if slices.Contains(referent.Kinds, k) {
		return v.T("web.kind." + string(k))
	}
	if t := v.templates.Find(k); t != nil {
		return v.Either(t.Name)
	}
	return string(k) // its template is gone
}

// Either is a text in the view's own form, else in the other.
func (v view) Either(f referent.Forms) string {
	own, other := f.NB, f.NN
	if v.Lang == locale.Nynorsk {
		own, other = other, own
	}
	return cmp.Or(own, other)
}

// Date writes a day as Norwegians do: 21.11.2026.
func (v view) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("02.01.2006")
}

// Moment writes a time as moment does.
func (v view) Moment(t time.Time) string { return moment(t) }

// Clock writes the time of day, to the second.
func (v view) Clock(t time.Time) string { return t.Local().Format("15.04.05") }

// Days writes how long something is kept.
func (v view) Days(n retention.Days) string {
	switch {
	case n < 0:
		return v.T("retention.never")
	case n == 1:
		return v.T("retention.day")
	}
	return v.T("retention.days", "n", int(n))
}

// Texts are the sentences that the scripts say, as JSON.
func (v view) Texts() (string, error) {
	texts := map[string]string{}
	for _, key := range []string{"web.upload.choose", "web.upload.going", "web.upload.waiting", "web.upload.stopped", "web.upload.done", "error.internal", "error.unauthorized"} {
		texts[key] = v.T(key)
	}
	for _, st := range referent.States {
		texts["web.state."+string(st)] = v.T("web.state." + string(st))
	}
	data, err := json.Marshal(texts)
	return string(data), err
}

// Sentences are the texts whose keys begin with prefix, as JSON under the rest of their keys: what a page's own
// script says.
func (v view) Sentences(prefix string) (string, error) { return sentences(v.Lang, prefix, prefix) }

// sentences are the texts whose keys begin with one of the prefixes, as JSON under their keys without cut.
func sentences(lang, cut string, prefixes ...string) (string, error) {
	texts := map[string]string{}
	for _, key := range locale.Keys() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			texts[strings.TrimPrefix(key, cut)] = locale.T(lang, key)
		}
	}
	data, err := json.Marshal(texts)
	return string(data), err
}

type (
	signInPage struct {
		Next, Name, Error string
		Provider, Begin   string // what the OpenID provider is called, and the way to it; "": there is none
		Folded            bool   // the form is for few, and shown when asked for
	}
	setupPage struct {
		Token, Name, Error string
		Least              int
		Invited            bool // not the first administrator
	}
	failurePage  struct{ Detail, Written string }
	documentPage struct {
		Info   *huma.Info
		Groups []operationGroup
	}
)

func newPages(s *Server) (*pages, error) {
	p := &pages{server: s, templates: map[string]*template.Template{}}
	funcs := template.FuncMap{"clock": clock, "names": speakerNames, "short": short, "dec": func(n int) int { return n - 1 }, "percent": func(f float64) int { return int(f*100 + 0.5) }}
	for _, name := range []string{"signin", "setup", "signedout", "meetings", "meeting", "minutes", "transcript", "compare", "delete", "document", "failure", "edit", "departments", "retention", "record", "search", "tasks", "users", "log",
		"readings", "readers", "admin", "words", "wordlist", "operations", "workers", "endpoints", "templates"} {
		t, err := template.New("base.html").Funcs(funcs).ParseFS(files, "templates/base.html", "templates/fields.html", "templates/hits.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		p.templates[name] = t
	}
	own, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	p.static, err = newStaticFiles(own, s.cfg.Assets, s.cfg.Look)
	return p, err
}

// render writes a page. It is made whole before the first byte goes out.
func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	info := infoOf(r.Context())
	v := view{Lang: info.lang, Path: r.URL.RequestURI(), at: r.URL.Path, Version: p.server.cfg.Version, Request: info.id, Data: data, templates: p.server.cfg.Templates, static: p.static, look: p.server.cfg.Look}
	if r.Method != http.MethodGet {
		v.Path = "/"
	}
	if id := whoAsks(r.Context()); id != nil {
		v.User = id.user
		if made, ok := data.(interface{ event() int64 }); ok {
			v.After = made.event()
		} else {
			var err error
			if v.After, err = p.server.store.LastEvent(r.Context()); err != nil {
				v.After = math.MaxInt64 // nothing is told on this page
			}
		}
		v.may = mayGo(id.member)
	}
	var buf bytes.Buffer
	if err := p.templates[name].Execute(&buf, v); err != nil {
		p.server.writeProblem(w, r, referent.E(referent.CodeInternal, "web: render page", errors.New(name)))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", info.lang)
	w.WriteHeader(status)
	w.Write(buf.Bytes())
}

// fail shows err as a page.
func (p *pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.failKeeping(w, r, err, "")
}

// failKeeping shows err as a page, with what a person wrote and is kept nowhere.
func (p *pages) failKeeping(w http.ResponseWriter, r *http.Request, err error, written string) {
	showsNothing(w)
	if many, ok := errors.AsType[errTooMany](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(many.seconds()))
	}
	pr := problem(r.Context(), err)
	p.render(w, r, pr.Status, "failure", failurePage{pr.Detail, written})
}

func (s *Server) registerPages() {
	reg := s.routes.handle
	reg(http.MethodGet, "/static/{file}", access.Public, s.pages.serveStatic)
	reg(http.MethodGet, "/static/{version}/{file}", access.Public, s.pages.serveStatic)
	reg(http.MethodGet, "/signin", access.Public, s.showSignIn)
	reg(http.MethodPost, "/signin", access.Public, s.postSignIn)
	reg(http.MethodGet, openIDAt, access.Public, s.beginOpenID)
	reg(http.MethodGet, openIDBackAt, access.Public, s.endOpenID)
	reg(http.MethodGet, "/setup", access.Public, s.showSetup)
	reg(http.MethodPost, "/setup", access.Public, s.postSetup)
	reg(http.MethodPost, "/language", access.Public, s.postLanguage)
	reg(http.MethodPost, "/signout", access.OwnAccount, s.postSignOut)
	reg(http.MethodGet, "/{$}", access.SeeMeeting, s.showMeetings)
	reg(http.MethodGet, "/record", access.SeeMeeting, s.showRecorder)
	reg(http.MethodGet, "/meetings/{id}", access.SeeMeeting, s.showMeeting)
	reg(http.MethodGet, "/meetings/{id}/edit", access.ChangeDetails, s.showEdit)
	reg(http.MethodPost, "/meetings/{id}/edit", access.ChangeDetails, s.postEdit)
	reg(http.MethodGet, "/meetings/{id}/delete", access.Erase, s.showDelete)
	reg(http.MethodGet, "/meetings/{id}/transcript", access.ReadContent, s.showTranscript)
	reg(http.MethodGet, "/meetings/{id}/minutes", access.ReadContent, s.showMinutes)
	reg(http.MethodPost, "/meetings/{id}/minutes", access.CorrectContent, s.postMinutes(s.editByForm))
	reg(http.MethodPost, "/meetings/{id}/minutes/approve", access.Approve, s.postMinutes(s.approveByForm))
	reg(http.MethodPost, "/meetings/{id}/minutes/reopen", access.Approve, s.postMinutes(s.reopenByForm))
	reg(http.MethodPost, "/meetings/{id}/minutes/remake", access.Process, s.postRemake)
	reg(http.MethodGet, "/meetings/{id}/minutes/compare", access.ReadContent, s.showComparison)
	reg(http.MethodPost, "/meetings/{id}/minutes/compare", access.CorrectContent, s.postTake)
	s.registerActs()
	s.registerDepartmentPages()
	s.registerRetentionPages()
	s.registerReadingPages()
	s.registerSearchPages()
	s.registerUserPages()
	s.registerAdministrationPages()
	s.registerWordPages()
	s.registerOperationPages()
	s.registerWorkerPages()
	s.registerSettingPages()
	reg("", "/", access.OwnAccount, func(w http.ResponseWriter, r *http.Request) {
		err := referent.E(referent.CodeNotFound, "web: find page", nil)
		if isPage(r) {
			s.pages.fail(w, r, err)
			return
		}
		s.writeProblem(w, r, err)
	})
}
