package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// Reading is that somebody read something of a meeting, with ids and without names.
type Reading struct {
	ID         int64     `json:"id"`
	User       string    `json:"user"`
	Meeting    string    `json:"meeting" doc:"The id, also of a meeting that is erased, or that one may not see."`
	Department string    `json:"department,omitempty" doc:"The meeting's when it was read; absent for none, and for one whose meetings you may not see."`
	Own        bool      `json:"own" doc:"The user had made the meeting."`
	What       string    `json:"what" enum:"meeting,transcript,minutes,audio,export,search,tasks" doc:"search and tasks: what of the meeting stood in a list over many."`
	Format     string    `json:"format,omitempty" doc:"Of an export: the file, as minutes.docx or recording."`
	Ground     string    `json:"ground" enum:"owner,administrator,role" doc:"Why it was allowed."`
	With       string    `json:"with" enum:"session,token" doc:"Signed in, or with an API token."`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	Times      int       `json:"times" doc:"Requests. What is read again within five minutes, or found again within an hour, is the same reading, for an hour at most."`
}

// ReadingCount is what one user read in a day.
type ReadingCount struct {
	Day      string `json:"day" format:"date"`
	User     string `json:"user"`
	Meetings int    `json:"meetings" doc:"Different ones. What only stood in a list of search or tasks is not counted."`
	Others   int    `json:"others" doc:"Of these, that the user had not made."`
	Readings int    `json:"readings"`
	Night    int    `json:"night" doc:"Of the readings: those that began before 6 or from 22, where the server stands."`
}

// ReadingInput chooses readings.
type ReadingInput struct {
	Limited
	Meeting    string `query:"meeting" maxLength:"64" doc:"Only of this meeting."`
	User       string `query:"user" maxLength:"64" doc:"Only by this user."`
	Department string `query:"department" maxLength:"64" doc:"Only of meetings that were in this department, which must be one whose meetings you may see."`
	What       string `query:"what" enum:"meeting,transcript,minutes,audio,export,search,tasks" doc:"Only of this kind."`
	From       string `query:"from" format:"date" doc:"Only what began on this day or later."`
	To         string `query:"to" format:"date" doc:"Only what began on this day or earlier."`
	Before     int64  `query:"before" minimum:"0" doc:"The id of the last one of the page before: the next page."`
}

const (
	readingsTold = 5 * time.Minute // who looks at the same readings again sooner is not told of anew
	morningHour  = 6
	eveningHour  = 22
	mostADay     = 100 // users that are counted of a day
)

func (s *Server) registerReadings() {
	const at = "/readings"
	const told = "That you looked is told of in the administration log."
	register(s, operation{method: http.MethodGet, path: at, id: "list-readings", tag: "administration", needs: access.ReadAudit, summary: "List who read what",
		text: "What began last first, of all departments, also of health: of a meeting that one may not see it tells the id, without its name or department. " + told},
		func(ctx context.Context, in *ReadingInput) (*struct{ Body []Reading }, error) {
			return list(s.listReadings(ctx, in))
		})
	register(s, operation{method: http.MethodGet, path: at + "/days", id: "count-readings", tag: "administration", needs: access.ReadAudit, summary: "Count what each user read in a day",
		text: "Whoever read of most meetings in a day comes first. " + told},
		func(ctx context.Context, in *struct {
			Limited
			Days int `query:"days" minimum:"1" maximum:"92" default:"14" doc:"How many days back, with today."`
		}) (*struct{ Body []ReadingCount }, error) {
			if err := s.tellLooked(ctx, store.Act{}); err != nil {
				return nil, err
			}
			return list(s.countReadings(ctx, in.Days, in.Limit))
		})
	register(s, operation{method: http.MethodPost, path: at + "/reviews", id: "review-readings", tag: "administration", needs: access.ReadAudit, status: http.StatusNoContent,
		summary: "Say that you have gone through who read what", text: "It stands in the administration log, with your id."},
		func(ctx context.Context, in *struct {
			Body struct {
				Until time.Time `json:"until" doc:"Up to when. Not in the time to come, and later than anybody has said before."`
			}
		}) (*struct{}, error) {
			return nil, s.reviewReadings(ctx, in.Body.Until)
		})
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/readings", id: "list-meeting-readings", tag: "meetings", needs: access.SeeReaders, summary: "List who read a meeting",
		text: "What began last first, of the time that the log is kept. " + told + " Not so of an owner's look at their own meeting."},
		func(ctx context.Context, in *struct {
			MeetingPath
			Limited
			Before int64 `query:"before" minimum:"0" doc:"The id of the last one of the page before: the next page."`
		}) (*struct{ Body []Reading }, error) {
			m, err := s.meeting(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := s.readingsOf(ctx, m, in.Before, in.Limit)
			return list(toldOf(rows, map[string]string{m.Department: ""}), err)
		})
}

// readingsOf lists who read the meeting, to whoever [Server.meeting] let through.
func (s *Server) readingsOf(ctx context.Context, m *referent.Meeting, before int64, limit int) ([]store.Reading, error) {
	if looksToldOf(ctx) {
		if err := s.tellLooked(ctx, store.Act{Meeting: m.ID}); err != nil {
			return nil, err
		}
	}
	if err := s.read.flush(ctx); err != nil {
		return nil, err
	}
	return s.store.Readings(ctx, store.ReadingFilter{Meeting: m.ID, Before: before, Limit: limit})
}

