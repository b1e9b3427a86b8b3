package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/net/html"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
	"github.com/referent/referent/locale"
)

// made is a report with everything in it.
func made(version string, when time.Time, wer float64) *report.Report {
	words, who := &eval.Errors{Substitutions: 3, Deletions: 1, Insertions: 2, Reference: 20}, &eval.SpeakerErrors{Missed: 2, FalseAlarm: 1, Confusion: 3, Reference: 25}
	return &report.Report{
		Schema: report.Schema, Version: version, Made: when, Seconds: 412, Normalisation: eval.Normalisation,
		Machine:  report.Machine{Platform: "linux/amd64", Processor: "Regnemaskin", Cores: 2, Native: "abc+v1.9.1", Go: "go1.26"},
		Settings: report.Settings{Model: "base", Mode: referent.ModeFast, Workers: 1, Threads: 2, Material: "m1"},
		Models:   []referent.ModelUse{{Role: "recognition", Name: "base", SHA256: "60ed", Engine: "whisper.cpp"}},
		Sets: []report.Set{{
			Name: corpus.SpeechNB, Recordings: 1, Seconds: 85.5,
			Measures: []report.Measure{{Name: report.WER, Value: wer, Interval: &eval.Interval{Low: wer - 0.05, High: wer + 0.05}}, {Name: report.Failures}},
			Files: []report.File{
				{Name: "speech-nb/king.mp3", Spoken: "no", Seconds: 85.5, Measures: []report.Measure{{Name: report.WER, Value: 0.3, Interval: &eval.Interval{Low: 0.2, High: 0.4}}}, Words: words},
				{Name: "speech-nb/borte.mp3", Spoken: "no", Failed: "audio_unreadable", Measures: []report.Measure{}},
			},
			Confusions: []report.Confusion{{From: "møte", To: "mote", Count: 2}, {To: "nei", Count: 1}, {From: "ja", Count: 1}},
			Worst: []report.Stretch{{File: "speech-nb/king.mp3", Start: 1.25, End: 65, Wrong: 3, Audio: "audio/speech-nb-1.wav",
				Pieces: []report.Piece{{From: "norge er", To: "norge er"}, {From: "oss", To: "<script>alert(1)</script>"}}}},
		}, {
			Name: corpus.Speakers, Note: "note", Recordings: 1, Seconds: 30,
			Measures: []report.Measure{{Name: report.DER, Value: 0.24}, {Name: report.Attribution, Value: 0.1}, {Name: report.FoundOff, Value: 0.5}},
			Files:    []report.File{{Name: "speakers/sample.wav", Seconds: 30, Beside: true, Measures: []report.Measure{{Name: report.DER, Value: 0.24}}, Speakers: who}},
			Worst: []report.Stretch{{File: "speakers/sample.wav", Start: 10, End: 20, Wrong: 4.25, Turns: []report.Track{
				{Reference: true, Speaker: "A", Regions: []eval.Region{{Start: 8, End: 12}}}, {Speaker: "1", Regions: []eval.Region{{Start: 11, End: 15}}}}}},
		}, {
			Name: corpus.Noise, Measures: []report.Measure{{Name: report.Invented, Value: 2}},
			Files: []report.File{{Name: "noise/hens.ogg", Spoken: "nn", Measures: []report.Measure{{Name: report.Invented, Value: 2}}}},
		}},
		Bars: []report.Bar{
			report.Bar{Set: corpus.Speakers, Measure: report.DER, Limit: 0.23, Below: true, Value: 0.24}.Check(),
			report.Bar{Set: corpus.SpeechNB, File: "speech-nb/king.mp3", Measure: report.WER, Limit: 0.3, Value: 0.3}.Check(),
			report.Bar{Set: "meeting", Measure: report.FoundExact, Limit: 1, Floor: true, Value: 1}.Check(),
		},
		Skipped: []report.Skipped{{Name: "formats", Reason: string(corpus.NoFolder)}, {Name: "noise/silero/test.wav", Reason: string(corpus.SpeechInside)}},
	}
}

var when = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func TestBars(t *testing.T) {
	for _, c := range []struct {
		bar  report.Bar
		want bool
	}{
		{report.Bar{Limit: 1, Value: 1}, true},
		{report.Bar{Limit: 1, Value: 1.01}, false},
		{report.Bar{Limit: 1, Value: 1, Below: true}, false},
		{report.Bar{Limit: 1, Value: 0.99, Below: true}, true},
		{report.Bar{Limit: 1, Value: 0.99, Floor: true}, false},
		{report.Bar{Limit: 1, Value: 1, Floor: true}, true},
	} {
		if got := c.bar.Check().Met; got != c.want {
			t.Errorf("%+v: %v", c.bar, got)
		}
	}
	r := made("v1", when, 0.3)
	if r.Met() {
		t.Error("a missed bar is not seen")
	}
	r.Bars = r.Bars[1:]
	if !r.Met() {
		t.Error("all bars are met")
	}
}

