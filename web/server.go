package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/web/assets"
	"github.com/referent/referent/web/look"
	"github.com/referent/referent/web/tus"
)

// DefaultMaxUpload is the largest recording taken when the configuration does not say: 8 GiB.
const DefaultMaxUpload = 8 << 30

// Pipeline is what the web asks of a meeting's life. Package pipeline's own type does all of it.
type Pipeline interface {
	// Create makes the meeting and fills in its ID, State and times.
	Create(ctx context.Context, m *referent.Meeting) error
	// Change stores what edit makes of the meeting, and tells who watches when it moves to another department.
	Change(ctx context.Context, meeting string, edit func(m *referent.Meeting) error) error
	BeginUpload(ctx context.Context, meeting, owner string, size int64) (*store.Upload, error)
	// Append stores r from offset on and returns the new offset, also when it fails half way.
	// A checksum that does not match is pipeline.ErrChecksum and stores nothing.
	Append(ctx context.Context, upload string, offset int64, r io.Reader, sum *pipeline.Checksum) (int64, error)
	// DeclareLength tells how long an upload of store.UnknownSize is.
	DeclareLength(ctx context.Context, upload string, size int64) error
	AbortUpload(ctx context.Context, upload string) error
	// Finish takes what has come of the recording for all of it.
	Finish(ctx context.Context, meeting string) error

	Cancel(ctx context.Context, meeting string) error
	Retry(ctx context.Context, meeting string, o pipeline.RetryOptions) error
	Remake(ctx context.Context, meeting string) error
	// RemakeAs is Remake of minutes of another kind or in another written form.
	RemakeAs(ctx context.Context, meeting string, o pipeline.RemakeOptions) error
	Delete(ctx context.Context, meeting, by string) (store.Receipt, error)
	DeleteAudio(ctx context.Context, meeting, by string) (store.Receipt, error)
	DeleteTranscript(ctx context.Context, meeting, by string) (store.Receipt, error)
	Hold(ctx context.Context, meeting, by, reason string) (*store.Hold, error)
	Release(ctx context.Context, meeting, by string) error
	Rules() retention.Rules
	ReadingsKept() time.Duration // 0 or less: for ever
	// Retention lists meetings that the calendar will erase something of until a time, what is next first.
	Retention(ctx context.Context, until time.Time) ([]pipeline.Retained, error)
	RetentionOf(ctx context.Context, meeting string) (pipeline.Retained, error)

	// TranscriptVersion reads a version of the transcript; 0 is the one to show.
	TranscriptVersion(ctx context.Context, meeting string, version int) (*pipeline.TranscriptVersion, error)
	// EditTranscript makes a person's version. A *pipeline.VersionConflict says that somebody was faster.
	EditTranscript(ctx context.Context, meeting, by string, version int, edit pipeline.TranscriptEdit) (*pipeline.TranscriptVersion, error)
	// CorrectTranscript makes edits on whichever version is shown, all or none. A *correct.Conflict tells which segment
	// is not as it was seen, and what stands there now.
	CorrectTranscript(ctx context.Context, meeting, by, batch string, edits []correct.Amendment) (pipeline.Corrected, error)
	RestoreTranscript(ctx context.Context, meeting, by string, version, to int) (pipeline.Corrected, error)
	// TranscriptVersions lists the newest first, those before the given one; 0 is all.
	TranscriptVersions(ctx context.Context, meeting string, before, limit int) ([]pipeline.TranscriptInfo, error)
	Peaks(ctx context.Context, meeting string) (*pipeline.Peaks, error)
	// Voices are how the segments sound; nil when that is not known.
	Voices(ctx context.Context, meeting string) (*referent.Voices, error)
	HasVoices(ctx context.Context, meeting string) (bool, error)
	// Partial is what was heard while the recording arrived; empty when there is a transcript.
	Partial(ctx context.Context, meeting string) (*referent.Partial, error)
	Transcript(ctx context.Context, meeting string) (*referent.Transcript, error)
	// MinutesVersion reads a version of the minutes; 0 is the one to show.
	MinutesVersion(ctx context.Context, meeting string, version int) (*pipeline.MinutesVersion, error)
	Minutes(ctx context.Context, meeting string, version int) (*referent.Minutes, error) // the same, without its number
	MinutesVersions(ctx context.Context, meeting string) ([]pipeline.MinutesInfo, error)
	// MinutesParts tells what can be taken from a version into the one that is shown, and which that is.
	MinutesParts(ctx context.Context, meeting string, from int) (shown int, parts []review.Offer, err error)
	// SaveMinutes, EditMinutes, Approve and Reopen make a person's version of the one that the person has read. A
	// *pipeline.VersionConflict says that somebody was faster.
	SaveMinutes(ctx context.Context, meeting string, by pipeline.Editor, version int, mi *referent.Minutes) (*pipeline.MinutesVersion, error)
	EditMinutes(ctx context.Context, meeting string, by pipeline.Editor, version int, e review.Edit) (*pipeline.MinutesVersion, error)
	Approve(ctx context.Context, meeting string, by pipeline.Editor, version int) (*pipeline.MinutesVersion, error)
	Reopen(ctx context.Context, meeting string, by pipeline.Editor, version int) (*pipeline.MinutesVersion, error)
	History(ctx context.Context, meeting string) ([]store.Deed, error)
	// SettleTask says that a task of the minutes is done, or open after all.
	SettleTask(ctx context.Context, meeting, task, by string, done bool) (*store.Task, error)
	Recording(ctx context.Context, meeting string) (blob.ReadAtCloser, error)                   // as it was uploaded
	Audio(ctx context.Context, meeting string) (pcm blob.ReadAtCloser, channels int, err error) // 16 kHz s16le PCM, interleaved

	// Watch returns a channel that is signalled after events have been stored, and a function that ends it.
	Watch() (<-chan struct{}, func())
	Workers() []pipeline.WorkerInfo
	// MakeEnrolment makes a token with which one worker enrols, Enrol uses it up, and RevokeWorker shuts a worker out.
	MakeEnrolment(ctx context.Context, by, label string, stages []referent.Stage) (token string, e *store.Enrolment, err error)
	Enrol(ctx context.Context, token, key string, signature []byte) (*store.Worker, error)
	RevokeWorker(ctx context.Context, id, by string) (*store.Worker, error)
	// PreviewPurge tells what the calendar erases until a time; Purge erases some of what is due, which look sees before.
	PreviewPurge(ctx context.Context, until time.Time) (pipeline.Purge, error)
	Purge(ctx context.Context, look func(ctx context.Context, meetings []string) error) (pipeline.Purge, error)
	// Outlooks lists what work is left on, in the order workers come to it.
	Outlooks(ctx context.Context) ([]pipeline.Outlook, error)
}

