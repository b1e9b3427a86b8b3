package web

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/roster"
)

// The page that changes what is said about a meeting. A form brings what its fields held when it was made, so that
// only what the person changed is written, and two who change different things do not meet. Where they changed the
// same thing, nothing is written before the person has seen both.

// The fields of the form, in its order, and what each is called.
var editFields = []struct{ name, label string }{
	{"title", "web.upload.name"}, {"kind", "web.list.kind"}, {"body", "record.body"}, {"date", "web.upload.date"}, {"time", "edit.time"},
	{"participants", "web.upload.participants"}, {"language", "web.upload.language"}, {"place", "record.place"}, {"agenda", "web.upload.agenda"},
	{"purpose", "record.purpose"}, {"legal_basis", "record.basis"},
}

// maxDetail is how many characters a line of the form holds, as in MeetingPatch.
const maxDetail = 300

type editPage struct {
	ID    string
	Title string
	New   newMeeting
	In    string // id of the department; "": none
	Was   string // what the fields hold now, as JSON
	Alert string // why nothing was written; "": nothing was tried
}

// detailsOf is what the fields hold.
func detailsOf(m *referent.Meeting) map[string]string {
	d := map[string]string{"title": m.Title, "kind": string(m.Kind), "body": m.Body, "language": string(m.Language), "place": m.Place,
		"participants": roster.ParticipantsText(m.Participants), "agenda": roster.AgendaText(m.Agenda),
		"purpose": m.Purpose, "legal_basis": m.LegalBasis, "date": "", "time": ""}
	if !m.Start.IsZero() {
		at := m.Start.Local()
		d["date"], d["time"] = at.Format(time.DateOnly), at.Format("15:04")
		if d["time"] == "00:00" { // a day alone
			d["time"] = ""
		}
	}
	return d
}

func (s *Server) showEdit(w http.ResponseWriter, r *http.Request) {
	m, err := s.meeting(r.Context(), r.PathValue("id"))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.renderEdit(w, r, http.StatusOK, m, &unsaved{})
}

// unsaved is what a person sent that is not written.
type unsaved struct {
	written map[string]string     // by field
	told    bool                  // they confirm that people were told
	notes   map[string]*fieldNote // by field
	alert   string                // why it is not written; "": nothing was sent
}

// renderEdit shows the form with what the meeting says, but where the person wrote something else.
func (s *Server) renderEdit(w http.ResponseWriter, r *http.Request, status int, m *referent.Meeting, sent *unsaved) {
	now := detailsOf(m)
	was, err := json.Marshal(now)
	if err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeInternal, "web: show form", err))
		return
	}
	values := maps.Clone(now)
	maps.Copy(values, sent.written)
	p := editPage{ID: m.ID, Title: m.Title, In: m.Department, Was: string(was), Alert: sent.alert,
		New: newMeeting{Edit: true, Locked: m.State.Approved(), WasTold: m.Told != nil, Told: sent.told, Kind: referent.Kind(values["kind"]), stored: m.Kind,
			mustTell: s.cfg.MustTell, values: values, Notes: sent.notes}}
	p.New.Gone = !slices.Contains(referent.Kinds, p.New.Kind) && s.cfg.Templates.Find(p.New.Kind) == nil
	s.pages.render(w, r, status, "edit", p)
}

// errDetailsChanged is that somebody else changed what the person changed, too.
var errDetailsChanged = errors.New("changed by somebody else meanwhile")

// wrongField is an error in what one field of the form holds.
type wrongField struct {
	name string // of the field
	says string // key of a sentence
	error
}

func (e *wrongField) Unwrap() error { return e.error }

func (s *Server) postEdit(w http.ResponseWriter, r *http.Request) {
	ctx, id := r.Context(), r.PathValue("id")
	if err := r.ParseForm(); err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: read form", err))
		return
	}
	var was map[string]string
	err := json.Unmarshal([]byte(r.PostForm.Get("was")), &was)
	if err == nil && was == nil {
		err = errors.New("the form does not say what its fields held")
	}
	if err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: read form", err))
		return
	}
	sent := &unsaved{written: writtenIn(r.PostForm, was), told: r.PostForm.Has("told")}
	if len(sent.written) == 0 && !sent.told {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id), http.StatusSeeOther)
		return
	}
	var conflicts []string
	patch, err := patchOf(sent.written)
	if err == nil {
		if sent.told {
			patch.Told = &sent.told
		}
		_, err = s.changeMeeting(ctx, id, patch, func(m *referent.Meeting) (err error) {
			now := detailsOf(m)
			if conflicts = conflictsOf(now, sent.written, was); len(conflicts) > 0 {
				return errDetailsChanged
			}
			patch.Start, err = startOf(now, sent.written)
			return err
		})
	}
	if err == nil {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id)+"?changed=1", http.StatusSeeOther)
		return
	}
	m, missing := s.meeting(ctx, id)
	if missing != nil {
		s.pages.fail(w, r, missing)
		return
	}
	s.renderEdit(w, r, sent.refused(ctx, err, m, conflicts), m, sent)
}

