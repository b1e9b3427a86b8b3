package export

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/referent/referent"
)

// vtt writes WebVTT with a voice span a cue, and the AI label and what else is to be said of the whole as
// a note. Segments without times become cues of no length at the
// time of the one before, which players skip and readers keep.
func vtt(t *referent.Transcript, lang string) string {
	var b strings.Builder
	b.WriteString("WEBVTT\n\nNOTE\n" + wordsOf(referent.Language(lang)).draft + "\n")
	for _, n := range remarks(t, lang) {
		b.WriteString(strings.ReplaceAll(oneLine(n), "-->", "→") + "\n")
	}
	for _, s := range t.Segments {
		fmt.Fprintf(&b, "\n%s\n%s --> %s\n", cueID(s.ID), stamp(s.Start, '.'), stamp(max(s.Start, s.End), '.'))
		text := vttText(marked(t, &s, lang))
		if name := t.SpeakerName(s.Speaker); name != "" {
			text = "<v " + vttText(name) + ">" + text + "</v>"
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}

var vttEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// vttText makes text safe inside a cue: on one line, so that no blank line ends the cue early and no
// arrow looks like a time.
func vttText(s string) string { return vttEscape.Replace(oneLine(s)) }

func cueID(s string) string { return strings.ReplaceAll(oneLine(s), "-->", "") }

// srt writes SubRip. It has no remarks, so the AI label stands in the other formats alone; it has no
// voices, so a speaker's name stands before the words.
func srt(t *referent.Transcript, lang string) string {
	var b strings.Builder
	for i, s := range t.Segments {
		text := oneLine(marked(t, &s, lang))
		if name := oneLine(t.SpeakerName(s.Speaker)); name != "" {
			text = name + ": " + text
		}
		// SRT has no escapes; the arrow is the one thing that could be taken for a time line.
		text = strings.ReplaceAll(text, "-->", "→")
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", i+1, stamp(s.Start, ','), stamp(max(s.Start, s.End), ','), text)
	}
	return b.String()
}

// marked is the segment's text as captions show it: what is to be known of it stands behind it in square
// brackets, as captions do with all that nobody says.
func marked(t *referent.Transcript, s *referent.Segment, lang string) string {
	if note := marks(t, s, lang); note != "" {
		return s.Text + " [" + note + "]"
	}
	return s.Text
}

// plain is the words alone, a segment a line: not even the AI label.
func plain(t *referent.Transcript) string {
	var b strings.Builder
	for _, s := range t.Segments {
		b.WriteString(oneLine(s.Text) + "\n")
	}
	return b.String()
}

// oneLine is text on one line that every format can hold: bytes that are no text and control characters
// become the replacement character. Hard spaces stay.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), func(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' }), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\ufffd'
		}
		return r
	}, s)
}

// stamp is seconds as 01:02:03.456, with the separator before the milliseconds.
func stamp(seconds float64, sep byte) string {
	ms := int64(max(0, seconds)*1000 + 0.5)
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, sep, ms%1000)
}

// clock is seconds as 03:41, or 1:03:41 from an hour on, rounded down to where one starts listening.
func clock(seconds float64) string {
	s := int64(max(0, seconds))
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}
