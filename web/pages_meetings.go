package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

const listPage = 50

type meetingsPage struct {
	madeAt
	Meetings []meetingRow
	New      newMeeting
	Names    map[string]string // of the departments that are seen, by id
	Older    string            // address of the next page; "": none
	Notice   string
}

// meetingRow is a meeting in the list.
type meetingRow struct {
	referent.Meeting
	Outlook   Outlook // zero: no work is left on it
	FailureIs string  // a sentence; "": it did not fail
	Retry     string  // what trying again begins with; "": whoever looks cannot
}

// meetingRows adds to the meetings what a list says of how it goes.
func (s *Server) meetingRows(ctx context.Context, seen *store.Sight, list []referent.Meeting) ([]meetingRow, error) {
	all, err := s.outlooks(ctx, seen, "")
	if err != nil {
		return nil, err
	}
	outlooks := map[string]Outlook{}
	for _, o := range all {
		outlooks[o.Meeting] = o
	}
	rows := make([]meetingRow, len(list))
	for i := range list {
		m := &list[i]
		rows[i] = meetingRow{Meeting: *m, Outlook: outlooks[m.ID]}
		if m.State != referent.StateFailed || m.Failure == nil {
			continue
		}
		rows[i].FailureIs = locale.ErrorCode(infoOf(ctx).lang, m.Failure.Code)
		may, err := s.permissions(ctx, m)
		if err != nil {
			return nil, err
		}
		if may[access.Process].Allowed && !m.Failure.Code.Permanent() {
			rows[i].Retry = retryOf(m.Failure.Stage)
		}
	}
	return rows, nil
}

// retryOf is where trying again begins after a failure in the stage.
func retryOf(failed referent.Stage) string {
	switch failed {
	case referent.StageMinutes:
		return "minutes"
	case referent.StageTranscribe, referent.StageAssemble:
		return "transcribe"
	}
	return "prepare"
}

func (s *Server) showMeetings(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	// Read before the list: what happens between the two is then told to the script again, not missed.
	after, err := s.store.LastEvent(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	seen, err := s.sight(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	list, next, err := s.store.Meetings(ctx, store.MeetingFilter{Seen: seen, After: r.URL.Query().Get("after"), Limit: listPage})
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	me, err := s.me(ctx)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	rows, err := s.meetingRows(ctx, seen, list)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p := meetingsPage{madeAt: madeAt{after}, Meetings: rows, New: s.newMeeting(ctx, me), Names: me.names()}
	p.New.Files = true
	delete(p.New.values, "date")
	if next != "" {
		p.Older = "/?after=" + url.QueryEscape(next)
	}
	if receipt := r.URL.Query().Get("deleted"); receipt != "" && len(receipt) <= 64 {
		p.Notice = locale.T(infoOf(ctx).lang, "web.delete.done", "receipt", receipt)
	}
	s.pages.render(w, r, http.StatusOK, "meetings", p)
}

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

func (s *Server) showDelete(w http.ResponseWriter, r *http.Request) {
	m, err := s.meeting(r.Context(), r.PathValue("id"))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	parts, err := s.store.Parts(r.Context(), m.ID)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	transcript, err := optional(s.pipe.Transcript(r.Context(), m.ID))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	keep, err := s.keep(r.Context(), m.ID)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p := deletePage{Meeting: m, Audio: len(parts) > 0 && transcript != nil, Hold: keep.Hold}
	p.Transcript = transcript != nil && m.State.Approved()
	s.pages.render(w, r, http.StatusOK, "delete", p)
}

type deletePage struct {
	*referent.Meeting
	Audio      bool // the audio can be deleted alone
	Transcript bool // so can transcript and audio: the minutes are approved
	Hold       *Hold
}

// registerActs registers what the buttons of a meeting's page ask for, each as the API does it.
func (s *Server) registerActs() {
	act := func(name string, needs access.Permission, do func(ctx context.Context, id, by string) (to string, err error)) {
		s.routes.handle(http.MethodPost, "/meetings/{id}/"+name, needs, func(w http.ResponseWriter, r *http.Request) {
			ctx, id := r.Context(), r.PathValue("id")
			to, err := do(ctx, id, whoAsks(ctx).user.ID)
			if err != nil {
				s.pages.fail(w, r, err)
				return
			}
			if r.PostFormValue("from") == "list" {
				to = "/"
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
		})
	}
	pageOf := func(id string) string { return "/meetings/" + url.PathEscape(id) }
	act("cancel", access.Process, func(ctx context.Context, id, _ string) (string, error) {
		return pageOf(id), s.pipe.Cancel(ctx, id)
	})
	act("retry", access.Process, func(ctx context.Context, id, _ string) (string, error) {
		return pageOf(id), s.pipe.Retry(ctx, id, pipeline.RetryOptions{})
	})
	act("finish", access.Upload, func(ctx context.Context, id, _ string) (string, error) {
		return pageOf(id), s.finish(ctx, id)
	})
	act("remake", access.Process, func(ctx context.Context, id, _ string) (string, error) {
		return pageOf(id), s.pipe.Remake(ctx, id)
	})
	act("delete-audio", access.Erase, func(ctx context.Context, id, by string) (string, error) {
		_, err := s.pipe.DeleteAudio(ctx, id, by)
		return pageOf(id), err
	})
	act("delete-transcript", access.Erase, func(ctx context.Context, id, by string) (string, error) {
		_, err := s.pipe.DeleteTranscript(ctx, id, by)
		return pageOf(id), err
	})
	act("delete", access.Erase, func(ctx context.Context, id, by string) (string, error) {
		receipt, err := s.pipe.Delete(ctx, id, by)
		return "/?deleted=" + url.QueryEscape(receipt.Meeting), err
	})
	s.routes.handle(http.MethodPost, "/meetings/{id}/speakers", access.CorrectContent, s.postSpeakers)
	s.routes.handle(http.MethodPost, "/meetings/{id}/department", access.ChangeDetails, s.postMove)
}

// clock writes seconds as h:mm:ss.
func clock(seconds float64) string {
	n := int(seconds)
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}