// refused notes why nothing was written, at the fields that it is about, and returns the answer's status.
func (u *unsaved) refused(ctx context.Context, err error, m *referent.Meeting, conflicts []string) int {
	lang := infoOf(ctx).lang
	u.notes = map[string]*fieldNote{}
	if errors.Is(err, errDetailsChanged) {
		now, labels := detailsOf(m), []string{}
		for _, f := range editFields {
			if !slices.Contains(conflicts, f.name) {
				continue
			}
			labels = append(labels, locale.T(lang, f.label))
			u.notes[f.name] = &fieldNote{ID: noteID(f.name), Says: locale.T(lang, "edit.theirs"), Text: now[f.name]}
			if now[f.name] == "" {
				u.notes[f.name].Says = locale.T(lang, "edit.theirs.empty")
			}
		}
		u.alert = locale.T(lang, "edit.conflict", "fields", strings.Join(labels, ", "))
		return http.StatusConflict
	}
	p := problem(ctx, err)
	u.alert = p.Detail
	wrong, one := errors.AsType[*wrongField](err)
	_, kind := u.written["kind"]
	_, language := u.written["language"]
	switch {
	case one:
	case errors.Is(err, pipeline.ErrUntold):
		wrong = &wrongField{name: "told", says: "edit.wrong.told"}
	case p.Code == referent.CodeInvalid && (kind || language):
		wrong = &wrongField{name: "kind", says: "edit.wrong.kind"}
	default:
		return p.Status
	}
	says := locale.T(lang, wrong.says, "characters", maxDetail)
	u.notes[wrong.name] = &fieldNote{ID: noteID(wrong.name), Says: says, Wrong: true}
	label := "record.told"
	for _, f := range editFields {
		if f.name == wrong.name {
			label = f.label
		}
	}
	u.alert = locale.T(lang, "edit.wrong", "field", locale.T(lang, label), "why", says)
	return p.Status
}

// writtenIn is what the person changed, by field. A field that the form did not send is as it was.
func writtenIn(form url.Values, was map[string]string) map[string]string {
	written := map[string]string{}
	for _, f := range editFields {
		if !form.Has(f.name) {
			continue
		}
		v := strings.TrimSpace(strings.ReplaceAll(form.Get(f.name), "\r\n", "\n"))
		if v != was[f.name] {
			written[f.name] = v
		}
	}
	return written
}

// conflictsOf are the fields that the person changed and that somebody else has changed to something else.
func conflictsOf(now, written, was map[string]string) (names []string) {
	for _, f := range editFields {
		if mine, mineToo := written[f.name]; mineToo && now[f.name] != was[f.name] && now[f.name] != mine {
			names = append(names, f.name)
		}
	}
	return names
}

// patchOf is the change that the API makes of what the person wrote, but for when the meeting was: startOf.
func patchOf(written map[string]string) (*MeetingPatch, error) {
	const op = "web: read form"
	p := &MeetingPatch{}
	for name, to := range map[string]**string{"title": &p.Title, "body": &p.Body, "place": &p.Place, "purpose": &p.Purpose, "legal_basis": &p.LegalBasis} {
		v, changed := written[name]
		if !changed {
			continue
		}
		if utf8.RuneCountInString(v) > maxDetail || !utf8.ValidString(v) {
			err := referent.E(referent.CodeInvalid, op, nil).WithHint("%s is longer than %d characters", name, maxDetail)
			return nil, &wrongField{name, "edit.wrong.long", err}
		}
		*to = &v
	}
	if v, changed := written["kind"]; changed {
		k := referent.Kind(v)
		p.Kind = &k
	}
	if v, changed := written["language"]; changed {
		l := referent.Language(v)
		p.Language = &l
	}
	if v, changed := written["participants"]; changed {
		people, err := roster.Participants(strings.NewReader(v))
		if err != nil {
			return nil, &wrongField{"participants", "edit.wrong.list", err}
		}
		p.Participants = &people
	}
	if v, changed := written["agenda"]; changed {
		items, err := roster.Agenda(strings.NewReader(v))
		if err != nil {
			return nil, &wrongField{"agenda", "edit.wrong.list", err}
		}
		p.Agenda = &items
	}
	return p, nil
}

// startOf is when the meeting was, of what the person wrote of day and time and what the fields hold now; nil: they
// wrote of neither. Who moves the day and who moves the time do not meet.
func startOf(now, written map[string]string) (*time.Time, error) {
	const op = "web: read form"
	day, dayToo := written["date"]
	hour, hourToo := written["time"]
	if !dayToo {
		day = now["date"]
	}
	if !hourToo {
		hour = now["time"]
	}
	var at time.Time
	switch {
	case !dayToo && !hourToo:
		return nil, nil
	case day == "" && hour == "":
		return &at, nil
	case day == "":
		return nil, &wrongField{"date", "edit.wrong.time", referent.E(referent.CodeInvalid, op, errors.New("a time without a date"))}
	case hour != "":
		day += "T" + hour
	}
	at, err := parseDate(day)
	if err != nil {
		return nil, &wrongField{"date", "edit.wrong.date", referent.E(referent.CodeInvalid, op, err)}
	}
	return &at, nil
}

// changed says what a change that was written is of consequence to.
func (s *Server) changed(ctx context.Context, p *meetingPage) {
	key := "edit.saved"
	switch {
	case p.State.Approved():
		key = "edit.saved.approved"
	case p.CanRemake:
		key = "edit.saved.minutes"
	case p.State == referent.StateTranscribed:
		key = "edit.saved.writing"
	}
	p.Changed = locale.T(infoOf(ctx).lang, key)
}
