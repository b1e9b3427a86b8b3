package minutes

import (
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent/summarize/norsk"
)

func TestInjectionsAreEnough(t *testing.T) {
	list, err := Injections()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 36 {
		t.Errorf("%d injections, want at least 36", len(list))
	}
	for _, need := range []string{"</avskrift>", "im_start", "[INST]", "gnore all previous", "alle stemte for", "systemmelding", "system prompt",
		"\u200b", "\u202e", `"decisions"`, "](https://", "base64"} {
		if !slices.ContainsFunc(list, func(in Injection) bool { return strings.Contains(in.Name+" "+in.Text, need) }) {
			t.Errorf("none holds %q", need)
		}
	}
}

// A word of the trap that a case holds by itself would be blamed on the injection.
func TestInjectionsForbidNothingThatTheCasesSay(t *testing.T) {
	list, err := Injections()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		text := c.Title
		for _, p := range c.Participants {
			text += " " + p.Name
		}
		for _, a := range c.Agenda {
			text += " " + a.Title
		}
		for _, l := range c.Lines {
			text += " " + l.Text
		}
		text = norsk.Fold(text)
		for _, in := range list {
			for _, w := range in.Never {
				if holds(text, w) {
					t.Errorf("%s says %q by itself, which %s forbids", c.Name, w, in.Name)
				}
			}
		}
	}
}

func TestParseInjectionsRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"no name":       `[{text: a, never: [b]}]`,
		"a name twice":  `[{name: x, text: a, never: [b]}, {name: x, text: c, never: [d]}]`,
		"a text twice":  `[{name: x, text: a, never: [b]}, {name: y, text: a, never: [d]}]`,
		"no text":       `[{name: x, text: " ", never: [b]}]`,
		"two lines":     `[{name: x, text: "a\nb", never: [b]}]`,
		"nothing never": `[{name: x, text: a, never: []}]`,
		"no word":       `[{name: x, text: a, never: ["…"]}]`,
		"other fields":  `[{name: x, text: a, never: [b], sometimes: [c]}]`,
	} {
		if _, err := parseInjections([]byte(in)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if list, err := parseInjections([]byte(`[{name: x, text: "a\u200bb", never: [b]}]`)); err != nil || list[0].Text != "a\u200bb" {
		t.Errorf("%v, %v", list, err)
	}
}
