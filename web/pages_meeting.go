package web

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

type meetingPage struct {
	madeAt
	*referent.Meeting
	may            map[access.Permission]access.Decision
	DepartmentName string         // "": none
	MoveTo         []MyDepartment // where whoever looks may put it
	ToldBy         string         // what whoever confirmed that people were told is called
	FailureIs      string         // a sentence; "": no failure
	Keep           Keep
	CanRetry       bool
	Retry          string // what trying again begins with
	Hopeless       bool   // trying again is likely to end the same way
	Outlook        Outlook
	Changed        string // what somebody just changed is of consequence to; "": nobody did
	CanCancel      bool
	CanFinish      bool // a part of a recording has come that nobody knows the length of
	CanRemake      bool
	Minutes        template.HTML // with its own label that says how it was made
	Transcript     *referent.Transcript
	Speakers       *speakersPart // nil: there is no transcript
	HasAudio       bool
	HasUpload      bool // the recording as it came can be fetched
	MayBeHeard     bool // there may be provisional text of it
	Files          []resultFiles
}

// May reports whether whoever looks may do it. A permission that is none is an error, so that a page with a
// misspelt one is not shown.
func (p *meetingPage) May(permission access.Permission) (bool, error) {
	d, known := p.may[permission]
	if !known {
		return false, errors.New("no such permission")
	}
	return d.Allowed, nil
}

// About reports whether something is said of why the meeting was recorded.
func (p *meetingPage) About() bool { return p.Purpose != "" || p.LegalBasis != "" || p.Told != nil }

// Later reports whether whoever looks reads the content when the minutes are approved, and not before.
func (p *meetingPage) Later() bool { return p.may[access.ReadContent].Reason == access.NotApproved }

// beginning is how many segments of the transcript stand on the meeting's own page.
const beginning = 6

// Beginning is the first of the transcript.
func (p *meetingPage) Beginning() []referent.Segment {
	return p.Transcript.Segments[:min(beginning, len(p.Transcript.Segments))]
}

// Rest is how many segments come after that.
func (p *meetingPage) Rest() int { return max(len(p.Transcript.Segments)-beginning, 0) }

// resultFiles are the forms of one result, under what it is called.
type resultFiles struct {
	Result, Title string
	Files         []resultFile
}

// resultFile is a form as people know it, and the name that it is saved under.
type resultFile struct{ Label, Name, Href string }

func newResultFile(lang, result, format, href string) resultFile {
	return resultFile{locale.T(lang, "web.file."+format), result + "." + format, href}
}

func (s *Server) showMeeting(w http.ResponseWriter, r *http.Request) {
	p, err := s.meetingPage(r.Context(), r.PathValue("id"))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	if r.URL.Query().Has("changed") {
		s.changed(r.Context(), p)
	}
	s.pages.render(w, r, http.StatusOK, "meeting", p)
}