// What is written is as the schema says, and is read back the same.
func TestWriteRead(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(b []byte) error {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	var b bytes.Buffer
	if err := made("v1", when, 0.3).Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := validate(b.Bytes()); err != nil {
		t.Errorf("the report departs from its schema: %v", err)
	}
	if validate(bytes.Replace(b.Bytes(), []byte(`"wer"`), []byte(`"wher"`), 1)) == nil {
		t.Error("an unknown measure passes")
	}
	r, err := report.Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := r.Write(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("read and written again it differs (%v)", err)
	}
	for _, bad := range []string{"", "[]", `{"schema":"referent/transcript/1"}`} {
		if _, err := report.Read(strings.NewReader(bad)); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func page(t *testing.T, lang string, r *report.Report, earlier ...*report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Page(&b, lang, r, earlier); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPage(t *testing.T) {
	for _, lang := range locale.Languages {
		text := page(t, lang, made("v1", when, 0.3))
		doc, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ids, links, labels := map[string]bool{}, []string{}, []string{}
		for n := range doc.Descendants() {
			if n.Type == html.TextNode && n.Parent.Data != "style" && strings.Contains(n.Data, "eval.") {
				t.Errorf("%s: %q has no text", lang, strings.TrimSpace(n.Data))
			}
			if n.Type != html.ElementNode {
				continue
			}
			for _, a := range n.Attr {
				switch {
				case a.Key == "id" && ids[a.Val]:
					t.Errorf("%s: id %q twice", lang, a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				case a.Key == "href":
					links = append(links, strings.TrimPrefix(a.Val, "#"))
				case a.Key == "aria-labelledby":
					labels = append(labels, a.Val)
				case a.Key == "src" && !strings.HasPrefix(a.Val, "audio/"):
					t.Errorf("%s: the page needs %s", lang, a.Val)
				}
			}
			if n.Data == "script" || n.Data == "link" {
				t.Errorf("%s: there is a <%s>", lang, n.Data)
			}
		}
		for _, id := range append(links, labels...) {
			if !ids[id] {
				t.Errorf("%s: nothing has id %q", lang, id)
			}
		}
		for _, want := range []string{`<audio controls preload="none" src="audio/speech-nb-1.wav"`, "<del>oss</del>", "&lt;script&gt;", `class="missed"`, "king.mp3", "60ed"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
	}
	text := page(t, locale.Bokmal, made("v1", when, 0.3))
	for _, want := range []string{"1 av 3 krav er ikke nådd.", "30,0 %", "25,0 % til 35,0 %", "under 23,0 %", "10,0 prosentpoeng", "0,50", "noise/hens.ogg (nn)", "erstattet: 3", "oversett: 2,0 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Only runs of the same material, model and mode are drawn, oldest first.
func TestTrends(t *testing.T) {
	now := made("v3", when, 0.25)
	other := made("ikke-denne", when.Add(-time.Hour), 0.9)
	other.Settings.Mode = referent.ModeThorough
	elsewhere := made("heller-ikke", when.Add(-time.Hour), 0.9)
	elsewhere.Settings.Material = "m2"
	text := page(t, locale.English, now, made("v2", when.Add(-24*time.Hour), 0.3), other, elsewhere, made("v1", when.Add(-48*time.Hour), 0.35), now)
	if strings.Contains(text, "ikke-denne") || strings.Contains(text, "heller-ikke") {
		t.Error("runs are drawn that cannot be compared")
	}
	first, second, third := strings.Index(text, "v1 · "), strings.Index(text, "v2 · "), strings.Index(text, "v3 · ")
	if first < 0 || first >= second || second >= third {
		t.Errorf("versions stand at %d, %d, %d", first, second, third)
	}
	start := strings.Index(text, "<polyline")
	line := text[start : start+strings.Index(text[start:], "/>")]
	if strings.Count(line, ",") != 3 {
		t.Errorf("the line is %s", line)
	}
	if n := strings.Count(text, "<polyline"); n != 3 { // wer, der, invented
		t.Errorf("%d trends", n)
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		lang, measure string
		value         float64
		want          string
	}{
		{"nb", report.WER, 0.3256, "32,6 %"},
		{"en", report.WER, 0.3256, "32.6 %"},
		{"en", report.Attribution, -0.01, "-1.0 points"},
		{"nn", report.TimeP95, 0.1834, "183 ms"},
		{"nb", report.Invented, 3, "3"},
		{"nb", report.PerMinute, 1.5, "1,50"},
		{"nb", "noe nytt", 3, "3"},
	} {
		if got := report.Format(c.lang, c.measure, c.value); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.measure, got, c.want)
		}
	}
}
