package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

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
