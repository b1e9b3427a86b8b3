package web

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
)

const (
	readingsAt   = "/admin/access"
	readingsPage = 100
	countedDays  = 14
	countedMost  = 20 // of the most active that are shown
)

// readingsView is who read what, as a reviewer looks through it.
type readingsView struct {
	ReadingInput
	Kinds       []string
	People      []store.User
	Departments map[string]string // that are seen, by id
	Rows        []readingRow
	Counts      []countRow
	Days        int
	Reviewed    *reviewRow // nil: nobody has gone through it
	Until       string     // when the page was made, as the form sends it
	UntilText   string
	Done        bool // the last review is the one just made
	Late        bool // somebody else was faster than the one just made
	Filtered    bool
	Next        string // address of the older ones; "": there are none
	Export      string
}

// readingRow is a reading in words. The names are those of now.
type readingRow struct {
	When, Who, Meeting, What, Department, Ground string
	Title                                        string // of a meeting that whoever looks may see
	Own                                          bool
	Times                                        int
}

type countRow struct {
	ReadingCount
	Who  string
	Href string // to the readings
}

type reviewRow struct{ Who, When, Until, Href string }

func (s *Server) registerReadingPages() {
	reg := s.routes.handle
	reg(http.MethodGet, readingsAt, access.ReadAudit, s.showReadings)
	reg(http.MethodGet, readingsAt+".csv", access.ReadAudit, s.sendReadings)
	reg(http.MethodPost, readingsAt+"/reviews", access.ReadAudit, s.postReview)
	reg(http.MethodGet, "/meetings/{id}/readings", access.SeeReaders, s.showReadersOf)
}

// readingInput reads what the page's address asks for.
func readingInput(r *http.Request, limit int) (*ReadingInput, error) {
	q := r.URL.Query()
	in := &ReadingInput{Limited: Limited{limit}, Meeting: q.Get("meeting"), User: q.Get("user"), Department: q.Get("department"), What: q.Get("what"), From: q.Get("from"), To: q.Get("to")}
	var err error
	if before := q.Get("before"); before != "" {
		in.Before, err = strconv.ParseInt(before, 10, 64)
	}
	if err != nil || in.Before < 0 || in.What != "" && !slices.Contains(store.ReadKinds, in.What) {
		return nil, referent.E(referent.CodeInvalid, "web: read log", nil)
	}
	return in, nil
}

func (s *Server) showReadings(w http.ResponseWriter, r *http.Request) {
	v, err := s.readingsView(r)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "readings", v)
}

func (s *Server) readingsView(r *http.Request) (*readingsView, error) {
	ctx := r.Context()
	in, err := readingInput(r, readingsPage+1)
	if err != nil {
		return nil, err
	}
	now := s.now()
	rows, err := s.listReadings(ctx, in)
	if err != nil {
		return nil, err
	}
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	v := &readingsView{ReadingInput: *in, Kinds: store.ReadKinds, Departments: me.names(), Days: countedDays, Until: now.UTC().Format(time.RFC3339Nano), UntilText: moment(now)}
	q := r.URL.Query()
	v.Done = q.Has("reviewed")
	q.Del("reviewed")
	q.Del("before")
	v.Filtered = len(slices.Collect(filled(q))) > 0
	v.Export = readingsAt + ".csv?" + q.Encode()
	if len(rows) > readingsPage {
		rows = rows[:readingsPage]
		q.Set("before", strconv.FormatInt(rows[readingsPage-1].ID, 10))
		v.Next = readingsAt + "?" + q.Encode()
	}
	if v.Rows, err = s.readingRows(ctx, rows, v.Departments); err != nil {
		return nil, err
	}
	if v.People, err = s.acquainted(ctx); err != nil {
		return nil, err
	}
	names := s.names(ctx)
	counts, err := s.countReadings(ctx, countedDays, countedMost)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		who, err := names.of(c.User)
		if err != nil {
			return nil, err
		}
		v.Counts = append(v.Counts, countRow{c, who, readingsAt + "?" + url.Values{"user": {c.User}, "from": {c.Day}, "to": {c.Day}}.Encode()})
	}
	last, err := lastReview(ctx, s.store, now)
	if err != nil || last == nil {
		return v, err
	}
	v.Reviewed = &reviewRow{When: moment(last.At), Until: moment(last.Until), Href: readingsAt + "?from=" + last.Until.Local().Format(time.DateOnly)}
	v.Reviewed.Who, err = names.of(last.By)
	return v, err
}

// filled yields the names of the fields that say something.
func filled(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range q {
			if q.Get(name) != "" && !yield(name) {
				return
			}
		}
	}
}

