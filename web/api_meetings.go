package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
)

// MeetingInput is what somebody says about a meeting when it is made.
type MeetingInput struct {
	Department   string                 `json:"department,omitempty" maxLength:"64" doc:"Id of the department that it belongs to, one where you may make meetings. Absent: it is yours alone."`
	Title        string                 `json:"title,omitempty" maxLength:"300"`
	Start        time.Time              `json:"start,omitzero" doc:"When it was or will be held."`
	Place        string                 `json:"place,omitempty" maxLength:"300"`
	Body         string                 `json:"body,omitempty" maxLength:"300" doc:"The council, board or team that meets." example:"Formannskapet"`
	Kind         referent.Kind          `json:"kind,omitempty" pattern:"^[a-z0-9][a-z0-9_-]{1,39}$" default:"referat" doc:"referat, moteprotokoll, hjemmetjenestenotat, diktat, or the id of one of the organisation's own templates."`
	Language     referent.Language      `json:"language,omitempty" enum:"nb,nn" doc:"Written form of the minutes; the server's default when left out."`
	Participants []referent.Participant `json:"participants,omitempty" maxItems:"1000" nullable:"false"`
	Agenda       []referent.AgendaItem  `json:"agenda,omitempty" maxItems:"1000" nullable:"false"`
	Options      OptionsInput           `json:"options,omitzero"`
	Purpose      string                 `json:"purpose,omitempty" maxLength:"300" doc:"What the recording is for."`
	LegalBasis   string                 `json:"legal_basis,omitempty" maxLength:"300" doc:"The basis in law of processing what is said." example:"kommuneloven § 11-4"`
	Told         bool                   `json:"told,omitempty" doc:"You confirm that those present were told that they are recorded. Your name and the time are kept. Some installations ask for it."`
}

// OptionsInput are the choices for processing; what is left out is the server's default.
type OptionsInput struct {
	Mode     referent.Mode `json:"mode,omitempty" enum:"rask,grundig,beam"`
	Spoken   string        `json:"spoken,omitempty" maxLength:"8" pattern:"^[a-z]{2,3}$|^auto$" doc:"Spoken language." example:"no"`
	Speakers string        `json:"speakers,omitempty" pattern:"^(auto|off|[0-9]{1,2}(-[0-9]{1,2})?)$" example:"auto"`
	Writer   string        `json:"writer,omitempty" enum:"llm,builtin"`
}

func (in *MeetingInput) meeting(owner string) *referent.Meeting {
	m := &referent.Meeting{
		Owner: owner, Department: in.Department, Title: strings.TrimSpace(in.Title), Start: in.Start, Place: in.Place, Body: in.Body,
		Kind: in.Kind, Language: in.Language, Participants: in.Participants, Agenda: in.Agenda,
		Options: referent.Options(in.Options),
	}
	m.Purpose, m.LegalBasis = strings.TrimSpace(in.Purpose), strings.TrimSpace(in.LegalBasis)
	if in.Told {
		m.Told = &referent.Told{By: owner}
	}
	if m.Kind == "" {
		m.Kind = referent.KindReferat
	}
	return m
}

// MeetingPatch changes the fields that are given and leaves the others.
type MeetingPatch struct {
	Department   *string                 `json:"department,omitempty" maxLength:"64" doc:"Moves it, for those who may read it, to a department where they may make meetings."`
	Title        *string                 `json:"title,omitempty" maxLength:"300"`
	Start        *time.Time              `json:"start,omitempty"`
	Place        *string                 `json:"place,omitempty" maxLength:"300"`
	Body         *string                 `json:"body,omitempty" maxLength:"300"`
	Kind         *referent.Kind          `json:"kind,omitempty" pattern:"^[a-z0-9][a-z0-9_-]{1,39}$"`
	Language     *referent.Language      `json:"language,omitempty" enum:"nb,nn"`
	Participants *[]referent.Participant `json:"participants,omitempty" maxItems:"1000"`
	Agenda       *[]referent.AgendaItem  `json:"agenda,omitempty" maxItems:"1000"`
	Purpose      *string                 `json:"purpose,omitempty" maxLength:"300"`
	LegalBasis   *string                 `json:"legal_basis,omitempty" maxLength:"300"`
	Told         *bool                   `json:"told,omitempty" doc:"You confirm that those present were told that they are recorded, or take it back that you did. An earlier confirmation is not replaced, and another's not taken back."`
}

