package web

import (
	"context"
	"net/http"
	"time"

	"github.com/referent/referent/access"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
)

// Calendar is what is kept for how long, and what will be erased when.
type Calendar struct {
	Rules    retention.Rules `json:"rules" doc:"Days after the approval of the minutes, unapproved_days after the last change; -1: never."`
	Meetings []Retained      `json:"meetings" nullable:"false" doc:"What is next first."`
	More     int             `json:"more" doc:"How many more meetings there are than are listed."`
}

// Retained is what the calendar says of a meeting.
type Retained struct {
	Meeting    string          `json:"meeting"`
	Title      string          `json:"title,omitempty" doc:"Left out, like department, where one may not see the meeting."`
	Department string          `json:"department,omitempty"`
	Held       bool            `json:"held" doc:"A legal hold keeps it: nothing is erased until that is lifted."`
	Dues       []retention.Due `json:"dues" nullable:"false" doc:"In order of time. transcript takes the audio with it, meeting everything."`
}

// Keep is how long a meeting is kept.
type Keep struct {
	Hold *Hold           `json:"hold,omitempty" doc:"Absent: there is none."`
	Dues []retention.Due `json:"dues" nullable:"false" doc:"What will be erased, in order of time; while there is a hold, nothing is."`
}

// Hold is a legal hold.
type Hold struct {
	Reason string    `json:"reason"`
	By     string    `json:"by" doc:"Who put it on, by name."`
	At     time.Time `json:"at"`
}

// calendarRows bounds how many meetings one look at the calendar lists.
const calendarRows = 500

func (s *Server) registerRetention() {
	register(s, operation{method: http.MethodGet, path: "/retention", id: "get-retention", tag: "administration", needs: access.ReadAudit,
		summary: "What will be erased when", text: "Of all departments, also of health: there it tells a meeting's id alone, as a receipt does."},
		func(ctx context.Context, in *struct {
			Days int `query:"days" minimum:"0" maximum:"36525" default:"90" doc:"How far ahead."`
		}) (*struct{ Body Calendar }, error) {
			c, err := s.calendar(ctx, in.Days)
			return &struct{ Body Calendar }{c}, err
		})
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/retention", id: "get-meeting-retention", tag: "meetings", needs: access.SeeMeeting,
		summary: "How long a meeting is kept"},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body Keep }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			k, err := s.keep(ctx, in.ID)
			return &struct{ Body Keep }{k}, err
		})
	register(s, operation{method: http.MethodPut, path: "/meetings/{id}/hold", id: "hold-meeting", tag: "meetings", needs: access.Hold,
		summary: "Put a legal hold on a meeting", text: "Until it is lifted nothing of the meeting is erased, by anybody or by the calendar: 409 with code held."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Body struct {
				Reason string `json:"reason" minLength:"1" maxLength:"300" doc:"What needs it, e.g. the number of a case." example:"Klagesak 26/113"`
			}
		}) (*struct{ Body Keep }, error) {
			if err := s.hold(ctx, in.ID, in.Body.Reason); err != nil {
				return nil, err
			}
			k, err := s.keep(ctx, in.ID)
			return &struct{ Body Keep }{k}, err
		})
	register(s, operation{method: http.MethodDelete, path: "/meetings/{id}/hold", id: "release-meeting", tag: "meetings", needs: access.Hold,
		summary: "Lift a meeting's legal hold"},
		func(ctx context.Context, in *MeetingPath) (*struct{}, error) { return nil, s.release(ctx, in.ID) })
	register(s, operation{method: http.MethodDelete, path: "/meetings/{id}/transcript", id: "delete-transcript", tag: "meetings", needs: access.Erase,
		summary: "Delete a meeting's transcript and audio", text: "Only when the minutes are approved: they stay, and can no longer be made anew or be held against what was said. The receipt proves it."},
		func(ctx context.Context, in *MeetingPath) (*struct{ Body store.Receipt }, error) {
			if _, err := s.meeting(ctx, in.ID); err != nil {
				return nil, err
			}
			r, err := s.pipe.DeleteTranscript(ctx, in.ID, whoAsks(ctx).user.ID)
			return &struct{ Body store.Receipt }{r}, err
		})
}

// calendar is what will be erased in the coming days.
func (s *Server) calendar(ctx context.Context, days int) (Calendar, error) {
	c := Calendar{Rules: s.pipe.Rules(), Meetings: []Retained{}}
	all, err := s.pipe.Retention(ctx, s.now().AddDate(0, 0, days))
	if err != nil {
		return c, err
	}
	if len(all) > calendarRows {
		all, c.More = all[:calendarRows], len(all)-calendarRows
	}
	for _, r := range all {
		row := Retained{Meeting: r.Meeting, Held: r.Held, Dues: r.Dues}
		m, d, err := s.decideOf(ctx, r.Meeting, access.SeeMeeting)
		if err != nil {
			return c, err
		}
		if m == nil {
			continue // erased since
		}
		if !d.Hides() {
			row.Title, row.Department = m.Title, m.Department
		}
		c.Meetings = append(c.Meetings, row)
	}
	return c, nil
}

// keep is how long a meeting is kept.
func (s *Server) keep(ctx context.Context, id string) (Keep, error) {
	k := Keep{Dues: []retention.Due{}}
	r, err := s.pipe.RetentionOf(ctx, id)
	if err != nil {
		return k, err
	}
	k.Dues = append(k.Dues, r.Dues...)
	h, err := optional(s.store.Hold(ctx, id))
	if err != nil || h == nil {
		return k, err
	}
	k.Hold = &Hold{Reason: h.Reason, At: h.At}
	k.Hold.By, err = s.names(ctx).of(h.By)
	return k, err
}

func (s *Server) hold(ctx context.Context, id, reason string) error {
	if _, err := s.meeting(ctx, id); err != nil {
		return err
	}
	_, err := s.pipe.Hold(ctx, id, whoAsks(ctx).user.ID, reason)
	return err
}

func (s *Server) release(ctx context.Context, id string) error {
	if _, err := s.meeting(ctx, id); err != nil {
		return err
	}
	return s.pipe.Release(ctx, id, whoAsks(ctx).user.ID)
}