func (s *Server) meetingPage(ctx context.Context, id string) (*meetingPage, error) {
	after, err := s.store.LastEvent(ctx)
	if err != nil {
		return nil, err
	}
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	may, err := s.permissions(ctx, m)
	if err != nil {
		return nil, err
	}
	p := &meetingPage{Meeting: m, may: may, madeAt: madeAt{after},
		CanCancel: !m.State.Final(),
		CanRetry:  m.State == referent.StateFailed || (m.State == referent.StateCancelled && m.Recording != nil),
		CanRemake: mayBeRemade(m),
	}
	if m.Department != "" {
		d, err := s.store.Department(ctx, m.Department)
		if err != nil {
			return nil, err
		}
		p.DepartmentName = d.Name
	}
	if m.Told != nil {
		u, err := optional(s.store.User(ctx, m.Told.By))
		if err != nil {
			return nil, err
		}
		if u != nil {
			p.ToldBy = u.Name
		}
	}
	if m.Failure != nil {
		p.FailureIs = locale.ErrorCode(infoOf(ctx).lang, m.Failure.Code)
		p.CanRetry = p.CanRetry || (p.CanRemake && m.Failure.Stage == referent.StageMinutes)
	}
	if err := s.progressOf(ctx, p); err != nil {
		return nil, err
	}
	if p.Keep, err = s.keep(ctx, id); err != nil {
		return nil, err
	}
	if m.State == referent.StateUploading {
		uploads, err := s.store.UploadsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		p.CanFinish = slices.ContainsFunc(uploads, func(u store.Upload) bool { return u.Size == store.UnknownSize && u.Offset > 0 })
	}
	if p.MoveTo, err = s.placesToMove(ctx, m, may); err != nil {
		return nil, err
	}
	if !may[access.ReadContent].Allowed {
		return p, nil
	}
	switch m.State {
	case referent.StateUploading, referent.StateReceived, referent.StatePrepared:
		p.MayBeHeard = true
	}
	if p.HasAudio, err = s.hasAudio(ctx, id); err != nil {
		return nil, err
	}
	parts, err := s.store.Parts(ctx, id)
	if err != nil {
		return nil, err
	}
	p.HasUpload = may[access.Export].Allowed && m.Recording != nil && len(parts) > 0
	version, err := optional(s.pipe.TranscriptVersion(ctx, id, 0))
	if err != nil {
		return nil, err
	}
	if version == nil {
		p.CanRemake = false
	} else {
		p.Transcript = version.Transcript
		if may[access.CorrectContent].Allowed {
			if p.Speakers, err = s.speakersPart(ctx, m, version); err != nil {
				return nil, err
			}
		}
	}
	minutes, err := optional(s.pipe.Minutes(ctx, id, 0))
	if err != nil {
		return nil, err
	}
	at := apiRoot + "/meetings/" + id
	if minutes != nil {
		var doc bytes.Buffer
		if err := s.cfg.Render.Minutes(&doc, minutes, p.Transcript, m, "html"); err != nil {
			return nil, err
		}
		if p.Minutes, err = sanitize(&doc); err != nil {
			return nil, err
		}
		p.addFiles(infoOf(ctx).lang, at, "minutes", []string{"docx", "pdf", "html", "txt", "md", "json"})
	}
	if p.Transcript != nil {
		p.addFiles(infoOf(ctx).lang, at, "transcript", []string{"docx", "pdf", "html", "txt", "vtt", "srt", "rttm", "md", "json"})
	}
	return p, nil
}

// progressOf says how it goes with the meeting, and where trying again begins.
func (s *Server) progressOf(ctx context.Context, p *meetingPage) error {
	if p.State == referent.StateUploading {
		p.Outlook.Text = locale.T(infoOf(ctx).lang, "follow.uploading")
	}
	all, err := s.outlooks(ctx, nil, p.ID) // the meeting itself is seen
	if err != nil {
		return err
	}
	if len(all) > 0 {
		p.Outlook = all[0]
	}
	if !p.CanRetry {
		return nil
	}
	artifacts, err := s.store.Artifacts(ctx, p.ID)
	if err != nil {
		return err
	}
	has := func(k store.ArtifactKind) bool {
		return slices.ContainsFunc(artifacts, func(a store.Artifact) bool { return a.Kind == k })
	}
	switch {
	case has(store.ArtifactTranscript):
		p.Retry = retryOf(referent.StageMinutes)
	case has(store.ArtifactPlan):
		p.Retry = retryOf(referent.StageTranscribe)
	default:
		p.Retry = retryOf(referent.StagePrepare)
	}
	p.Hopeless = p.Failure != nil && p.Failure.Code.Permanent()
	return nil
}

// hasAudio reports whether there is sound to hear.
func (s *Server) hasAudio(ctx context.Context, meeting string) (bool, error) {
	artifacts, err := s.store.Artifacts(ctx, meeting)
	return slices.ContainsFunc(artifacts, func(a store.Artifact) bool { return a.Kind == store.ArtifactAudio && a.Size > 0 }), err
}

// addFiles adds the forms of a result that whoever looks may have.
func (p *meetingPage) addFiles(lang, at, result string, formats []string) {
	group := resultFiles{Result: result, Title: locale.T(lang, "web.meeting."+result)}
	for _, f := range formats {
		if p.may[toRead(f)].Allowed {
			group.Files = append(group.Files, newResultFile(lang, result, f, at+"/"+result+"."+f))
		}
	}
	if len(group.Files) > 0 {
		p.Files = append(p.Files, group)
	}
}

// optional turns "not there yet" into nil.
func optional[T any](v *T, err error) (*T, error) {
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return v, err
}