// Renderer writes documents. Package export does it.
type Renderer interface {
	// Transcript writes t as json, md, html, docx, pdf, vtt, srt, txt or rttm.
	Transcript(w io.Writer, t *referent.Transcript, m *referent.Meeting, format string) error
	// Minutes writes mi, of the meeting m, as json, md, html, docx, pdf or txt; t may be nil, and json and txt have no
	// use for it.
	Minutes(w io.Writer, mi *referent.Minutes, t *referent.Transcript, m *referent.Meeting, format string) error
}

// Config is what a Server needs. Store, Pipeline and Render must be set.
type Config struct {
	Store    store.Store
	Pipeline Pipeline
	Render   Renderer
	Log      *slog.Logger // nil: discard

	PublicURL string  // as people reach the server, without a slash at the end; needed with OpenID
	OpenID    *OpenID // where people sign in beside passwords; nil: nowhere
	Several   bool    // other servers over the same store answer at the same address

	Proxies []netip.Prefix // who stands before the server, and is believed in whom a request comes from

	Locale    string            // language of people who have not chosen one; "": bokmål
	MaxUpload int64             // bytes; 0: DefaultMaxUpload
	MustTell  pipeline.MustTell // as pipeline.Config's, for the forms to say so
	Secure    bool              // the server is reached over TLS: cookies are marked so, and HSTS is sent

	Metrics     *prometheus.Registry            // nil: no /metrics
	MetricsOpen bool                            // /metrics needs no credentials from this machine itself
	Ready       func(ctx context.Context) error // nil: ready when the store can be written
	Version     string
	Templates   *templates.Catalogue // the kinds that minutes are of; nil: the built-in ones

	Queue        QueueAddress // where workers on other machines find the queue; without URLs none enrol
	Installation Installation // what administrators are told of the machine and its settings

	Look *look.Look // what pages show of the organisation; nil: nothing

	// Assets are the third-party files of the pages, all of assets.Names or none; nil: those the program was
	// built with. Without any the pages are plain.
	Assets map[string][]byte
}

