package subtitle

import (
	"errors"
	"regexp"
	"strings"
)

// heading is the line that Teams puts over what somebody says: a name and when they began. The line
// may come alone or with the text after a line break.
var heading = regexp.MustCompile(`^(.{1,100}?)[\s\x{00a0}]+((?:\d{1,2}:)?\d{1,2}:\d{2})$`)

func headingLine(line string) (name string, at float64, ok bool) {
	m := heading.FindStringSubmatch(strings.TrimSpace(line))
	if m == nil || !looksLikeName(m[1]) {
		return "", 0, false
	}
	at, ok = seconds(m[2])
	return m[1], at, ok
}

// parsePlain reads text whose lines are "Name: text", or headings with times and text below.
func parsePlain(lines []string) (document, error) {
	headings := 0
	for _, l := range lines {
		if _, _, ok := headingLine(l); ok {
			headings++
		}
	}
	if headings > 0 {
		return parseHeadings(lines), nil
	}
	var d document
	for _, l := range lines {
		if name, text, ok := nameAndText(strings.TrimSpace(l)); ok {
			d.add(cue{voice: name, text: text})
		} else if n := len(d.cues); n > 0 && strings.TrimSpace(l) != "" && d.cues[n-1].voice != "" {
			d.add(cue{voice: d.cues[n-1].voice, text: l}) // the same person's next paragraph
		} else {
			d.add(cue{text: l})
		}
	}
	for _, c := range d.cues {
		if c.voice != "" {
			return d, nil
		}
	}
	return d, errors.New("no line says who speaks")
}

// parseHeadings reads Teams' form. Each stretch of speech ends where the next begins; the last one is
// given the time its words take at an ordinary pace.
func parseHeadings(lines []string) document {
	d := document{timed: true}
	for _, l := range lines {
		if name, at, ok := headingLine(l); ok {
			d.cues = append(d.cues, cue{voice: name, start: at, end: at})
		} else if n := len(d.cues); n > 0 { // what stands before the first heading is title and date
			d.cues[n-1].text += " " + l
		}
	}
	said := d.cues
	d.cues = nil
	const wordsPerSecond = 2.5
	for i, c := range said {
		c.end = c.start + float64(len(strings.Fields(c.text)))/wordsPerSecond
		if i+1 < len(said) && said[i+1].start > c.start {
			c.end = said[i+1].start
		}
		d.add(c)
	}
	return d
}
