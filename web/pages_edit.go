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
	s.renderEdit(w, r, http.StatusOK, m, nil, nil, "")
}

// renderEdit shows the form with what the meeting says, but where the person wrote something else.
func (s *Server) renderEdit(w http.ResponseWriter, r *http.Request, status int, m *referent.Meeting, written map[string]string, conflicts []string, alert string) {
	now := detailsOf(m)
	was, err := json.Marshal(now)
	if err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeInternal, "web: show form", err))
		return
	}
	values := maps.Clone(now)
	maps.Copy(values, written)
	p := editPage{ID: m.ID, Title: m.Title, In: m.Department, Was: string(was), Alert: alert,
		New: newMeeting{Edit: true, Locked: m.State.Approved(), WasTold: m.Told != nil, Kind: referent.Kind(values["kind"]), mustTell: s.cfg.MustTell,
			values: values, Theirs: map[string]*theirs{}}}
	p.New.Gone = !slices.Contains(referent.Kinds, p.New.Kind) && s.cfg.Templates.Find(p.New.Kind) == nil
	lang := infoOf(r.Context()).lang
	for _, name := range conflicts {
		p.New.Theirs[name] = &theirs{Says: locale.T(lang, "edit.theirs"), Text: now[name]}
		if now[name] == "" {
			p.New.Theirs[name] = &theirs{Says: locale.T(lang, "edit.theirs.empty")}
		}
	}
	s.pages.render(w, r, status, "edit", p)
}

// errDetailsChanged is that somebody else changed what the person changed, too.
var errDetailsChanged = errors.New("changed by somebody else meanwhile")

func (s *Server) postEdit(w http.ResponseWriter, r *http.Request) {
	ctx, id := r.Context(), r.PathValue("id")
	if err := r.ParseForm(); err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: read form", err))
		return
	}
	was := map[string]string{}
	if err := json.Unmarshal([]byte(r.PostForm.Get("was")), &was); err != nil {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: read form", err))
		return
	}
	written := writtenIn(r.PostForm, was)
	told := r.PostForm.Has("told")
	if len(written) == 0 && !told {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id), http.StatusSeeOther)
		return
	}
	var conflicts []string
	patch, err := patchOf(written, was)
	if err == nil {
		if told {
			patch.Told = &told
		}
		_, err = s.changeMeeting(ctx, id, patch, func(m *referent.Meeting) error {
			if conflicts = conflictsOf(detailsOf(m), written, was); len(conflicts) > 0 {
				return errDetailsChanged
			}
			return nil
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
	if errors.Is(err, errDetailsChanged) {
		var names []string
		for _, f := range editFields {
			if slices.Contains(conflicts, f.name) {
				names = append(names, locale.T(infoOf(ctx).lang, f.label))
			}
		}
		s.renderEdit(w, r, http.StatusConflict, m, written, conflicts, locale.T(infoOf(ctx).lang, "edit.conflict", "fields", strings.Join(names, ", ")))
		return
	}
	p := problem(ctx, err)
	s.renderEdit(w, r, p.Status, m, written, nil, p.Detail)
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

// patchOf is the change that the API makes of what the person wrote.
func patchOf(written, was map[string]string) (*MeetingPatch, error) {
	const op = "web: read form"
	p := &MeetingPatch{}
	for name, to := range map[string]**string{"title": &p.Title, "body": &p.Body, "place": &p.Place, "purpose": &p.Purpose, "legal_basis": &p.LegalBasis} {
		v, changed := written[name]
		if !changed {
			continue
		}
		if utf8.RuneCountInString(v) > maxDetail || !utf8.ValidString(v) {
			return nil, referent.E(referent.CodeInvalid, op, nil).WithHint("%s is longer than %d characters", name, maxDetail)
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
	_, day := written["date"]
	_, hour := written["time"]
	if day || hour {
		whole := maps.Clone(was)
		maps.Copy(whole, written)
		var at time.Time
		if d := whole["date"]; d != "" {
			if t := whole["time"]; t != "" {
				d += "T" + t
			}
			var err error
			if at, err = parseDate(d); err != nil {
				return nil, referent.E(referent.CodeInvalid, op, err)
			}
		}
		p.Start = &at
	}
	if v, changed := written["participants"]; changed {
		people, err := roster.Participants(strings.NewReader(v))
		if err != nil {
			return nil, err
		}
		p.Participants = &people
	}
	if v, changed := written["agenda"]; changed {
		items, err := roster.Agenda(strings.NewReader(v))
		if err != nil {
			return nil, err
		}
		p.Agenda = &items
	}
	return p, nil
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
