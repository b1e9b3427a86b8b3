package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

const listPage = 50

type meetingsPage struct {
	Meetings []referent.Meeting
	Older    string // address of the next page; "": none
	After    int64  // the newest event when the list was read
	Notice   string
}

func (s *Server) showMeetings(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	// Read before the list: what happens between the two is then told to the script again, not missed.
	after, err := s.latest.find(ctx, s.store)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	list, next, err := s.store.Meetings(ctx, store.MeetingFilter{Owner: whoAsks(ctx).owner(), After: r.URL.Query().Get("after"), Limit: listPage})
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p := meetingsPage{Meetings: list, After: after}
	if next != "" {
		p.Older = "/?after=" + url.QueryEscape(next)
	}
	if receipt := r.URL.Query().Get("deleted"); receipt != "" && len(receipt) <= 64 {
		p.Notice = locale.T(infoOf(ctx).lang, "web.delete.done", "receipt", receipt)
	}
	s.pages.render(w, r, http.StatusOK, "meetings", p)
}

type meetingPage struct {
	*referent.Meeting
	After      int64
	FailureIs  string // a sentence; "": no failure
	CanRetry   bool
	CanCancel  bool
	CanRemake  bool
	Minutes    template.HTML // with its own label that says how it was made
	Transcript *referent.Transcript
	Speakers   *speakersPart // nil: there is no transcript
	HasAudio   bool
	HasUpload  bool // the recording as it came can be fetched
	MayBeHeard bool // there may be provisional text of it
	Files      []resultFile
}

type resultFile struct{ Name, Href string }

func (s *Server) showMeeting(w http.ResponseWriter, r *http.Request) {
	p, err := s.meetingPage(r.Context(), r.PathValue("id"))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "meeting", p)
}

func (s *Server) meetingPage(ctx context.Context, id string) (*meetingPage, error) {
	after, err := s.latest.find(ctx, s.store)
	if err != nil {
		return nil, err
	}
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	p := &meetingPage{Meeting: m, After: after,
		CanCancel: !m.State.Final(),
		CanRetry:  m.State == referent.StateFailed || (m.State == referent.StateCancelled && m.Recording != nil),
		CanRemake: m.State == referent.StateDraft || m.State == referent.StateReviewed,
	}
	switch m.State {
	case referent.StateUploading, referent.StateReceived, referent.StatePrepared:
		p.MayBeHeard = true
	}
	if m.Failure != nil {
		p.FailureIs = locale.ErrorCode(infoOf(ctx).lang, m.Failure.Code)
		p.CanRetry = p.CanRetry || (p.CanRemake && m.Failure.Stage == referent.StageMinutes)
	}
	artifacts, err := s.store.Artifacts(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, a := range artifacts {
		p.HasAudio = p.HasAudio || (a.Kind == store.ArtifactAudio && a.Size > 0)
	}
	parts, err := s.store.Parts(ctx, id)
	if err != nil {
		return nil, err
	}
	p.HasUpload = m.Recording != nil && len(parts) > 0
	version, err := optional(s.pipe.TranscriptVersion(ctx, id, 0))
	if err != nil {
		return nil, err
	}
	if version != nil {
		p.Transcript = version.Transcript
		if p.Speakers, err = s.speakersPart(ctx, m, version); err != nil {
			return nil, err
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
		for _, f := range []string{"docx", "html", "md", "json"} {
			p.Files = append(p.Files, resultFile{"minutes." + f, at + "/minutes." + f})
		}
	}
	if p.Transcript != nil {
		for _, f := range transcriptFormats {
			p.Files = append(p.Files, resultFile{"transcript." + f, at + "/transcript." + f})
		}
	}
	return p, nil
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
	s.pages.render(w, r, http.StatusOK, "delete", deletePage{m, len(parts) > 0 && transcript != nil})
}

type deletePage struct {
	*referent.Meeting
	Audio bool // the audio can be deleted alone
}

// postAct does what the buttons of a meeting's page ask for, as the API does.
func (s *Server) postAct(w http.ResponseWriter, r *http.Request) {
	ctx, id := r.Context(), r.PathValue("id")
	m, err := s.meeting(ctx, id)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	to := "/meetings/" + m.ID
	if r.PathValue("act") == "speakers" {
		s.postSpeakers(w, r)
		return
	}
	switch r.PathValue("act") {
	case "cancel":
		err = s.pipe.Cancel(ctx, m.ID)
	case "retry":
		err = s.pipe.Retry(ctx, m.ID, pipeline.RetryOptions{})
	case "remake":
		err = s.pipe.Remake(ctx, m.ID)
	case "delete-audio":
		_, err = s.pipe.DeleteAudio(ctx, m.ID, whoAsks(ctx).user.ID)
	case "delete":
		var receipt store.Receipt
		receipt, err = s.pipe.Delete(ctx, m.ID, whoAsks(ctx).user.ID)
		to = "/?deleted=" + url.QueryEscape(receipt.Meeting)
	default:
		err = referent.E(referent.CodeNotFound, "web: find action", nil)
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// clock writes seconds as h:mm:ss.
func clock(seconds float64) string {
	n := int(seconds)
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}
