package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
)

// requestInfo follows a request through its handlers, so that the access log and the error documents
// know what was found out on the way.
type requestInfo struct {
	id   string
	user string // id, once known
	lang string
	from string // addressKey of the visitor
	err  error  // what the answer tells of

	// What was last decided over a meeting, and why.
	needs  access.Permission
	reason access.Reason
}

type infoKey struct{}

// infoOf returns the request's info; outside a request it is an empty one.
func infoOf(ctx context.Context) *requestInfo {
	if info, ok := ctx.Value(infoKey{}).(*requestInfo); ok {
		return info
	}
	return &requestInfo{lang: locale.Bokmal}
}

// outer is what every request passes, from the outside in: request id and log, recovery, security
// headers, packing, protection against cross-site requests.
func (s *Server) outer(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.writeProblem(w, r, referent.E(referent.CodeForbidden, "web: check origin", nil).
			WithHint("the browser sent this request from another site"))
	}))
	return s.logged(s.recovered(s.headers(s.pack(csrf.Handler(next)))))
}

func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 8)
		rand.Read(b)
		info := &requestInfo{id: hex.EncodeToString(b), lang: s.visitorLanguage(r), from: s.addressKey(r)}
		rec := &recorder{ResponseWriter: w}
		start := s.now()
		rec.Header().Set("X-Request-Id", info.id)
		r = r.WithContext(context.WithValue(r.Context(), infoKey{}, info)) // the mux notes its match in this one
		next.ServeHTTP(rec, r)

		took := s.now().Sub(start)
		s.metrics.request(r, rec, took)
		level := slog.LevelInfo
		attrs := []slog.Attr{
			slog.String("request", info.id), slog.String("method", r.Method),
			slog.String("path", loggedPath(r)), // no query: it can hold words somebody searched for
			slog.Int("status", rec.status()), slog.Int64("bytes", rec.bytes),
			slog.Duration("took", took),
		}
		if info.user != "" {
			attrs = append(attrs, slog.String("user", info.user))
		}
		if info.reason != "" {
			attrs = append(attrs, slog.String("needs", string(info.needs)), slog.String("reason", string(info.reason)))
		}
		if info.err != nil {
			attrs = append(attrs, slog.String("code", string(codeOf(info.err))))
		}
		if rec.status() >= 500 {
			level = slog.LevelError
			if info.err != nil {
				attrs = append(attrs, slog.String("error", info.err.Error()))
			}
		}
		s.log.LogAttrs(r.Context(), level, "request", attrs...)
	})
}

// noRoute is an address that leads nowhere, whatever it is.
const noRoute = "(no route)"

// loggedPath is the path as logged: the route that matched with its ids, which are ours, and nothing a
// stranger wrote into an address that leads nowhere.
func loggedPath(r *http.Request) string {
	if r.Pattern == "" || strings.HasSuffix(r.Pattern, " /") || r.Pattern == "/" {
		return noRoute
	}
	return r.URL.Path
}

func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v) // net/http's own way to drop a connection
			}
			// The value itself may quote what a person said; its type and the stack never do.
			s.log.ErrorContext(r.Context(), "panic in handler",
				"request", infoOf(r.Context()).id, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			if rec, ok := w.(*recorder); ok && rec.code != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			s.writeProblem(w, r, referent.E(referent.CodeInternal, "web: handle request", nil))
		}()
		next.ServeHTTP(w, r)
	})
}

// contentPolicy allows nothing but our own files: no inline script or style, no other host, no frame. The icons in
// Designsystemet's style are pictures in data: addresses, which come from nowhere and run nothing.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self), display-capture=(self)")
		h.Set("Cache-Control", "no-store") // what is shown here must not lie in a shared browser's cache
		if s.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// recorder remembers the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	code  int
	bytes int64
}

func (w *recorder) WriteHeader(code int) {
	if w.code == 0 && code >= 200 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// Flush is for what packs answers, which knows no other way. Whether it worked shows at the next write.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach deadlines.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

const languageCookie = "referent_language"

// visitorLanguage is the language of somebody not signed in: what they chose, else what their browser asks for.
func (s *Server) visitorLanguage(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil && isLanguage(c.Value) {
		return c.Value
	}
	return locale.Match(r.Header.Get("Accept-Language"), s.cfg.Locale)
}

func isLanguage(lang string) bool { return slices.Contains(locale.Languages, lang) }

// languageOf is the language of an identity. A person's own choice goes before what their browser says
// by itself; a program with a token says with the header what it wants.
func languageOf(id *identity, r *http.Request, visitor string) string {
	if id.session == "" && r.Header.Get("Accept-Language") != "" {
		return visitor
	}
	if isLanguage(id.user.Locale) {
		return id.user.Locale
	}
	return visitor
}
