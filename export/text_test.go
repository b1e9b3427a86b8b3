package export_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/templates"
)

// marked gives every statement of the minutes a word of its own, so that it is found again wherever it stands.
func marked(mi *referent.Minutes) (words int) {
	mark := func(s *string) {
		*s = fmt.Sprintf("alfa%domega ", words) + *s
		words++
	}
	for i := range mi.Items {
		for j := range mi.Items[i].Points {
			mark(&mi.Items[i].Points[j].Text)
		}
	}
	for i := range mi.Decisions {
		mark(&mi.Decisions[i].Text)
	}
	for i := range mi.Actions {
		mark(&mi.Actions[i].Task)
	}
	for i := range mi.Votes {
		mark(&mi.Votes[i].Proposal)
	}
	for i := range mi.Movements {
		mark(&mi.Movements[i].Name)
	}
	for i := range mi.Missing {
		mark(&mi.Missing[i])
	}
	for i := range mi.NeedsReview {
		mark(&mi.NeedsReview[i].Text)
	}
	for i := range mi.PossiblyMissed {
		mark(&mi.PossiblyMissed[i].Text)
	}
	mi.NextMeeting.Date = nil
	mark(&mi.NextMeeting.Text)
	return words
}

var (
	markedWord = regexp.MustCompile(`alfa\d+omega`)
	mdHeading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	markup     = regexp.MustCompile("(?m)[#*|>`\\\\\\[\\]]|^\\s*[-+=]|^---|\u00a0")
)

