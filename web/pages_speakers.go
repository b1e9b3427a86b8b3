package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/speakers"
)

// speakersPart is the part of a meeting's page that tells who speaks, and lets a person put it right.
type speakersPart struct {
	Version    int
	Method     string // a sentence; "": there is nothing to say
	Found      string // a sentence; "": nobody knows how many to expect
	Comparable bool
	Voices     []voiceRow
	Names      []string // of participants, to choose from
	Alert      string   // why the last change was not made; "": it was
}

// voiceRow is a speaker in that part.
type voiceRow struct {
	speakers.Voice
	Shown      string // the name, else the id
	Field      string // what stands in the name's field
	Samples    []sampleButton
	Others     []voiceName // whom it can be merged with
	Suggestion *suggestionRow
}

type (
	voiceName     struct{ ID, Shown string }
	sampleButton  struct{ Start float64 }
	suggestionRow struct {
		Name     string
		Expected bool
		Why      []reasonRow
	}
	// reasonRow is a sentence and the segment it quotes.
	reasonRow struct{ Text, Segment string }
)

func (s *Server) speakersPart(ctx context.Context, m *referent.Meeting, v *pipeline.TranscriptVersion) (*speakersPart, error) {
	lang := infoOf(ctx).lang
	l, err := s.listing(ctx, m, v)
	if err != nil {
		return nil, err
	}
	p := &speakersPart{Version: l.Version, Comparable: l.Comparable}
	if l.Method != "" && (len(l.Speakers) == 0) == (l.Method == referent.SpeakersFailed || l.Method == referent.SpeakersOff) {
		p.Method = locale.T(lang, "speakers.method."+string(l.Method))
	}
	if l.Expected > 0 && len(l.Speakers) > 0 {
		p.Found = locale.T(lang, "speakers.found", "found", len(l.Speakers), "expected", l.Expected)
	}
	for _, x := range m.Participants {
		if !x.Absent {
			p.Names = append(p.Names, x.Name)
		}
	}
	segments := make(map[string]*referent.Segment, len(v.Transcript.Segments))
	for i := range v.Transcript.Segments {
		segments[v.Transcript.Segments[i].ID] = &v.Transcript.Segments[i]
	}
	suggested := map[string]*suggestionRow{}
	for _, x := range speakers.Suggest(v.Transcript, m.Participants) {
		row := &suggestionRow{Name: x.Name, Expected: x.Expected}
		for _, e := range x.Evidence {
			row.Why = append(row.Why, reasonRow{locale.T(lang, "speakers.reason."+string(e.Reason), "words", e.Quote, "time", clock(e.Start)), e.Segment})
		}
		suggested[x.Speaker] = row
	}
	for _, x := range l.Speakers {
		row := voiceRow{Voice: x, Shown: v.Transcript.SpeakerName(x.ID), Field: x.Name, Suggestion: suggested[x.ID]}
		for _, id := range x.Samples {
			row.Samples = append(row.Samples, sampleButton{segments[id].Start})
		}
		for _, y := range l.Speakers {
			if y.ID != x.ID {
				row.Others = append(row.Others, voiceName{y.ID, v.Transcript.SpeakerName(y.ID)})
			}
		}
		p.Voices = append(p.Voices, row)
	}
	return p, nil
}

// postSpeakers does what the forms of that part ask for. What cannot be done is told on the page itself,
// where nothing that was written is lost.
func (s *Server) postSpeakers(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	ctx, id, speaker := r.Context(), r.PathValue("id"), r.PostFormValue("speaker")
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || version < 1 {
		s.pages.fail(w, r, referent.E(referent.CodeInvalid, "web: read form", errors.New("no version")))
		return
	}
	changed, err := s.change(ctx, id, version, func(t *referent.Transcript, voices voicesOf, c *speakers.Change) (*referent.Transcript, error) {
		c.Speaker = speaker
		switch r.PostFormValue("edit") {
		case "rename":
			return speakers.Rename(t, speaker, r.PostFormValue("name"))
		case "merge":
			c.Speaker = r.PostFormValue("into")
			return speakers.Merge(t, speaker, c.Speaker)
		case "split":
			v, err := voices()
			if err != nil {
				return nil, err
			}
			t, c.Speaker, err = speakers.Split(t, v, speaker)
			return t, err
		}
		return nil, referent.E(referent.CodeInvalid, "web: read form", errors.New("no such edit"))
	})
	if err == nil {
		http.Redirect(w, r, "/meetings/"+url.PathEscape(id)+"#speaker-"+url.PathEscape(changed.Body.Speaker), http.StatusSeeOther)
		return
	}
	wrote := strings.TrimSpace(r.PostFormValue("name"))
	p, failure := s.meetingPage(ctx, id)
	if failure != nil || p.Speakers == nil {
		s.pages.failKeeping(w, r, err, wrote)
		return
	}
	if failure := logged(w); failure != nil {
		s.pages.failKeeping(w, r, failure, wrote)
		return
	}
	pr := problem(ctx, err)
	p.Speakers.Alert = pr.Detail
	if pr.Version > 0 {
		p.Speakers.Alert = locale.T(infoOf(ctx).lang, "speakers.conflict")
	}
	for i := range p.Speakers.Voices {
		if x := &p.Speakers.Voices[i]; x.ID == speaker && r.PostFormValue("edit") == "rename" {
			x.Field = wrote
		}
	}
	s.pages.render(w, r, pr.Status, "meeting", p)
}

// speakerNames are the names to show for speakers, in a row.
func speakerNames(t *referent.Transcript, ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = t.SpeakerName(id)
	}
	return strings.Join(names, ", ")
}