// looksToldOf reports whether a look at who read a meeting is an act: it is not when an owner looks at their own.
func looksToldOf(ctx context.Context) bool { return infoOf(ctx).reason != access.ByOwner }

// listReadings is what the filter chooses, and tells that somebody looked.
func (s *Server) listReadings(ctx context.Context, in *ReadingInput) ([]Reading, error) {
	if err := s.read.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := s.moreReadings(ctx, in)
	if err != nil {
		return nil, err
	}
	looked := store.Act{User: in.User, Meeting: in.Meeting}
	if len(rows) == 0 { // what was asked for may be no id, but anything that somebody wrote
		looked = store.Act{}
	}
	return rows, s.tellLooked(ctx, looked)
}

// moreReadings is what the filter chooses, without the departments that whoever asks may not see.
func (s *Server) moreReadings(ctx context.Context, in *ReadingInput) ([]Reading, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	names := me.names()
	f, err := readingFilter(in)
	if _, seen := names[in.Department]; err != nil || in.Department != "" && !seen { // else it would tell which meetings are there
		return nil, err
	}
	rows, err := s.store.Readings(ctx, f)
	return toldOf(rows, names), err
}

func readingFilter(in *ReadingInput) (store.ReadingFilter, error) {
	from, to, err := daysOf(in.From, in.To)
	return store.ReadingFilter{User: in.User, Meeting: in.Meeting, Department: in.Department, What: in.What, From: from, To: to, Before: in.Before, Limit: in.Limit}, err
}

// toldOf tells of readings to somebody who sees the departments.
func toldOf(rows []store.Reading, departments map[string]string) []Reading {
	out := make([]Reading, len(rows))
	for i, x := range rows {
		out[i] = Reading{ID: x.ID, User: x.User, Meeting: x.Meeting, Own: x.Own, What: x.What, Format: x.Format, Ground: x.Ground, With: "session",
			First: x.First, Last: x.Last, Times: x.Times}
		if x.Token {
			out[i].With = "token"
		}
		if _, seen := departments[x.Department]; seen {
			out[i].Department = x.Department
		}
	}
	return out
}

// countReadings counts what users read in each of the last days, whoever read of most meetings in a day first.
func (s *Server) countReadings(ctx context.Context, days, limit int) ([]ReadingCount, error) {
	var out []ReadingCount
	year, month, today := s.now().Local().Date()
	at := func(day, hour int) time.Time { return time.Date(year, month, day, hour, 0, 0, 0, time.Local) }
	for day := today; day > today-days; day-- {
		rows, err := s.store.CountReadings(ctx, store.ReadingDay{Begin: at(day, 0), Morning: at(day, morningHour), Evening: at(day, eveningHour), End: at(day+1, 0)}, mostADay)
		if err != nil {
			return nil, err
		}
		for _, x := range rows {
			out = append(out, ReadingCount{at(day, 12).Format(time.DateOnly), x.User, x.Meetings, x.Others, x.Readings, x.Night})
		}
	}
	slices.SortStableFunc(out, func(a, b ReadingCount) int {
		return cmp.Or(cmp.Compare(b.Meetings, a.Meetings), cmp.Compare(b.Others, a.Others), cmp.Compare(b.Readings, a.Readings))
	})
	return out[:min(len(out), limit)], nil
}

// tellLooked logs that whoever asks looks at readings, all or those that the act names, before they are shown.
func (s *Server) tellLooked(ctx context.Context, a store.Act) error {
	a.What, a.By, a.At = store.ActReadingsRead, whoAsks(ctx).user.ID, s.now()
	return s.store.Tx(ctx, func(tx store.Tx) error {
		last, err := optional(tx.LastAct(ctx, a))
		if err != nil || last != nil && a.At.Sub(last.At).Abs() < readingsTold { // the clock may have been set back since
			return err
		}
		return tx.AddAct(ctx, &a)
	})
}

// reviewReadings says that whoever asks has gone through who read what, up to then.
func (s *Server) reviewReadings(ctx context.Context, until time.Time) error {
	const op = "web: review readings"
	if until.IsZero() || until.After(s.now()) {
		return referent.E(referent.CodeInvalid, op, nil).WithHint("only what has been read can have been gone through")
	}
	return s.store.Tx(ctx, func(tx store.Tx) error {
		last, err := lastReview(ctx, tx, s.now())
		if err != nil {
			return err
		}
		if last != nil && !until.After(last.Until) {
			return referent.E(referent.CodeConflict, op, nil).WithHint("it has been gone through up to a later time")
		}
		return addAct(ctx, tx, store.Act{What: store.ActReadingsReviewed, Until: until})
	})
}

// lastReview is the last that somebody has gone through who read what; nil: nobody has. What was gone through up to a
// time to come was so by a clock that was set since, and does not count.
func lastReview(ctx context.Context, r store.Reader, now time.Time) (*store.Act, error) {
	f := store.ActFilter{What: store.ActReadingsReviewed, Limit: 10}
	for {
		acts, err := r.Acts(ctx, f)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(acts, func(a store.Act) bool { return !a.Until.After(now) }); i >= 0 {
			return &acts[i], nil
		}
		if len(acts) < f.Limit {
			return nil, nil
		}
		f.Before = acts[len(acts)-1].ID
	}
}
