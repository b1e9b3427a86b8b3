package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/review"
	"github.com/referent/referent/store"
)

// minutesPage is the page on which a person goes through the minutes, changes them and answers for them.
type minutesPage struct {
	madeAt
	texter
	*referent.Meeting
	Minutes  *referent.Minutes
	Version  MinutesInfo // of what is shown here
	Newest   int         // the version that everybody else is shown
	Machine  int         // a machine's version that is newer than what the shown one goes back to, for who may take from it; 0: none
	Undo     int         // the version before, where whoever looks made this one; 0: there is none to go back to
	May      minutesRights
	Remakes  bool // it can be written again, also as something else, by whoever looks
	Editable bool // this is the newest version, not locked, and whoever looks may change it
	Locked   bool // approved: only taking it up again is possible
	Open     review.Open
	Left     string // a sentence: how much is still to be looked at
	Approves string // a sentence: what approving means
	HasAudio bool

	Check, Missed, MissingByLaw []taskRow
	Parts                       []minutesPart
	Versions                    []versionRow
	History                     []string // sentences
	Files                       []resultFile
	Text                        *resultFile // of Files, to copy; nil: whoever looks may not

	Alert   string // why the last change was not made; "": it was
	Written string // what a person wrote and could not be kept
}

// versionRow is a version in the page's list.
type versionRow struct {
	MinutesInfo
	Who, When, What string
	Here            bool // it is the one on this page
}

func (s *Server) showMinutes(w http.ResponseWriter, r *http.Request) {
	version, err := versionAsked(r.URL.Query(), "version")
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	p, err := s.minutesPage(r.Context(), r.PathValue("id"), version)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "minutes", p)
}

// versionAsked reads the number of a version from an address; none is 0.
func versionAsked(q url.Values, name string) (int, error) {
	if q.Get(name) == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return 0, referent.E(referent.CodeInvalid, "web: read address", errors.New("not a version"))
	}
	return n, nil
}

func (s *Server) minutesPage(ctx context.Context, id string, version int) (*minutesPage, error) {
	after, err := s.store.LastEvent(ctx)
	if err != nil {
		return nil, err
	}
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := s.pipe.MinutesVersion(ctx, id, version)
	if err != nil {
		return nil, err
	}
	t, err := optional(s.pipe.Transcript(ctx, id))
	if err != nil {
		return nil, err
	}
	lang := infoOf(ctx).lang
	p := &minutesPage{texter: texter{lang}, Meeting: m, madeAt: madeAt{after}, Minutes: v.Minutes, Open: review.Left(v.Minutes)}
	if err := s.minutesPast(ctx, p, v.Version); err != nil {
		return nil, err
	}
	locked := m.State.Approved()
	p.Locked = locked && p.Version.Shown
	if p.May, err = s.minutesRights(ctx, m); err != nil {
		return nil, err
	}
	open := !locked && p.Version.Shown && m.State != referent.StatePurged
	p.Editable = open && p.May.Correct
	if p.Editable {
		p.Machine = newerMachine(p.Versions, p.Version.Version)
	}
	p.Remakes = p.Version.Shown && p.May.Remake && t != nil && mayBeRemade(m)
	if p.Editable && p.Version.Did != store.DeedReopened && v.By == editor(ctx).ID {
		p.Undo = p.Version.From
	}
	p.Left = locale.T(lang, "minutes.left", "check", p.Open.Review, "missed", p.Open.Missed)
	if p.Open.Review == 0 && open && p.May.Approve && (m.State == referent.StateDraft || m.State == referent.StateReviewed) {
		p.Approves = locale.T(lang, "minutes.approve.text", "name", whoAsks(ctx).user.Name)
		if p.Open.Missed > 0 {
			p.Approves += " " + locale.T(lang, "minutes.approve.missed", "missed", p.Open.Missed)
		}
		if p.Open.Missing > 0 {
			p.Approves += " " + locale.T(lang, "minutes.approve.missing", "missing", p.Open.Missing)
		}
	}
	rows := newRower(lang, v.Minutes, t)
	p.Parts = rows.parts()
	p.Check, p.Missed, p.MissingByLaw = rows.tasks()
	if p.HasAudio, err = s.hasAudio(ctx, id); err != nil {
		return nil, err
	}
	for _, f := range []string{"docx", "pdf", "html", "txt", "md", "json"} {
		if !p.May.Export && toRead(f) == access.Export {
			continue
		}
		file := newResultFile(lang, "minutes", f, fmt.Sprintf("%s/meetings/%s/minutes.%s?version=%d", apiRoot, id, f, v.Version))
		p.Files = append(p.Files, file)
		if f == "txt" {
			p.Text = &file
		}
	}
	return p, nil
}

