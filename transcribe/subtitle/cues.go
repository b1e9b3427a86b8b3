package subtitle

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

var stamp = regexp.MustCompile(`^(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?$`)

// seconds reads a time such as 01:02:03.450, 02:03,450 or 2:03.
func seconds(s string) (float64, bool) {
	m := stamp.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	t := 0.0
	for _, part := range m[1:4] {
		n, _ := strconv.Atoi("0" + part) // digits only, or nothing
		t = t*60 + float64(n)
	}
	if m[4] != "" {
		f, _ := strconv.ParseFloat("0."+m[4], 64)
		t += f
	}
	return t, true
}

// timing reads "start --> end settings".
func timing(line string) (start, end float64, err error) {
	from, rest, _ := strings.Cut(line, "-->")
	to := strings.Fields(rest)
	var ok1, ok2 bool
	start, ok1 = seconds(strings.TrimSpace(from))
	if len(to) > 0 {
		end, ok2 = seconds(to[0])
	}
	if !ok1 || !ok2 {
		return 0, 0, errors.New("a cue's times cannot be read")
	}
	return start, end, nil
}

// parseVTT reads WebVTT: blocks parted by empty lines, of which those with times are cues.
func parseVTT(lines []string) (document, error) {
	d := document{timed: true}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "WEBVTT") {
		return d, errors.New("no WEBVTT in the first line")
	}
	for i := 1; i < len(lines) && strings.TrimSpace(lines[i]) != "" && !strings.Contains(lines[i], "-->"); i++ {
		if name, value, ok := strings.Cut(lines[i], ":"); ok && strings.EqualFold(strings.TrimSpace(name), "Language") {
			d.language = spoken(strings.TrimSpace(value))
		}
	}
	err := blocks(lines, func(start, end float64, body []string) {
		d.addVoices(start, end, voices(strings.Join(body, "\n")))
	})
	d.namesFromText()
	return d, err
}

// parseSRT reads SubRip: a number, times and text, parted by empty lines.
func parseSRT(lines []string) (document, error) {
	d := document{timed: true}
	err := blocks(lines, func(start, end float64, body []string) {
		// Where two people speak in one cue, each line begins with its name or a dash.
		var parts []cue
		for _, line := range body {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(plainText(line)), "- "))
			if _, _, named := nameAndText(line); named || len(parts) == 0 {
				parts = append(parts, cue{text: line})
				continue
			}
			parts[len(parts)-1].text += " " + line
		}
		d.addVoices(start, end, parts)
	})
	d.namesFromText()
	return d, err
}

// blocks finds the cues: a line with an arrow, and the lines after it up to an empty one. What stands
// before the arrow, cue ids, NOTE, STYLE and REGION blocks alike, has no arrow and is passed over.
func blocks(lines []string, found func(start, end float64, body []string)) error {
	note := false
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "":
			note = false
			continue
		case line == "NOTE" || strings.HasPrefix(line, "NOTE "):
			note = true // its text may hold anything
			continue
		case note || !strings.Contains(line, "-->"):
			continue
		}
		start, end, err := timing(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		from := i + 1
		for i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" && !strings.Contains(lines[i+1], "-->") {
			i++
		}
		to := i + 1
		if i+1 < len(lines) && strings.Contains(lines[i+1], "-->") && to > from {
			// No empty line before the next cue: its number or id is not speech.
			to--
		}
		found(start, end, lines[from:to])
	}
	return nil
}

var (
	tag      = regexp.MustCompile(`<[^<>]*>`)
	voiceTag = regexp.MustCompile(`(?s)^<v(?:\.[^\s>]*)?[\s]+(.*)>$`)
	override = regexp.MustCompile(`\{\\[^}]*\}`) // positions, from other subtitle formats
)

// voices parts a cue's text by its voice spans. A span without an end reaches to the next.
func voices(s string) []cue {
	var parts []cue
	voice := ""
	say := func(text string) {
		text = html.UnescapeString(text)
		if n := len(parts); n > 0 && parts[n-1].voice == voice {
			parts[n-1].text += text
		} else if strings.TrimSpace(text) != "" {
			parts = append(parts, cue{voice: voice, text: text})
		}
	}
	for s != "" {
		at := tag.FindStringIndex(s)
		if at == nil {
			break
		}
		say(s[:at[0]])
		t := s[at[0]:at[1]]
		if m := voiceTag.FindStringSubmatch(t); m != nil {
			voice = strings.Join(strings.Fields(html.UnescapeString(m[1])), " ")
		} else if t == "</v>" {
			voice = ""
		}
		s = s[at[1]:]
	}
	say(s)
	return parts
}

// plainText takes markup out of a line.
func plainText(s string) string {
	return html.UnescapeString(override.ReplaceAllString(tag.ReplaceAllString(s, ""), ""))
}

// spoken brings a language tag to Whisper's code.
func spoken(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	switch {
	case base == "nb":
		return "no"
	case len(base) == 2 || len(base) == 3:
		return base
	}
	return ""
}