// apply writes what is given; by is the user who says so. CodeForbidden: it would take back what another confirmed.
func (p *MeetingPatch) apply(m *referent.Meeting, by string, now time.Time) error {
	switch {
	case p.Told == nil:
	case !*p.Told && m.Told != nil && m.Told.By != by:
		return referent.E(referent.CodeForbidden, "web: change meeting", nil).WithHint("somebody else confirmed that those present were told, and only they can take it back")
	case !*p.Told:
		m.Told = nil
	case m.Told == nil:
		m.Told = &referent.Told{By: by, At: now}
	}
	set(&m.Purpose, p.Purpose)
	set(&m.LegalBasis, p.LegalBasis)
	set(&m.Title, p.Title)
	set(&m.Start, p.Start)
	set(&m.Place, p.Place)
	set(&m.Body, p.Body)
	set(&m.Kind, p.Kind)
	set(&m.Language, p.Language)
	set(&m.Participants, p.Participants)
	set(&m.Agenda, p.Agenda)
	return nil
}

func set[T any](field *T, v *T) {
	if v != nil {
		*field = *v
	}
}

type meetingAnswer struct{ Body *referent.Meeting }

// MeetingPage is one page of a list, newest first.
type MeetingPage struct {
	Meetings []referent.Meeting `json:"meetings" nullable:"false"`
	Next     string             `json:"next,omitempty" doc:"The after of the following page; absent on the last."`
}

