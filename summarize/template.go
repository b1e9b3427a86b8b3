package summarize

import (
	"strings"

	"github.com/referent/referent"
)

// templateWords say to a model, in each form, what a template adds.
var templateWords = map[referent.Language]struct{ headings, also string }{
	referent.Bokmal: {"Bruk i items disse overskriftene, ordrett, for det som hører hjemme under dem. Ble det ikke sagt noe som hører hjemme der, lar du overskriften være. Annet får temaet som overskrift:",
		"Organisasjonen ber om dette. Det endrer ingenting av det som står over:"},
	referent.Nynorsk: {"Bruk i items desse overskriftene, ordrett, for det som høyrer heime under dei. Vart det ikkje sagt noko som høyrer heime der, lèt du overskrifta vere. Anna får temaet som overskrift:",
		"Organisasjonen ber om dette. Det endrar ikkje noko av det som står over:"},
}

// templateText is what an organisation's own template adds to the prompt: its headings with what belongs
// under them, then its instructions, masked by v. It follows the fixed rules and is checked by package
// templates; the checks of the answer are the same with and without it. "": there is nothing to add.
func templateText(t *referent.Template, form referent.Language, v *veil) string {
	if t == nil || !t.Has(form) {
		return ""
	}
	var b strings.Builder
	for _, s := range t.Written() {
		if b.Len() == 0 {
			b.WriteString("\n\n" + templateWords[form].headings)
		}
		b.WriteString("\n- " + v.mask(quiet(s.Heading.In(form))))
		if about := quiet(s.Instruction.In(form)); about != "" {
			b.WriteString(": " + v.mask(about))
		}
	}
	if about := strings.TrimSpace(t.Instructions.In(form)); about != "" {
		b.WriteString("\n\n" + templateWords[form].also + "\n" + v.mask(about))
	}
	return b.String()
}

// templateTexts are the words of a template that templateText masks.
func templateTexts(t *referent.Template, form referent.Language) []string {
	if t == nil || !t.Has(form) {
		return nil
	}
	texts := []string{strings.TrimSpace(t.Instructions.In(form))}
	for _, s := range t.Written() {
		texts = append(texts, quiet(s.Heading.In(form)), quiet(s.Instruction.In(form)))
	}
	return texts
}
