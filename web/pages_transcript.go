package web

import (
	"net/http"
	"regexp"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
)

// segmentID is how a transcript names its segments, also those that were split.
var segmentID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// transcriptPage is the page on which a person hears a meeting and corrects its transcript, which its script reads and
// writes over the API. Asked for plain, the transcript stands in it to be read, without a script: a long one in both
// forms would take twice as long to come.
type transcriptPage struct {
	madeAt
	*referent.Meeting
	Transcript *referent.Transcript // nil unless the page is plain
	Segment    string               // that the address leads to; "": none. A browser keeps what follows # to itself
	Locked     bool                 // the minutes are approved
	MayCorrect bool                 // whoever looks may change it now
	HasAudio   bool                 //
	Names      []string             // of participants, to choose from
	Sentences  string               // what the script says, as JSON
}

func (s *Server) showTranscript(w http.ResponseWriter, r *http.Request) {
	p, err := s.transcriptPage(r)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "transcript", p)
}

func (s *Server) transcriptPage(r *http.Request) (*transcriptPage, error) {
	ctx, id := r.Context(), r.PathValue("id")
	after, err := s.store.LastEvent(ctx)
	if err != nil {
		return nil, err
	}
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	may, err := s.permissions(ctx, m)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Artifact(ctx, id, store.ArtifactTranscript, 0); err != nil {
		return nil, err
	}
	p := &transcriptPage{Meeting: m, madeAt: madeAt{after}}
	if at := r.URL.Query().Get("segment"); segmentID.MatchString(at) {
		p.Segment = at
	}
	if r.URL.Query().Has("plain") {
		if p.Transcript, err = s.pipe.Transcript(ctx, id); err != nil {
			return nil, err
		}
	}
	p.Locked = m.State.Approved()
	p.MayCorrect = may[access.CorrectContent].Allowed && !p.Locked
	if p.HasAudio, err = s.hasAudio(ctx, id); err != nil {
		return nil, err
	}
	for _, x := range m.Participants {
		if !x.Absent {
			p.Names = append(p.Names, x.Name)
		}
	}
	p.Sentences, err = sentences(infoOf(ctx).lang, "", "transcript.", "quality.")
	return p, err
}
