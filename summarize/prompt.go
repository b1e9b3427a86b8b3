package summarize

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
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

// boundSchema is the schema as servers get it: without what is for people, and some servers refuse.
var boundSchema = regexp.MustCompile(`(?m)^\s*"(\$schema|title)":.*\n`).ReplaceAll(answerSchema, nil)

// sentSchema is boundSchema as it stands in a request, where JSON has no room between its signs.
var sentSchema = func() string {
	var b bytes.Buffer
	if err := json.Compact(&b, boundSchema); err != nil {
		panic(err) // the schema is embedded
	}
	return b.String()
}()

// prompt is what a model is told, the same for every part of a meeting.
type prompt struct {
	system string
	own    []string // what of system stands in this program, and not in a template
	mark   string   // between marks of this name stands what was said
	hash   string   // SHA-256 of all that is not the meeting's own: what is asked, and the answer's schema
}

// markPlace stands in the prompt files where the mark is named.
const markPlace = "{mark}"

// newPrompt makes the prompt for a meeting with this head and these lines, masked by v as they are.
func newPrompt(m *referent.Meeting, head string, lines []line, v *veil) (prompt, error) {
	kind := extract.Head(m)
	form := string(kind.Language)
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
		if about, ok := strings.CutPrefix(line, string(kind.Kind)+": "); ok {
			text += "\n\n" + strings.TrimSpace(about)
		}
	}
	asked := text + templateText(m.Template, kind.Language, nil)
	sum := sha256.Sum256(slices.Concat([]byte(asked), []byte{0}, answerSchema))
	p := prompt{mark: markOf(head, lines), hash: hex.EncodeToString(sum[:])}
	text = strings.ReplaceAll(text, markPlace, p.mark)
	p.system = text + templateText(m.Template, kind.Language, v)
	p.own = []string{text, templateWords[kind.Language].headings, templateWords[kind.Language].also}
	return p, nil
}

// markOf names the marks around a meeting's transcript. It follows from all of the text, so that nobody who
// speaks in the meeting can know it, and a repeated run has the same. It is letters alone: digits would
// look like a number to be masked.
func markOf(head string, lines []line) string {
	h := sha256.New()
	io.WriteString(h, head) // a hash takes everything
	for _, l := range lines {
		io.WriteString(h, "\n"+l.String())
	}
	mark := []byte("avskrift-")
	for _, b := range h.Sum(nil)[:8] {
		mark = append(mark, "bcdfghjklmnpqrst"[b%16])
	}
	return string(mark)
}

// headOf is what a model is told of the meeting, before the transcript.
func headOf(m *referent.Meeting) string {
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
			fmt.Fprintf(&b, "- %s\n", quiet(a.Number+" "+a.Title))
		}
	}
	return b.String()
}

// message is the user message for one part: what is known of the meeting, then the transcript between its
// marks. Nothing between them has angle brackets, so that nobody can close them by saying so.
func (p *prompt) message(head string, part []line) string {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("\n<" + p.mark + ">\n")
	for _, l := range part {
		b.WriteString(l.String())
		b.WriteByte('\n')
	}
	b.WriteString("</" + p.mark + ">\n")
	return b.String()
}

// quiet makes text one line without angle brackets.
func quiet(s string) string {
	return strings.NewReplacer("<", "‹", ">", "›").Replace(strings.Join(strings.Fields(s), " "))
}

// String is the line as a model sees it: "12 Kari Nordmann: Da går vi videre."
func (l line) String() string {
	s := strconv.Itoa(l.segment + 1)
	if l.who != "" {
		s += " " + l.who + ":"
	}
	return s + " " + l.words
}
