package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asticode/go-astisub"
	"github.com/referent/referent"
	"github.com/referent/referent/export"
	"github.com/referent/referent/export/pdf/pdftest"
	"github.com/referent/referent/export/schema"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/transcribe/subtitle"
	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t testing.TB, f func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func minutesAs(t testing.TB, mi *referent.Minutes, tr *referent.Transcript, format string) []byte {
	t.Helper()
	return minutesBy(t, export.Renderer{}, mi, tr, nil, format)
}

func minutesBy(t testing.TB, r export.Renderer, mi *referent.Minutes, tr *referent.Transcript, m *referent.Meeting, format string) []byte {
	t.Helper()
	return render(t, func(w io.Writer) error { return r.Minutes(w, mi, tr, m, format) })
}

func transcriptAs(t testing.TB, tr *referent.Transcript, m *referent.Meeting, format string) []byte {
	t.Helper()
	return render(t, func(w io.Writer) error { return export.Renderer{}.Transcript(w, tr, m, format) })
}

// sample is a meeting that uses every part of a document, in both forms and as every kind.
func sample(l referent.Language, k referent.Kind) (*referent.Minutes, *referent.Transcript, *referent.Meeting) {
	n := func(i int) *int { return &i }
	day := func(s string) *string { return &s }
	tr := &referent.Transcript{Schema: referent.TranscriptSchema, Language: "no", Coverage: 1,
		Recording: referent.Recording{SHA256: strings.Repeat("a", 64), Size: 10, Duration: 4000},
		Speakers:  []referent.Speaker{{ID: "S1", Name: "Kari Nordmann"}, {ID: "S2"}},
		Segments: []referent.Segment{
			{ID: "s1", Start: 0.5, End: 4.25, Speaker: "S1", Text: "Sak 12/25 om nye båtplasser.", Quality: referent.Quality{OK: true},
				Words: []referent.Word{{Text: "Sak", Start: 0.5, End: 1, Probability: 0.9}}},
			{ID: "s2", Start: 221.4, End: 230, Speaker: "S2", Text: "Det koster 250 000 kroner.", Quality: referent.Quality{Reasons: []string{"low-probability"}}},
			{ID: "s3", Start: 3821, End: 3825.999, Text: "Ingen vet hvem som sa dette.", Quality: referent.Quality{OK: true}},
		}}
	mi := &referent.Minutes{Schema: referent.MinutesSchema, Label: referent.DraftLabel, Kind: k, Language: l, Title: "Møte i havnestyret",
		Date: "2026-11-24", Place: "Rådhuset", Present: []string{"Kari Nordmann", "Ola Lunde"}, Absent: []string{"Per Strand"},
		Items: []referent.Item{{Heading: "PS 12/25 Nye båtplasser", Points: []referent.Point{}},
			{Heading: "Vedtak", Points: []referent.Point{{Text: "Det koster 250 000 kroner.", Evidence: []string{"s2"}}}},
			{Heading: "Eventuelt", Points: []referent.Point{{Text: `Kari sa "takk for i år".`, Evidence: []string{"s3"}}}}},
		Decisions: []referent.Decision{{Text: "Havnen får tolv nye båtplasser.", Case: "PS 12/25", Evidence: []string{"s1", "s3"}}},
		Actions: []referent.ActionItem{{Task: "Sende brev.", Owner: "Kari Nordmann", Due: day("2026-12-01"), Status: "påbegynt", Evidence: []string{"s2"}},
			{Task: "Ringe.", Owner: "", Evidence: []string{"s3"}}},
		Votes: []referent.Vote{{Case: "PS 12/25", Proposal: "Utsettes.", For: n(3), Against: n(8), Outcome: "falt", ForMembers: []string{"Ola Lunde"},
			AgainstMembers: []string{}, ForParties: []string{"Sp"}, AgainstParties: []string{"Ap", "H"}, Alternative: "Saken behandles i dag.", Evidence: []string{"s3"}},
			{Case: "PS 12/25", Proposal: "Havnen får tolv nye båtplasser", For: n(5), Against: n(5), Blank: n(1), Outcome: "vedtatt", DoubleVote: true, ForMembers: []string{}, AgainstMembers: []string{},
				Faults: []string{"10 stemmer av 11."}, Evidence: []string{"s1"}}},
		Cases: []referent.Case{{Name: "PS 12/25 Nye båtplasser", Recommendation: &referent.Point{Text: "Havnen får ti plasser.", Evidence: []string{"s1"}},
			Proposals: []referent.Proposal{{Text: "Saken utsettes", By: []string{"Ola Lunde (Sp)"}, Evidence: []string{"s3"}}, {Text: "Saken avvises.", Evidence: []string{"s3"}}},
			Closed:    &referent.Closed{Basis: "kommuneloven § 11-5 andre ledd", Evidence: []string{"s2"}}}},
		Movements: []referent.Movement{{Name: "Ola Lunde", What: referent.MovementDisqualified, Case: "PS 12/25", Evidence: []string{"s1"}},
			{Name: "Per Strand", What: referent.MovementArrived, Clock: "10.45", Evidence: []string{"s2"}}},
		NextMeeting:    &referent.NextMeeting{Date: day("2026-12-10"), Time: "10.00", Place: "Rådhuset", Text: "Neste møte er 10. desember.", Evidence: []string{"s3"}},
		NeedsReview:    []referent.ReviewItem{{Text: "Utsettes – falt.", Reason: "Skal bekreftes.", Evidence: []string{"s3"}}},
		PossiblyMissed: []referent.Point{{Text: "Noe mer.", Evidence: []string{"s3"}}},
		Missing:        []string{"Møtested"},
		Provenance:     referent.Provenance{Writer: "llm", Model: "modell-1", PromptSHA256: strings.Repeat("b", 64), Created: time.Date(2026, 11, 24, 12, 5, 0, 0, time.UTC)}}
	return mi, tr, &referent.Meeting{Title: mi.Title, Kind: k, Language: l, Body: "Havnestyret", Start: time.Date(2026, 11, 24, 10, 30, 0, 0, time.UTC),
		Participants: []referent.Participant{{Name: "Kari Nordmann", Role: "møteleder", Party: "H"}, {Name: "Ola Lunde", Role: "nestleder", Party: "Sp"},
			{Name: "Per Strand", Role: "leder", Absent: true}, {Name: "Liv Dahl", Role: "møtesekretær"}}}
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		l referent.Language
		k referent.Kind
	}{{referent.Bokmal, referent.KindReferat}, {referent.Nynorsk, referent.KindReferat}, {referent.Bokmal, referent.KindProtocol},
		{referent.Nynorsk, referent.KindProtocol}, {referent.Nynorsk, referent.KindCareNote}, {referent.Bokmal, referent.KindDictate}} {
		mi, tr, m := sample(c.l, c.k)
		for _, f := range []string{"md", "html", "txt"} {
			compare(t, string(c.k)+"."+string(c.l)+"."+f, minutesBy(t, export.Renderer{}, mi, tr, m, f))
		}
		if c.k == referent.KindReferat && c.l == referent.Bokmal {
			for _, f := range export.TranscriptFormats() {
				if f == "docx" || f == "pdf" {
					continue // TestTranscriptDocument and TestPDFSaysWhatTheDOCXSays open them
				}
				compare(t, "transcript."+f, transcriptAs(t, tr, m, f))
			}
		}
	}
}