// The text says what the other forms say, in the same order, each statement on a line of its own, whatever the kind
// and the template: and it has no sign of markup, no hard space, no trailing one.
func TestTextSaysTheSame(t *testing.T) {
	renderers := map[referent.Kind]export.Renderer{
		"prosjektmote": {Templates: catalogue(t, string(templates.Example))},
		"bare":         {Templates: catalogue(t, fmt.Sprintf(bare, referent.KindReferat, "{source: signatures, heading: {nb: Navn, nn: Namn}, signers: [{nb: Leder, nn: Leiar}]}"))},
	}
	for _, k := range referent.Kinds {
		renderers[k] = export.Renderer{}
	}
	for kind, r := range renderers {
		for _, l := range []referent.Language{referent.Bokmal, referent.Nynorsk} {
			mi, tr, m := sample(l, kind)
			mi.Items = append(mi.Items, referent.Item{Heading: "Havna om vinteren", Points: []referent.Point{{Text: "Isen ligger.", Evidence: []string{"s1"}}, {Text: "Den går.", Evidence: []string{"s1"}}}})
			words := marked(mi)
			md, txt := string(minutesBy(t, r, mi, tr, m, "md")), string(minutesBy(t, r, mi, tr, m, "txt"))
			want, got := markedWord.FindAllString(md, -1), markedWord.FindAllString(txt, -1)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: the statements stand as %v, in Markdown as %v", kind, l, got, want)
			}
			if all := slices.Compact(slices.Sorted(slices.Values(got))); len(all) != words {
				t.Errorf("%s, %s: %d of %d statements", kind, l, len(all), words)
			}
			lines := strings.Split(txt, "\n")
			at := 0
			for _, h := range mdHeading.FindAllStringSubmatch(md, -1) {
				heading := strings.NewReplacer(`\`, "", "\u00a0", " ").Replace(h[1])
				next := slices.Index(lines[at:], heading)
				if next < 0 {
					t.Fatalf("%s, %s: no line for the heading %q after line %d of\n%s", kind, l, heading, at, txt)
				}
				at += next + 1
			}
			for _, line := range lines {
				if n := len(markedWord.FindAllString(line, -1)); n > 1 || strings.TrimRight(line, " ") != line {
					t.Errorf("%s, %s: %d statements on the line %q", kind, l, n, line)
				}
			}
			if sign := markup.FindString(txt); sign != "" {
				t.Errorf("%s, %s: %q in\n%s", kind, l, sign, txt)
			}
			if strings.Contains(txt, "s3 1:03:41") {
				t.Errorf("%s, %s: tells where it was said, which nobody can look up", kind, l)
			}
		}
	}
}

// A task is one line with its owner and its due date; a vote is told in words; themes have no numbers but their own.
func TestTextReads(t *testing.T) {
	mi, tr, m := sample(referent.Nynorsk, referent.KindReferat)
	mi.Items[1].Heading = "Havna"
	mi.Items = append(mi.Items, referent.Item{Heading: "3. Isen", Points: []referent.Point{{Text: "Isen ligg."}}})
	txt := string(minutesBy(t, export.Renderer{}, mi, tr, m, "txt"))
	for _, want := range []string{"Utkast laga ved hjelp av KI – må kontrollerast\n\nMøte i havnestyret\nMøtereferat\n\n", "\nHavna\n– Det koster 250 000 kroner.\n\n3. Isen\n– Isen ligg.\n",
		"\n– Kari Nordmann: Sende brev. Frist: 01.12.2026. Status: påbegynt.\n", "\n– Ikkje sagt: Ringe. Frist: –. Status: Open.\n",
		"\n– PS 12/25: «Utsettes»: falt. Sett opp mot «Saken behandles i dag», som fekk røystene mot. For røysta: Ola Lunde. For røysta partigruppene: Sp. Mot røysta partigruppene: Ap, H. For: 3. Mot: 8. Blankt: –.\n",
		"\n– PS 12/25: «Havnen får tolv nye båtplasser»: vedtatt. Dobbeltrøysta til møteleiaren avgjorde. For: 5. Mot: 5. Blankt: 1. – 10 stemmer av 11.\n",
		"\nLaga med språkmodellen modell-1. Laga 24. november 2026 kl. 12.05 UTC.\n"} {
		if !strings.Contains(txt, want) {
			t.Errorf("no %q in\n%s", want, txt)
		}
	}
}

// What was not said of a vote has a dash in its place, and nothing else stands there.
func TestVoteOfWhichLittleIsKnown(t *testing.T) {
	for l, want := range map[referent.Language][]string{
		referent.Bokmal: {"\n– PS 12/25: «Utsettes». Resultat: –. Satt opp mot «Saken behandles i dag», som fikk stemmene mot. For stemte: Ola Lunde. For stemte partigruppene: Sp. Mot stemte partigruppene: Ap, H. For: –. Mot: –. Blankt: –.\n",
			"\n– PS 12/25: Forslag: –. Resultat: vedtatt. Møtelederens dobbeltstemme avgjorde. For: –. Mot: 5. Blankt: 1. – 10 stemmer av 11.\n", "\n– «Avvises». Resultat: –. For: –. Mot: –. Blankt: –.\n"},
		referent.Nynorsk: {"\n– PS 12/25: «Utsettes». Resultat: –. Sett opp mot «Saken behandles i dag», som fekk røystene mot. ",
			"\n– PS 12/25: Framlegg: –. Resultat: vedtatt. Dobbeltrøysta til møteleiaren avgjorde. For: –. Mot: 5. Blankt: 1. – "},
	} {
		mi, tr, m := sample(l, referent.KindReferat)
		mi.Votes[0].Outcome, mi.Votes[0].For, mi.Votes[0].Against = " ", nil, nil
		mi.Votes[1].Proposal, mi.Votes[1].For = "", nil
		mi.Votes = append(mi.Votes, referent.Vote{Proposal: "Avvises."})
		txt := string(minutesBy(t, export.Renderer{}, mi, tr, m, "txt"))
		for _, w := range want {
			if !strings.Contains(txt, w) {
				t.Errorf("%s: no %q in\n%s", l, w, txt)
			}
		}
		if strings.Contains(txt, "  ") {
			t.Errorf("%s: two spaces in\n%s", l, txt)
		}
	}
}

// The forms that show nothing of the transcript are the same without it.
func TestFormsWithoutTranscript(t *testing.T) {
	mi, tr, m := sample(referent.Bokmal, referent.KindProtocol)
	for f, cites := range map[string]bool{"json": false, "txt": false, "md": true, "html": true} {
		with, without := minutesBy(t, export.Renderer{}, mi, tr, m, f), minutesBy(t, export.Renderer{}, mi, nil, m, f)
		if same := string(with) == string(without); same == cites {
			t.Errorf("%s: the same without the transcript: %v", f, same)
		}
	}
}

// A draft says so in its first line, also when it came without the label; what is approved says by whom at its end.
func TestTextApproval(t *testing.T) {
	mi, tr, m := sample(referent.Bokmal, referent.KindReferat)
	mi.Label = ""
	if txt := string(minutesBy(t, export.Renderer{}, mi, tr, m, "txt")); !strings.HasPrefix(txt, referent.DraftLabel+"\n") {
		t.Errorf("no label:\n%s", txt)
	}
	mi.Approval = &referent.Approval{By: "Kari <Nordmann>", At: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	txt := string(minutesBy(t, export.Renderer{}, mi, tr, m, "txt"))
	if strings.Contains(txt, referent.DraftLabel) || !strings.HasPrefix(txt, "Møte i havnestyret\n") || !strings.HasSuffix(txt, "\n\nGodkjent av Kari <Nordmann> 25. november 2026\nLaget med språkmodellen modell-1. Laget 24. november 2026 kl. 12.05 UTC.\n") {
		t.Errorf("approved:\n%s", txt)
	}
}

// textWith is minutes as text with s wherever a meeting brings in words.
func textWith(t testing.TB, k referent.Kind, s string) string {
	mi, tr, m := sample(referent.Bokmal, k)
	mi.Title, mi.Place, mi.Present, m.Body = "T "+s, "P "+s, []string{"N " + s}, "U "+s
	mi.Items[0].Heading, mi.Cases[0].Name, mi.Decisions[0].Case, mi.Items[1].Points[0].Text = "H "+s, "H "+s, "H "+s, "I "+s
	mi.Decisions[0].Text, mi.Actions[0].Task, mi.Actions[0].Owner = "D "+s, "O "+s, "E "+s
	mi.Cases[0].Proposals[1].Text, mi.Cases[0].Closed.Basis, mi.Movements[0].Name, mi.Votes[1].Faults[0] = "F "+s, "B "+s, "M "+s, "G "+s
	mi.Votes[0].Proposal, mi.NeedsReview[0].Text, mi.NextMeeting.Place, mi.Provenance.Model = "V "+s, "R "+s, "S "+s, "L "+s
	return string(minutesBy(t, export.Renderer{}, mi, tr, m, "txt"))
}

// What a meeting brings in stays on its line: it makes none of its own, takes none away, and cannot turn the
// direction of what comes after it. The label stays first.
func checkText(t *testing.T, s string) {
	t.Helper()
	for _, k := range referent.Kinds {
		txt := textWith(t, k, s)
		if n, want := strings.Count(txt, "\n"), strings.Count(textWith(t, k, "x"), "\n"); n != want {
			t.Errorf("%q as %s: %d lines, want %d:\n%s", s, k, n, want, txt)
		}
		if bad := strings.IndexFunc(txt, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); bad >= 0 || !utf8.ValidString(txt) {
			t.Errorf("%q as %s: a sign that does something, or no UTF-8, at %d", s, k, bad)
		}
		if !strings.HasPrefix(txt, referent.DraftLabel+"\n\nT") {
			t.Errorf("%q as %s: does not begin with the label:\n%.200s", s, k, txt)
		}
	}
}

func TestHostileTextStaysOnItsLine(t *testing.T) {
	for _, s := range append(slices.Clone(hostile), "\u202eabc\u2067def\u200f", "\u2028\u2029\u0085\v\f\r") {
		checkText(t, s)
	}
	if txt := textWith(t, referent.KindReferat, "<b>*a* _b_ # 1. | &amp;"); !strings.Contains(txt, "\n– I <b>*a* _b_ # 1. | &amp;\n") {
		t.Errorf("a text is not shown as it was written:\n%s", txt)
	}
}

func FuzzMinutesText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkText(t, s) })
}