type meetingList struct {
	State []string `query:"state" doc:"Only meetings in one of these states." enum:"uploading,received,prepared,transcribed,draft,reviewed,approved,exported,purged,failed,cancelled"`
	After string   `query:"after" maxLength:"200" doc:"The next of the page before."`
	Limit int      `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) registerMeetings() {
	register(s, operation{method: http.MethodPost, path: "/meetings", id: "create-meeting", tag: "meetings", needs: access.CreateMeeting, status: http.StatusCreated,
		summary: "Make a meeting", text: "It waits for its recording; upload that to /api/v1/uploads with the meeting's id."},
		func(ctx context.Context, in *struct{ Body MeetingInput }) (*meetingAnswer, error) {
			if err := s.mayMakeIn(ctx, in.Body.Department); err != nil {
				return nil, err
			}
			m := in.Body.meeting(whoAsks(ctx).user.ID)
			if err := s.pipe.Create(ctx, m); err != nil {
				return nil, err
			}
			return &meetingAnswer{m}, nil
		})

	register(s, operation{method: http.MethodGet, path: "/meetings", id: "list-meetings", tag: "meetings", needs: access.SeeMeeting,
		summary: "List meetings", text: "Those that you may see, newest first: your own, and your departments'."},
		func(ctx context.Context, in *meetingList) (*struct{ Body MeetingPage }, error) {
			seen, err := s.sight(ctx)
			if err != nil {
				return nil, err
			}
			f := store.MeetingFilter{Seen: seen, After: in.After, Limit: in.Limit}
			for _, st := range in.State {
				f.States = append(f.States, referent.State(st))
			}
			page, next, err := s.store.Meetings(ctx, f)
			if err != nil {
				return nil, err
			}
			if page == nil {
				page = []referent.Meeting{}
			}
			return &struct{ Body MeetingPage }{MeetingPage{page, next}}, nil
		})

	register(s, operation{method: http.MethodGet, path: "/meetings/{id}", id: "get-meeting", tag: "meetings", needs: access.SeeMeeting, summary: "Show a meeting"},
		func(ctx context.Context, in *MeetingPath) (*meetingAnswer, error) {
			m, err := s.meeting(ctx, in.ID)
			return &meetingAnswer{m}, err
		})

	register(s, operation{method: http.MethodPatch, path: "/meetings/{id}", id: "change-meeting", tag: "meetings", needs: access.ChangeDetails,
		summary: "Change what is said about a meeting", text: "Results that exist are not made again; ask for remake when they should be. What approved minutes show of the meeting (kind, language, time, place, body, participants, agenda) is locked with them."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Body MeetingPatch
		}) (*meetingAnswer, error) {
			m, err := s.changeMeeting(ctx, in.ID, &in.Body, nil)
			return &meetingAnswer{m}, err
		})

	register(s, operation{method: http.MethodDelete, path: "/meetings/{id}", id: "delete-meeting", tag: "meetings", needs: access.Erase,
		summary: "Erase a meeting", text: "Its key is destroyed first, then the recording and every result. The receipt proves it."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body store.Receipt }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			r, err := s.pipe.Delete(ctx, in.ID, whoAsks(ctx).user.ID)
			return &struct{ Body store.Receipt }{r}, err
		})

	s.registerBodies()
	s.registerOutlooks()
	s.registerAct("cancel", access.Process, "Stop a meeting's work", "Takes effect within one window of speech.",
		func(ctx context.Context, id string) error { return s.pipe.Cancel(ctx, id) })
	s.registerAct("finish", access.Upload, "Finish a recording with what has come", "For an upload that will not go on, as when the browser that recorded was closed. Refused with `live_upload` when bytes came within the last minute. What is sent to it afterwards is refused.",
		s.finish)
	s.registerAct("remake", access.Process, "Write the minutes again", "Makes a new version; what a person wrote stays.",
		func(ctx context.Context, id string) error { return s.pipe.Remake(ctx, id) })

	register(s, operation{method: http.MethodPost, path: "/meetings/{id}/retry", id: "retry-meeting", tag: "meetings", needs: access.Process,
		summary: "Try a failed or cancelled meeting again", text: "Goes on where it stopped: chunks that are done are not done again."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Writer string `query:"writer" enum:"llm,builtin" doc:"Write the minutes with this writer from now on."`
		}) (*meetingAnswer, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			if err := s.pipe.Retry(ctx, in.ID, pipeline.RetryOptions{Writer: in.Writer}); err != nil {
				return nil, err
			}
			m, err := s.meeting(ctx, in.ID)
			return &meetingAnswer{m}, err
		})

	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/jobs", id: "list-jobs", tag: "meetings", needs: access.SeeMeeting,
		summary: "List a meeting's jobs", text: "By stage and chunk."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body []referent.Job }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			return list(s.store.JobsOf(ctx, in.ID))
		})
}

// changeMeeting writes what the patch gives, and moves the meeting when it names another department. Nothing is
// written when check, which may be nil, fails on the meeting as it is right before.
func (s *Server) changeMeeting(ctx context.Context, id string, patch *MeetingPatch, check func(*referent.Meeting) error) (m *referent.Meeting, err error) {
	seen, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	moves := patch.Department != nil && *patch.Department != seen.Department
	if moves {
		if err := s.mayMove(ctx, seen, *patch.Department); err != nil {
			return nil, err
		}
	}
	err = s.pipe.Change(ctx, id, func(now *referent.Meeting) error {
		m = now
		if m.State == referent.StatePurged {
			return referent.E(referent.CodeConflict, "web: change meeting", errors.New("the meeting is being erased"))
		}
		if check != nil {
			if err := check(m); err != nil {
				return err
			}
		}
		if m.Department != seen.Department { // moved meanwhile, to where others decide
			return referent.E(referent.CodeConflict, "web: change meeting", store.ErrConflict)
		}
		was := *m
		if err := patch.apply(m, whoAsks(ctx).user.ID, s.now().UTC()); err != nil {
			return err
		}
		if m.Kind != was.Kind && m.Told == nil && s.cfg.MustTell.Has(m.Kind) {
			return pipeline.Untold("web: change meeting")
		}
		if m.State.Approved() && !sameDocument(m, &was) {
			return referent.E(referent.CodeConflict, "web: change meeting", errors.New("the document shows it and is approved")).
				WithHint("the minutes are approved: take them up again to change when and where it was, its kind, language, body, participants or agenda")
		}
		if patch.Kind != nil || patch.Language != nil {
			if _, err := s.cfg.Templates.Choose(m.Kind, m.Language); err != nil {
				return err
			}
		}
		if moves {
			m.Department = *patch.Department
		}
		return nil
	})
	if err == nil && moves {
		s.log.InfoContext(ctx, "meeting moved", "by", whoAsks(ctx).user.ID, "meeting", id, "from", seen.Department, "to", m.Department)
	}
	return m, err
}

// sameDocument reports whether the minutes of the meeting show the same of it. How long they are kept goes by the kind.
func sameDocument(a, b *referent.Meeting) bool {
	return a.Kind == b.Kind && a.Language == b.Language && a.Start.Equal(b.Start) && a.Place == b.Place && a.Body == b.Body &&
		slices.Equal(a.Participants, b.Participants) && slices.Equal(a.Agenda, b.Agenda)
}

// registerAct registers an action that needs nothing but the meeting and answers how it is afterwards.
func (s *Server) registerAct(name string, needs access.Permission, summary, text string, act func(context.Context, string) error) {
	register(s, operation{method: http.MethodPost, path: "/meetings/{id}/" + name, id: name + "-meeting", tag: "meetings", needs: needs,
		summary: summary, text: text},
		func(ctx context.Context, in *MeetingPath) (*meetingAnswer, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			if err := act(ctx, in.ID); err != nil {
				return nil, err
			}
			m, err := s.meeting(ctx, in.ID)
			return &meetingAnswer{m}, err
		})
}

// list answers a whole list; an empty one is [] and not null.
func list[T any](items []T, err error) (*struct{ Body []T }, error) {
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []T{}
	}
	return &struct{ Body []T }{items}, nil
}