// A meeting of which the day alone is known did not begin at midnight.
func TestDateWithoutTime(t *testing.T) {
	_, tr, m := sample(referent.Bokmal, referent.KindReferat)
	m.Start = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if md := string(transcriptAs(t, tr, m, "md")); !strings.Contains(md, "24.\u00a0november 2026\n") || strings.Contains(md, "kl.") {
		t.Errorf("%s", md)
	}
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", name, got)
	}
}

func TestUnknownFormat(t *testing.T) {
	mi, tr, m := sample(referent.Bokmal, referent.KindReferat)
	var b bytes.Buffer
	for _, err := range []error{export.Renderer{}.Minutes(&b, mi, tr, m, "odt"), export.Renderer{}.Transcript(&b, tr, m, "odt"),
		export.Renderer{}.Minutes(&b, nil, tr, m, "md"), export.Renderer{}.Transcript(&b, nil, m, "md")} {
		if referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%v", err)
		}
	}
	if b.Len() > 0 {
		t.Error("something was written all the same")
	}
}

// A full disk is the caller's error, unchanged, in every format.
func TestFailingWriter(t *testing.T) {
	full := errors.New("no space left")
	w := writerFunc(func([]byte) (int, error) { return 0, full })
	mi, tr, m := sample(referent.Bokmal, referent.KindReferat)
	for _, f := range export.MinutesFormats() {
		if err := (export.Renderer{}).Minutes(w, mi, tr, m, f); !errors.Is(err, full) {
			t.Errorf("minutes %s: %v", f, err)
		}
	}
	for _, f := range export.TranscriptFormats() {
		if err := (export.Renderer{}).Transcript(w, tr, m, f); !errors.Is(err, full) {
			t.Errorf("transcript %s: %v", f, err)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `</style><script>x</script>`, `</title><script>x</script>`,
	"[klikk](javascript:alert(1))", "![x](http://example.com/x.png)", "http://example.com <http://example.com>", "&lt;script&gt;",
	"```\n<script>\n```", "\n\n<script>x</script>\n\n", "| a | b |\n|---|---|", "{{.Label}}", "# overskrift", "1. punkt", "- punkt",
	"[s1]: http://example.com", "\\<script>", "`<b>`", "*a* _b_ ~~c~~ $x$ ^y^", "--> 00:00 \n\n00:00:01.000 --> 00:00:02.000\nfalsk", "<v Falsk>hei</v>",
	"]]>", "\x00\x01\x0b", "\u2028\u202e", "\xff\xfe",
}

// Nothing that a meeting brings in becomes markup: a page holds the elements of its layout and no other,
// and shows each hostile text as it was written.
func TestHostileTextStaysText(t *testing.T) {
	for _, h := range hostile {
		for _, kind := range referent.Kinds {
			mi, tr, _ := sample(referent.Bokmal, kind)
			want := elements(t, minutesAs(t, mi, tr, "html"))
			mi.Title, mi.Place, mi.Present = "T "+h, "P "+h, []string{"N " + h}
			mi.Items[0].Heading, mi.Cases[0].Name, mi.Decisions[0].Case, mi.Items[1].Points[0].Text = "H "+h, "H "+h, "H "+h, h
			mi.Decisions[0].Text, mi.Actions[0].Task, mi.Actions[0].Owner = "D "+h, "O "+h, h
			mi.Cases[0].Proposals[1].Text, mi.Cases[0].Closed.Basis, mi.Movements[0].Name, mi.Votes[1].Faults[0] = h, "B "+h, h, h
			mi.Votes[0].Proposal, mi.NeedsReview[0].Text, mi.NextMeeting.Place = h, h, h
			mi.Provenance.Model = h
			mi.Items[1].Points[0].Evidence = []string{"s1", h}
			page := minutesAs(t, mi, tr, "html")
			got := elements(t, page)
			if !slices.Equal(got, want) {
				t.Errorf("%q as %s: elements %v, want %v", h, kind, got, want)
			}
			if shown := asShown(h); !strings.Contains(text(t, page), shown) {
				t.Errorf("%q as %s: is not shown as written", h, kind)
			}
			wellFormed(t, minutesAs(t, mi, tr, "docx"))
			pdftest.Read(t, minutesAs(t, mi, tr, "pdf"))
		}
	}
}

// asShown is a text on one line, with what no document can hold replaced.
func asShown(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")
	return strings.NewReplacer("\x00", "\ufffd", "\x01", "\ufffd").Replace(s)
}

// elements lists the elements of a page in order, with their attributes' names.
func elements(t *testing.T, page []byte) []string {
	t.Helper()
	var out []string
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			s := tok.Data
			for _, a := range tok.Attr {
				s += " " + a.Key
			}
			out = append(out, s)
		}
	}
}

