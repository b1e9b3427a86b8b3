package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/tus"
)

// Problem is an error as RFC 9457 describes it, with the code that programs act on and a sentence in
// the reader's own language.
type Problem struct {
	Type     string              `json:"type" doc:"Always about:blank; code tells kinds apart." example:"about:blank"`
	Title    string              `json:"title" doc:"The HTTP status in words." example:"Not Found"`
	Status   int                 `json:"status" example:"404"`
	Code     referent.Code       `json:"code" doc:"Stable name of the kind of failure." example:"not_found"`
	Detail   string              `json:"detail" doc:"A sentence for a person, in the language asked for."`
	Hint     string              `json:"hint,omitempty" doc:"What helps, for a technician, in English."`
	Instance string              `json:"instance,omitempty" doc:"The request's id, as in the server's log."`
	Version  int                 `json:"version,omitempty" doc:"The newest version, when what was to be changed is not the newest any more."`
	Changed  *ChangedSegment     `json:"changed,omitempty" doc:"The segment that is not as it was seen, when an edit of a transcript is not done for that."`
	Errors   []*huma.ErrorDetail `json:"errors,omitempty" doc:"What is wrong where in the request."`
}

// ChangedSegment is a segment that somebody else changed.
type ChangedSegment struct {
	Edit    int               `json:"edit" doc:"The place of the edit in the batch, from 0."`
	Segment string            `json:"segment" doc:"The id."`
	Now     *referent.Segment `json:"now,omitempty" doc:"What stands there; absent when it is gone."`
}

func (p *Problem) Error() string             { return string(p.Code) + ": " + p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf maps kinds of failure to HTTP. What is wrong with the content of a recording is 422: the
// request was understood, what it holds cannot be processed.
func statusOf(code referent.Code) int {
	switch code {
	case referent.CodeInvalid:
		return http.StatusUnprocessableEntity
	case referent.CodeNotFound:
		return http.StatusNotFound
	case referent.CodeConflict, referent.CodeUnchecked, referent.CodeHeld, referent.CodeLiveUpload, referent.CodeCancelled, referent.CodeLeaseLost:
		return http.StatusConflict
	case referent.CodeUnauthorized:
		return http.StatusUnauthorized
	case referent.CodeForbidden, referent.CodeLLMForbidden, referent.CodeLLMLeak:
		return http.StatusForbidden
	case referent.CodeUnavailable, referent.CodeLLMUnreachable, referent.CodeWorkerLost:
		return http.StatusServiceUnavailable
	case referent.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case referent.CodeTimeout:
		return http.StatusGatewayTimeout
	case referent.CodeConfig:
		return http.StatusNotImplemented // asked for what this server is not set up for
	case referent.CodeDiskFull:
		return http.StatusInsufficientStorage
	case referent.CodeAudioEmpty, referent.CodeAudioUnreadable, referent.CodeAudioTruncated,
		referent.CodeAudioNoTrack, referent.CodeAudioDRM, referent.CodeAudioTooLong, referent.CodeAudioCostly,
		referent.CodeNoSpeech, referent.CodeTranscriptBroken, referent.CodeLanguage,
		referent.CodeOneVoice, referent.CodeVoicesGone:
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// codeOfStatus is for failures that huma finds by itself and that carry only a status.
func codeOfStatus(status int) referent.Code {
	switch status {
	case http.StatusUnauthorized:
		return referent.CodeUnauthorized
	case http.StatusForbidden:
		return referent.CodeForbidden
	case http.StatusNotFound:
		return referent.CodeNotFound
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusLocked:
		return referent.CodeConflict
	case http.StatusRequestEntityTooLarge:
		return referent.CodeTooLarge
	case http.StatusRequestTimeout:
		return referent.CodeTimeout
	case http.StatusServiceUnavailable:
		return referent.CodeUnavailable
	}
	if status >= 500 {
		return referent.CodeInternal
	}
	return referent.CodeInvalid
}

// problem describes err to whoever asks in ctx, and remembers it for the access log.
func problem(ctx context.Context, err error) *Problem {
	code := codeOf(err)
	p := newProblem(ctx, statusOf(code), code, referent.HintOf(err), err)
	if c, ok := errors.AsType[*pipeline.VersionConflict](err); ok {
		p.Version = c.Newest
	}
	if many, ok := errors.AsType[errTooMany](err); ok {
		p.Status, p.Title = http.StatusTooManyRequests, http.StatusText(http.StatusTooManyRequests)
		p.Code, p.Detail = referent.CodeUnavailable, locale.T(infoOf(ctx).lang, "web.signin.too_many", "seconds", many.seconds())
	}
	if c, ok := errors.AsType[*correct.Conflict](err); ok {
		p.Changed = &ChangedSegment{c.Edit, c.Segment, c.Now}
	}
	return p
}

func newProblem(ctx context.Context, status int, code referent.Code, hint string, err error) *Problem {
	info := infoOf(ctx)
	if err != nil {
		info.err = err
	}
	if status >= 500 && code == referent.CodeInternal {
		hint = "" // what went wrong inside is for the log, not for the other side
	}
	title := http.StatusText(status)
	if status == tus.StatusChecksumMismatch {
		title = "Checksum Mismatch"
	}
	return &Problem{
		Type: "about:blank", Title: title, Status: status, Code: code,
		Detail: locale.ErrorCode(info.lang, code), Hint: hint, Instance: info.id,
	}
}

// codeOf is referent.CodeOf that also knows the store's sentinels and a caller who went away.
func codeOf(err error) referent.Code {
	switch code := referent.CodeOf(err); {
	case code != referent.CodeInternal:
		return code
	case errors.Is(err, store.ErrNotFound):
		return referent.CodeNotFound
	case errors.Is(err, store.ErrConflict):
		return referent.CodeConflict
	case errors.Is(err, context.Canceled):
		return referent.CodeCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return referent.CodeTimeout
	}
	return referent.CodeInternal
}

func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	sendProblem(w, problem(r.Context(), err))
}

func sendProblem(w http.ResponseWriter, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		panic("web: a problem document must marshal: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="referent"`)
	}
	w.WriteHeader(p.Status)
	w.Write(body) // a reader who went away needs no answer
}

// useProblems makes huma speak in Problems. huma keeps its error constructors in package variables, so
// this is done once for the process.
var useProblems = sync.OnceFunc(func() {
	make := func(ctx context.Context, status int, msg string, errs ...error) huma.StatusError {
		for _, err := range errs {
			if e, ok := errors.AsType[*Problem](err); ok {
				return e
			}
			if codeOf(err) != referent.CodeInternal {
				return problem(ctx, err)
			}
		}
		p := newProblem(ctx, status, codeOfStatus(status), "", errors.Join(errs...))
		if status < 500 {
			p.Hint = msg
			for _, err := range errs {
				if d, ok := err.(huma.ErrorDetailer); ok {
					p.Errors = append(p.Errors, d.ErrorDetail())
				}
			}
		}
		return p
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return make(context.Background(), status, msg, errs...)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return make(ctx.Context(), status, msg, errs...)
	}
})