// readingRows are readings in words, with the titles of the meetings that whoever looks may see.
func (s *Server) readingRows(ctx context.Context, list []Reading, departments map[string]string) ([]readingRow, error) {
	lang, names, titles := infoOf(ctx).lang, s.names(ctx), map[string]string{}
	rows := make([]readingRow, len(list))
	for i, x := range list {
		title, known := titles[x.Meeting]
		if !known {
			m, d, err := s.decideOf(ctx, x.Meeting, access.SeeMeeting)
			if err != nil {
				return nil, err
			}
			if d.Allowed {
				title = cmp.Or(m.Title, locale.T(lang, "web.list.untitled"))
			}
			titles[x.Meeting] = title
		}
		who, err := names.of(x.User)
		if err != nil {
			return nil, err
		}
		row := readingRow{When: span(x.First, x.Last), Who: who, Meeting: x.Meeting, Title: title, What: locale.T(lang, "readings.what."+x.What), Own: x.Own, Times: x.Times,
			Department: departments[x.Department], Ground: locale.T(lang, "readings.ground."+x.Ground)}
		if x.Format != "" {
			row.What += " (" + formatName(lang, x.Format) + ")"
		}
		if x.With == "token" {
			row.Ground += ", " + locale.T(lang, "readings.token")
		}
		rows[i] = row
	}
	return rows, nil
}

// formatName is what was taken out.
func formatName(lang, format string) string {
	if format == "recording" {
		return locale.T(lang, "readings.recording")
	}
	return format
}

// span writes from when to when something went on.
func span(first, last time.Time) string {
	first, last = first.Local(), last.Local()
	switch {
	case first.Truncate(time.Minute).Equal(last.Truncate(time.Minute)):
		return moment(first)
	case first.Format(time.DateOnly) == last.Format(time.DateOnly):
		return moment(first) + "–" + last.Format("15.04")
	}
	return moment(first) + " – " + moment(last)
}

func (s *Server) postReview(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	until, err := time.Parse(time.RFC3339Nano, r.PostFormValue("until"))
	if err != nil {
		err = referent.E(referent.CodeInvalid, "web: read form", nil)
	} else {
		err = s.reviewReadings(r.Context(), until)
	}
	if referent.CodeOf(err) == referent.CodeConflict {
		v, failure := s.readingsView(r)
		if failure != nil {
			s.pages.fail(w, r, failure)
			return
		}
		v.Late = true
		s.pages.render(w, r, http.StatusConflict, "readings", v)
		return
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	http.Redirect(w, r, readingsAt+"?reviewed=1#reviewed", http.StatusSeeOther)
}

// readersPage is who read one meeting.
type readersPage struct {
	*referent.Meeting
	Told bool // that somebody looks here
	Rows []readingRow
	Next string
}

func (s *Server) showReadersOf(w http.ResponseWriter, r *http.Request) {
	p, err := s.readersPage(r)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "readers", p)
}

func (s *Server) readersPage(r *http.Request) (*readersPage, error) {
	ctx := r.Context()
	m, err := s.meeting(ctx, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	in, err := readingInput(r, readingsPage+1)
	if err != nil {
		return nil, err
	}
	list, err := s.readingsOf(ctx, m, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	p := &readersPage{Meeting: m, Told: looksToldOf(ctx)}
	if len(list) > readingsPage {
		list = list[:readingsPage]
		p.Next = "/meetings/" + url.PathEscape(m.ID) + "/readings?before=" + strconv.FormatInt(list[readingsPage-1].ID, 10)
	}
	p.Rows, err = s.readingRows(ctx, toldOf(list, nil), nil)
	return p, err
}

// sendReadings is the log as a table for auditors: ids and codes that stay the same, beside the names of now.
func (s *Server) sendReadings(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	in, err := readingInput(r, 1000)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	rows, err := s.listReadings(ctx, in)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="referent-access.csv"`)
	io.WriteString(w, byteOrderMark)
	out := csv.NewWriter(w)
	out.Comma = ';'
	out.Write([]string{"id", "first", "last", "times", "user", "user_name", "meeting", "department", "own", "what", "format", "ground", "with"})
	names := s.names(ctx)
	for {
		for _, x := range rows {
			who, err := names.of(x.User)
			if err != nil {
				infoOf(ctx).err = err
				panic(http.ErrAbortHandler) // half a table must not look like a whole one
			}
			out.Write([]string{strconv.FormatInt(x.ID, 10), x.First.UTC().Format(time.RFC3339), x.Last.UTC().Format(time.RFC3339), strconv.Itoa(x.Times), x.User, cell(who),
				x.Meeting, x.Department, strconv.FormatBool(x.Own), x.What, x.Format, x.Ground, x.With})
		}
		if len(rows) < in.Limit {
			break
		}
		in.Before = rows[len(rows)-1].ID
		if rows, err = s.moreReadings(ctx, in); err != nil {
			infoOf(ctx).err = err
			panic(http.ErrAbortHandler)
		}
	}
	out.Flush() // a reader who went away needs no answer
}