// minutesPast adds the versions and the history.
func (s *Server) minutesPast(ctx context.Context, p *minutesPage, here int) error {
	lang := infoOf(ctx).lang
	versions, err := s.minutesVersions(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, v := range slices.Backward(versions) {
		row := versionRow{MinutesInfo: v, Who: v.By, When: moment(v.Created), Here: v.Version == here}
		if v.By == "" {
			row.Who, row.What = locale.T(lang, "minutes.machine"), locale.T(lang, "minutes.did.machine")
		} else {
			row.What = didText(lang, cmp.Or(v.Did, store.DeedSaved), v.Part, v.Source)
		}
		p.Versions = append(p.Versions, row)
		if v.Shown {
			p.Newest = v.Version
		}
		if row.Here {
			p.Version = v
		}
	}
	deeds, err := s.history(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, d := range slices.Backward(deeds) {
		line := "minutes.history.line"
		if d.Version == 0 { // of the meeting, not of its minutes
			line = "minutes.history.plain"
		}
		p.History = append(p.History, locale.T(lang, line, "time", moment(d.At), "name", d.By, "what", didText(lang, d.What, d.Part, d.Source), "version", d.Version))
	}
	return nil
}

// newerMachine is the machine's newest version where it is newer than the one that a person's goes back to; else 0.
// A version goes back to what it was made from, and one that was gone back to is what it was: neither a part taken
// nor an edit makes a difference. What is not known to be made from any goes back to the machine's before it. The
// newest version is first.
func newerMachine(versions []versionRow, of int) int {
	newest := 0
	for _, v := range versions {
		if v.By == "" {
			newest = max(newest, v.Version)
		}
		if v.Version > of {
			continue
		}
		if v.By == "" {
			if newest > v.Version {
				return newest
			}
			return 0
		}
		before := v.From
		if v.Did == string(review.Restore) {
			before = v.Source
		}
		of = v.Version - 1
		if before > 0 {
			of = min(of, before)
		}
	}
	return newest
}

// didText tells of a deed: "fjernet (Vedtak og beslutninger)", "hentet fra versjon 3 (Sak)".
func didText(lang, what, part string, source int) string {
	text := locale.T(lang, "minutes.did."+what)
	if source > 0 {
		text = locale.T(lang, "minutes.did."+what+".from", "version", source)
	}
	if part == "" {
		return text
	}
	key := "minutes.part." + part
	if what == string(review.Take) && (part == string(review.Items) || part == string(review.Cases) || part == string(review.Decisions)) {
		key = "minutes.take." + part
	}
	return text + " (" + locale.T(lang, key) + ")"
}

// moment writes a time as 21.11.2026 kl. 14.05, where the server stands.
func moment(t time.Time) string { return t.Local().Format("02.01.2006 kl. 15.04") }

// formStep is what a form of the page asks for. It tells the place on the page to go back to.
type formStep func(ctx context.Context, id string, version int, form url.Values) (place string, err error)

// postMinutes does a step, as the API does. What cannot be done is told on the page, where what was written stands
// too.
func (s *Server) postMinutes(step formStep) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.parseFormOf(w, r, maxMinutesForm) {
			return
		}
		ctx, id := r.Context(), r.PathValue("id")
		place, err := s.doMinutes(ctx, id, step, r.PostForm)
		if err == nil {
			http.Redirect(w, r, "/meetings/"+url.PathEscape(id)+"/minutes#"+url.PathEscape(place), http.StatusSeeOther)
			return
		}
		wrote := written(r.PostForm)
		p, failure := s.minutesPage(ctx, id, 0)
		if failure != nil {
			s.pages.failKeeping(w, r, err, wrote)
			return
		}
		if failure := logged(w); failure != nil { // the minutes are not shown, and what was written is not lost for it
			s.pages.failKeeping(w, r, failure, wrote)
			return
		}
		pr := problem(ctx, err)
		p.Alert, p.Written = pr.Detail, wrote
		if pr.Version > 0 {
			conflict := "minutes.conflict"
			if p.Written == "" {
				conflict += ".unwritten"
			}
			p.Alert = locale.T(infoOf(ctx).lang, conflict)
		}
		s.pages.render(w, r, pr.Status, "minutes", p)
	}
}

func (s *Server) doMinutes(ctx context.Context, id string, step formStep, form url.Values) (place string, err error) {
	if _, err := s.meeting(ctx, id); err != nil {
		return "", err
	}
	version, err := versionAsked(form, "version")
	if err != nil || version == 0 {
		return "", referent.E(referent.CodeInvalid, "web: read form", errors.New("no version"))
	}
	return step(ctx, id, version, form)
}

func (s *Server) approveByForm(ctx context.Context, id string, version int, _ url.Values) (string, error) {
	_, err := s.pipe.Approve(ctx, id, editor(ctx), version)
	return "approval", err
}

func (s *Server) reopenByForm(ctx context.Context, id string, version int, _ url.Values) (string, error) {
	_, err := s.pipe.Reopen(ctx, id, editor(ctx), version)
	return "approval", err
}

func (s *Server) editByForm(ctx context.Context, id string, version int, form url.Values) (string, error) {
	e, err := editOf(form)
	if err != nil {
		return "", err
	}
	place := placeID(e.List, e.Of, e.Index)
	switch e.Do {
	case review.Move:
		place = placeID(e.List, e.Of, e.To)
	case review.Restore:
		place = "content"
	}
	_, err = s.pipe.EditMinutes(ctx, id, editor(ctx), version, e)
	return place, err
}

// onPage is something on the page, and the page that it is on: the templates' own parts need both.
type onPage struct {
	Page *minutesPage
	It   any
}

// On puts something on the page.
func (p *minutesPage) On(it any) onPage { return onPage{p, it} }

// Moment writes a time as the page does.
func (p *minutesPage) Moment(t time.Time) string { return moment(t) }

// short is the beginning of a statement, to tell its buttons from those of the others.
func short(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}

// minutesRights are what whoever looks at the page may do there: it shows no more than that.
type minutesRights struct {
	Correct bool // change, settle, confirm
	Approve bool // approve, and take up again
	Export  bool // take documents out
	Remake  bool // have them written again, as another kind or in another form
}

func (s *Server) minutesRights(ctx context.Context, m *referent.Meeting) (minutesRights, error) {
	may, err := s.permissions(ctx, m)
	if err != nil {
		return minutesRights{}, err
	}
	write := whoAsks(ctx).may(store.ScopeWrite)
	return minutesRights{
		Correct: write && may[access.CorrectContent].Allowed,
		Approve: write && may[access.Approve].Allowed,
		Export:  may[access.Export].Allowed,
		Remake:  write && may[access.Process].Allowed && may[access.ChangeDetails].Allowed,
	}, nil
}
