package subtitle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
)

// cue is what one voice says in one stretch of time.
type cue struct {
	start, end float64 // seconds
	voice      string  // empty: not known
	text       string  // one line, single spaces
}

// document is a transcript as parsed.
type document struct {
	language string // Whisper's code; empty: not said
	timed    bool
	cues     []cue
}

// add appends a cue, unless it says nothing.
func (d *document) add(c cue) {
	c.text = strings.Join(strings.Fields(c.text), " ")
	c.voice = strings.Join(strings.Fields(c.voice), " ")
	if c.text != "" {
		c.end = max(c.start, c.end)
		d.cues = append(d.cues, c)
	}
}

// addVoices appends what several voices say within one stretch, which each gets a share of that
// follows the length of its text.
func (d *document) addVoices(start, end float64, parts []cue) {
	total := 0
	for i := range parts {
		parts[i].text = strings.Join(strings.Fields(parts[i].text), " ")
		total += utf8.RuneCountInString(parts[i].text)
	}
	at, said := start, 0
	for _, p := range parts {
		said += utf8.RuneCountInString(p.text)
		p.start, p.end = at, end
		if said < total {
			p.end = start + (end-start)*float64(said)/float64(total)
		}
		at = p.end
		d.add(p)
	}
}

// namesFromText takes "Name: text" apart where most cues of the document are written so. One cue alone
// proves nothing: "Merk: saken er utsatt" has the same form.
func (d *document) namesFromText() {
	named := 0
	for _, c := range d.cues {
		if _, _, ok := nameAndText(c.text); ok || c.voice != "" {
			named++
		}
	}
	if 2*named < len(d.cues) {
		return
	}
	for i := range d.cues {
		c := &d.cues[i]
		if c.voice != "" {
			continue
		}
		if name, text, ok := nameAndText(c.text); ok {
			c.voice, c.text = name, text
		}
	}
}

// transcript gives the document the domain's form.
func (d *document) transcript() *referent.Transcript {
	t := &referent.Transcript{
		Schema: referent.TranscriptSchema, Label: referent.DraftLabel, Language: d.language, Coverage: 1,
		Models: []referent.ModelUse{}, Speakers: []referent.Speaker{},
	}
	if d.timed { // Teams writes cues in the order they were finished
		slices.SortStableFunc(d.cues, func(a, b cue) int { return cmp.Compare(a.start, b.start) })
	}
	ids := map[string]string{}
	for i, c := range d.cues {
		id := ""
		if c.voice != "" {
			if id = ids[c.voice]; id == "" {
				id = fmt.Sprintf("S%d", len(ids)+1)
				ids[c.voice] = id
				t.Speakers = append(t.Speakers, referent.Speaker{ID: id, Name: c.voice})
			}
		}
		t.Segments = append(t.Segments, referent.Segment{
			ID: fmt.Sprintf("s%d", i+1), Start: c.start, End: c.end, Speaker: id, Text: c.text,
			Words: spread(c), Quality: referent.Quality{OK: true},
		})
		t.Recording.Duration = max(t.Recording.Duration, c.end)
	}
	if len(t.Speakers) > 0 {
		t.SpeakersBy = referent.SpeakersFromText
	}
	return t
}

// spread gives each word of a cue a share of its time that follows the word's length.
func spread(c cue) []referent.Word {
	fields := strings.Fields(c.text)
	total := 0
	for _, f := range fields {
		total += utf8.RuneCountInString(f) + 1
	}
	words := make([]referent.Word, 0, len(fields))
	at, said := c.start, 0
	for i, f := range fields {
		said += utf8.RuneCountInString(f) + 1
		end := c.start + (c.end-c.start)*float64(said)/float64(total)
		if i == len(fields)-1 {
			end = c.end
		}
		words = append(words, referent.Word{Text: f, Start: at, End: end, Probability: 1})
		at = end
	}
	return words
}