func text(t *testing.T, page []byte) string {
	t.Helper()
	var b strings.Builder
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
		}
	}
}

func wellFormed(t *testing.T, docx []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(data)
		if strings.HasPrefix(f.Name, "word/media/") {
			continue
		}
		d := xml.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s is not well-formed: %v", f.Name, err)
			}
		}
	}
	return parts
}

func TestPageIsWhole(t *testing.T) {
	for l, label := range map[referent.Language]string{referent.Bokmal: referent.DraftLabel, referent.Nynorsk: "Utkast laga ved hjelp av KI – må kontrollerast"} {
		code := string(l)
		mi, tr, _ := sample(l, referent.KindReferat)
		page := string(minutesAs(t, mi, tr, "html"))
		for _, want := range []string{`<html lang="` + code + `">`, `<meta name="generator" content="Referent">`, `<meta name="ai-label" content="` + label + `">`,
			`<meta name="ai-model" content="modell-1">`, "<main>", `<th scope="col">`, "<strong>" + label + "</strong>", "[s2 03:41]", "[s3 1:03:41]"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", code, want)
			}
		}
		if strings.Contains(page, "style=") || strings.Contains(page, "<script") || strings.Contains(page, "href=") || strings.Contains(page, "src=") {
			t.Errorf("%s: inline style, script or address", code)
		}
	}
}