// Server answers HTTP. Its zero value is not usable; see New.
type Server struct {
	cfg     Config
	store   store.Store
	pipe    Pipeline
	log     *slog.Logger
	api     huma.API
	handler http.Handler
	routes  *router
	pages   *pages
	pack    func(http.Handler) http.Handler
	metrics *metrics

	party     *relyingParty // nil: there is no OpenID provider
	trying    sync.Mutex    // one endpoint is tried at a time
	verifying sync.Mutex    // the audit chain is verified once at a time
	enrolling chan struct{} // held by those who enrol: anybody may try
	logins    *attempts     // failed sign-ins, by address and by user
	hashing   chan struct{} // bounds how many sign-ins are looked at at once
	uploads   *tus.Locks
	feeds     feeds
	read      *readings
	usage     usageKept

	closed    chan struct{} // closed by Close: event streams end
	closeOnce sync.Once

	heartbeat   time.Duration // between comments on an idle event stream
	formTimeout time.Duration // a stranger's form that has not come by then is not read
	readTimeout time.Duration // an upload that brings no byte for this long is ended
	now         func() time.Time
}

// New makes a server. It fails with CodeConfig when a part is missing.
func New(cfg Config) (*Server, error) {
	if cfg.Store == nil || cfg.Pipeline == nil || cfg.Render == nil {
		return nil, referent.E(referent.CodeConfig, "web: make server", nil).WithHint("store, pipeline and renderer must be given")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Locale == "" {
		cfg.Locale = locale.Bokmal
	}
	if cfg.MaxUpload == 0 {
		cfg.MaxUpload = DefaultMaxUpload
	}
	if cfg.Ready == nil {
		cfg.Ready = cfg.Store.Ping
	}
	if cfg.Look == nil {
		cfg.Look = &look.Look{}
	}
	if cfg.Assets == nil {
		cfg.Assets = assets.Files()
	}
	if len(cfg.Assets) == 0 {
		cfg.Log.Warn("built without the pages' third-party styles and scripts: pages are plain", "hint", "make assets build")
	}
	s := &Server{
		cfg: cfg, store: cfg.Store, pipe: cfg.Pipeline, log: cfg.Log,
		hashing:   make(chan struct{}, 2),
		uploads:   tus.NewLocks(),
		closed:    make(chan struct{}),
		heartbeat: 15 * time.Second, formTimeout: 30 * time.Second, readTimeout: time.Minute,
		now: time.Now,
	}
	s.read = newReadings(cfg.Store, func() time.Time { return s.now() })
	s.enrolling = make(chan struct{}, 4)
	s.logins = &attempts{store: cfg.Store, now: func() time.Time { return s.now() }}
	if cfg.OpenID != nil {
		key, err := flowKey(cfg)
		if err != nil {
			return nil, err
		}
		party, err := newRelyingParty(*cfg.OpenID, cfg.PublicURL, key)
		if err != nil {
			return nil, err
		}
		s.party = party
	}
	var err error
	if s.metrics, err = newMetrics(cfg.Metrics); err != nil {
		return nil, err
	}
	pages, err := newPages(s)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "web: read page templates", err)
	}
	s.pages = pages
	if s.pack, err = packed(); err != nil {
		return nil, referent.E(referent.CodeInternal, "web: set up packing", err)
	}
	s.routes = newRouter(s.guard)
	s.registerOpen()
	s.registerAPI()
	s.registerPages()
	s.handler = s.outer(s.routes.mux)
	return s, nil
}

// Handler answers every request. It may be served over HTTP/1.1 and HTTP/2.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the event streams, so that http.Server.Shutdown, which waits for open requests, can
// finish. Call it through http.Server.RegisterOnShutdown, or before Shutdown.
func (s *Server) Close() { s.closeOnce.Do(func() { close(s.closed) }) }

// Flush writes how long the readings that the log tells of went on. Call it when http.Server.Shutdown has returned.
func (s *Server) Flush(ctx context.Context) error { return s.read.flush(ctx) }
