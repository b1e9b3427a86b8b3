package summarize

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
)

//go:embed prompts/*.txt
var promptFiles embed.FS

//go:embed answer.schema.json
var answerSchema []byte

// Schema returns the JSON schema that a model's answer for one part of a meeting must obey. Evidence is
// the numbers of the lines the model was shown.
func Schema() []byte { return slices.Clone(answerSchema) }

// prompt is what a model is told, the same for every part of a meeting.
type prompt struct {
	system string
	hash   string // SHA-256 of all that is not the meeting's own: what is asked, and the answer's schema
}

func newPrompt(m *referent.Meeting) (prompt, error) {
	head := extract.Head(m)
	form := string(head.Language)
	system, err := promptFiles.ReadFile("prompts/system." + form + ".txt")
	if err != nil {
		return prompt{}, referent.E(referent.CodeInternal, "summarize: read prompt", err)
	}
	kinds, err := promptFiles.ReadFile("prompts/kinds." + form + ".txt")
	if err != nil {
		return prompt{}, referent.E(referent.CodeInternal, "summarize: read prompt", err)
	}
	text := strings.TrimSpace(string(system))
	for line := range strings.Lines(string(kinds)) {
		if about, ok := strings.CutPrefix(line, string(head.Kind)+": "); ok {
			text += "\n\n" + strings.TrimSpace(about)
		}
	}
	sum := sha256.Sum256(slices.Concat([]byte(text), []byte{0}, answerSchema))
	return prompt{system: text, hash: hex.EncodeToString(sum[:])}, nil
}

// line is one numbered line that a model is shown: a segment, or a piece of one too long for a part.
type line struct {
	segment int // index in the transcript; shown as the number after it
	text    string
}

// message is the user message for one part: what is known of the meeting, then the transcript between
// marks. A mark inside the text loses its brackets, so that nobody can close it by saying so.
func message(m *referent.Meeting, part []line) string {
	var b strings.Builder
	if !m.Start.IsZero() {
		fmt.Fprintf(&b, "Møtedato: %s\n", m.Start.Format("2006-01-02"))
	}
	if m.Body != "" {
		fmt.Fprintf(&b, "Utvalg: %s\n", quiet(m.Body))
	}
	if len(m.Agenda) > 0 {
		b.WriteString("Saksliste:\n")
		for _, a := range m.Agenda {
			fmt.Fprintf(&b, "- %s\n", quiet(strings.TrimSpace(a.Number+" "+a.Title)))
		}
	}
	b.WriteString("\n<avskrift>\n")
	for _, l := range part {
		b.WriteString(l.text)
		b.WriteByte('\n')
	}
	b.WriteString("</avskrift>\n")
	return b.String()
}

// quiet makes text one line without angle brackets.
func quiet(s string) string {
	return strings.NewReplacer("<", "‹", ">", "›").Replace(strings.Join(strings.Fields(s), " "))
}

// render is a segment as a model sees it: "12 Kari Nordmann: Da går vi videre."
func render(number int, speaker, text string) string {
	s := strconv.Itoa(number)
	if speaker = quiet(speaker); speaker != "" {
		s += " " + speaker + ":"
	}
	return s + " " + quiet(text)
}