func TestDOCX(t *testing.T) {
	mi, tr, _ := sample(referent.Nynorsk, referent.KindReferat)
	const label = "Utkast laga ved hjelp av KI – må kontrollerast"
	first := minutesAs(t, mi, tr, "docx")
	if !bytes.Equal(first, minutesAs(t, mi, tr, "docx")) {
		t.Error("the same minutes give other bytes")
	}
	parts := wellFormed(t, first)
	for _, f := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml", "word/numbering.xml", "docProps/core.xml", "docProps/custom.xml"} {
		if parts[f] == "" {
			t.Errorf("no %s", f)
		}
	}
	doc := parts["word/document.xml"]
	for _, want := range []string{"Oppgåve", "Ansvarleg", "Frist", "Status", "01.12.2026", label, `<w:tblHeader/>`} {
		if !strings.Contains(doc, want) {
			t.Errorf("the document holds no %s", want)
		}
	}
	// Every style that is used is defined.
	for rest := doc; ; {
		_, after, ok := strings.Cut(rest, `Style w:val="`)
		if !ok {
			break
		}
		id, tail, _ := strings.Cut(after, `"`)
		if rest = tail; !strings.Contains(parts["word/styles.xml"], `w:styleId="`+id+`"`) {
			t.Errorf("style %s is not defined", id)
		}
	}
	// Every part that is referred to is there, with a content type of its own.
	for _, target := range []string{"styles.xml", "numbering.xml", "settings.xml", "footer1.xml", "header1.xml"} {
		if parts["word/"+target] == "" || !strings.Contains(parts["word/_rels/document.xml.rels"], target) || !strings.Contains(parts["[Content_Types].xml"], "/word/"+target) {
			t.Errorf("%s is not tied in", target)
		}
	}
	if !strings.Contains(parts["docProps/core.xml"], label) || !strings.Contains(parts["docProps/custom.xml"], "modell-1") || !strings.Contains(parts["word/styles.xml"], `w:lang w:val="nn-NO"`) {
		t.Error("label, model or language is not in the properties")
	}
}

