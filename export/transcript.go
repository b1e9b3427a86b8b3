package export

import (
	"fmt"
	"math"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/locale"
)

// remarks are the sentences about a whole transcript: how much of it is doubtful, and how the speakers
// were told apart where that is not to be expected. None: there is nothing that a reader must know.
func remarks(t *referent.Transcript, lang string) []string {
	var out []string
	if s := doubtful(t); s > 0 {
		out = append(out, locale.T(lang, "quality.summary", "seconds", math.Ceil(s))+".")
	}
	switch t.SpeakersBy {
	case referent.SpeakersFailed, referent.SpeakersOff:
		if len(t.Speakers) > 0 {
			break // a person has told them apart since
		}
		fallthrough
	case referent.SpeakersByChannel:
		out = append(out, locale.T(lang, "speakers.method."+string(t.SpeakersBy)))
	}
	return out
}

// doubtful is how many seconds stand in segments that cannot be trusted. Transcripts from before there was
// a summary have it in their segments alone.
func doubtful(t *referent.Transcript) float64 {
	if t.Quality.Speech > 0 {
		return t.Quality.Doubtful
	}
	var sum float64
	for _, s := range t.Segments {
		if !s.Quality.OK {
			sum += max(0, s.End-s.Start)
		}
	}
	return sum
}

// marks is what a reader must know of a segment: that it may be wrong, and who speaks at the same time.
func marks(t *referent.Transcript, s *referent.Segment, lang string) string {
	var notes []string
	if !s.Quality.OK {
		notes = append(notes, locale.T(lang, "speakers.doubtful"))
	}
	var names []string
	for _, o := range s.Others {
		names = append(names, t.SpeakerName(o))
	}
	if len(names) > 0 {
		notes = append(notes, locale.T(lang, "speakers.overlap", "names", strings.Join(names, ", ")))
	}
	return strings.Join(notes, "; ")
}

// layOutTranscript puts a transcript in a document: a paragraph for each segment, with the speaker's name
// where the speaker changes.
func (r Renderer) layOutTranscript(t *referent.Transcript, m *referent.Meeting) *document {
	w := wordsOf(m.Language)
	d := &document{lang: lang(m.Language), label: w.draftLabel(t.Label), name: w.transcript, title: oneLine(m.Title), brand: r.Brand, version: r.Version}
	if d.title == "" {
		d.title = d.name
	}
	if !m.Start.IsZero() {
		d.head = append(d.head, [2]string{w.date, w.start(m.Start)})
	}
	for _, r := range remarks(t, d.lang) {
		d.head = append(d.head, [2]string{w.note, r})
	}
	p := part{style: prose}
	for i := range t.Segments {
		s := &t.Segments[i]
		st := statement{text: oneLine(s.Text), note: marks(t, s, d.lang), evidence: []string{oneLine(s.ID) + " " + clock(s.Start)}}
		if i == 0 || s.Speaker != t.Segments[i-1].Speaker {
			if st.lead = oneLine(t.SpeakerName(s.Speaker)); st.lead == "" {
				st.lead = "–" // nobody knows who; not the one before
			}
		}
		p.points = append(p.points, st)
	}
	d.parts = []part{p}
	return d
}

// recordingName stands for the recording in RTTM: the file's own name may tell who met.
const recordingName = "recording"

// rttm writes who is active when, as the tools that measure speaker separation read it. Speakers are
// their ids. A transcript without turns has those of its segments.
func rttm(t *referent.Transcript) string {
	turns := t.Turns
	if len(turns) == 0 {
		turns = nil
		for _, s := range t.Segments {
			if n := len(turns); n > 0 && turns[n-1].Speaker == s.Speaker && turns[n-1].End >= s.Start {
				turns[n-1].End = max(turns[n-1].End, s.End)
			} else if s.Speaker != "" {
				turns = append(turns, referent.Turn{Speaker: s.Speaker, Start: s.Start, End: s.End})
			}
		}
	}
	var b strings.Builder
	for _, x := range turns {
		if x.End > x.Start {
			fmt.Fprintf(&b, "SPEAKER %s 1 %.3f %.3f <NA> <NA> %s <NA> <NA>\n", recordingName, x.Start, x.End-x.Start, field(x.Speaker))
		}
	}
	return b.String()
}

// field is a text that stands in one column.
func field(s string) string { return strings.Join(strings.Fields(oneLine(s)), "_") }