// What is written as subtitles reads back: by our own reader and by a library.
func TestSubtitlesReadBack(t *testing.T) {
	_, tr, m := sample(referent.Bokmal, referent.KindReferat)
	for _, h := range hostile {
		tr.Segments = append(tr.Segments, referent.Segment{ID: "h" + h, Start: 3900, End: 3901, Speaker: "S1", Text: "A " + h + " B"})
	}
	vtt := transcriptAs(t, tr, m, "vtt")
	src := bytes.NewReader(vtt)
	format, err := subtitle.Sniff(src, int64(len(vtt)))
	if err != nil || format != subtitle.WebVTT {
		t.Fatalf("format %q, %v", format, err)
	}
	back, err := subtitle.Parse(src, int64(len(vtt)), format)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Segments) != len(tr.Segments) {
		t.Fatalf("%d segments of %d come back", len(back.Segments), len(tr.Segments))
	}
	for i, s := range back.Segments[:3] {
		want := tr.Segments[i]
		if text, mark, _ := strings.Cut(s.Text, " ["); text != want.Text || (mark != "") == want.Quality.OK || s.Start != want.Start || s.End != want.End || back.SpeakerName(s.Speaker) != tr.SpeakerName(want.Speaker) {
			t.Errorf("segment %d comes back as %+v", i, s)
		}
	}
	srt, err := astisub.ReadFromSRT(bytes.NewReader(transcriptAs(t, tr, m, "srt")))
	if err != nil || len(srt.Items) != len(tr.Segments) {
		t.Fatalf("%d items, %v", len(srt.Items), err)
	}
	if it := srt.Items[1]; it.StartAt != 221400*time.Millisecond || it.EndAt != 230*time.Second || it.String() != "S2: Det koster 250 000 kroner. [usikkert]" {
		t.Errorf("%v %v %q", it.StartAt, it.EndAt, it.String())
	}
	if n := strings.Count(string(transcriptAs(t, tr, m, "txt")), "\n"); n != len(tr.Segments) {
		t.Errorf("%d lines of text for %d segments", n, len(tr.Segments))
	}
}

func TestWrittenFilesObeyTheSchemas(t *testing.T) {
	w := summarize.New(summarize.Config{})
	for _, k := range referent.Kinds {
		mi, tr, m := sample(referent.Bokmal, k)
		if err := schema.Validate(minutesAs(t, mi, tr, "json")); err != nil {
			t.Errorf("%s: %v", k, err)
		}
		m.Kind = k
		for _, tr := range []*referent.Transcript{tr, {Schema: referent.TranscriptSchema}} {
			made, err := w.Write(t.Context(), m, tr, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(minutesAs(t, made, tr, "json")); err != nil {
				t.Errorf("%s, as the built-in writer makes it: %v", k, err)
			}
			if err := schema.Validate(transcriptAs(t, tr, m, "json")); err != nil {
				t.Errorf("transcript: %v", err)
			}
		}
	}
	if schema.Validate([]byte(`{"schema":"referent/minutes/1"}`)) == nil || schema.Validate([]byte(`{"schema":"referent/transcript/1","segments":null}`)) == nil {
		t.Error("the schemas let anything pass")
	}
	if err := schema.Validate([]byte(`{"schema":"../schema.go"}`)); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("a schema that does not exist: %v", err)
	}
}

// minutes.json and transcript.json are the structs: reading them back loses nothing.
func TestJSONReadsBack(t *testing.T) {
	mi, tr, m := sample(referent.Nynorsk, referent.KindProtocol)
	var again referent.Minutes
	data := minutesAs(t, mi, tr, "json")
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, minutesAs(t, &again, tr, "json")) {
		t.Error("minutes.json changes when it is read and written")
	}
	var back referent.Transcript
	data = transcriptAs(t, tr, m, "json")
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, transcriptAs(t, &back, m, "json")) {
		t.Error("transcript.json changes when it is read and written")
	}
}
