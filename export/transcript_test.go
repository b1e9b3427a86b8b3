package export_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/export/schema"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/speakers"
)

// council is a transcript with all that telling speakers apart gives.
func council() (*referent.Transcript, *referent.Meeting) {
	_, tr, m := sample(referent.Bokmal, referent.KindReferat)
	tr.SpeakersBy = referent.SpeakersByVoice
	tr.Quality = referent.QualitySummary{Speech: 30, Covered: 29, Doubtful: 21.4, Reasons: map[string]float64{"loop": 21.4}}
	tr.Segments[0].Others = []string{"S2"}
	tr.Segments[0].Words[0].Heard = "Sakk"
	tr.Turns = []referent.Turn{{Speaker: "S1", Start: 0.4, End: 4.3}, {Speaker: "S2", Start: 3, End: 4}, {Speaker: "S2", Start: 221.4, End: 230}}
	tr.Corrections = []referent.Correction{{Segment: "s1", Word: 0, Words: 1, From: "Sakk", To: "Sak", Reason: "agenda", Score: 0.9}}
	return tr, m
}

// Whoever reads a transcript sees who speaks, who else does, and what may be wrong: in every format that
// has a place for it.
func TestTranscriptTellsWhoAndHowSure(t *testing.T) {
	tr, m := council()
	for format, want := range map[string][]string{
		"md":   {"**Kari Nordmann**", "*(samtidig: S2)*", "*(usikkert)*", "- 22 s kunne ikke gjengis sikkert."},
		"html": {"<strong>Kari Nordmann:</strong>", "samtidig: S2", "usikkert", "22 s kunne ikke gjengis sikkert.", `<html lang="nb">`, `name="ai-label"`},
		"vtt":  {"<v Kari Nordmann>Sak 12/25 om nye båtplasser. [samtidig: S2]</v>", "[usikkert]", "NOTE\n" + referent.DraftLabel + "\n22 s kunne ikke gjengis sikkert.\n\n"},
		"srt":  {"Kari Nordmann: Sak 12/25 om nye båtplasser. [samtidig: S2]", "[usikkert]"},
		"docx": {"Kari Nordmann: ", "samtidig: S2", "usikkert", "22 s kunne ikke gjengis sikkert.", referent.DraftLabel},
	} {
		out := transcriptAs(t, tr, m, format)
		if format == "docx" {
			out = []byte(wellFormed(t, out)["word/document.xml"])
		}
		for _, w := range want {
			if !bytes.Contains(out, []byte(w)) {
				t.Errorf("%s holds no %q:\n%s", format, w, out)
			}
		}
	}
	if words := string(transcriptAs(t, tr, m, "txt")); strings.Contains(words, "Kari") || strings.Contains(words, "samtidig") {
		t.Errorf("txt is more than the words: %s", words)
	}
	m.Language = referent.Nynorsk
	if md := string(transcriptAs(t, tr, m, "md")); !strings.Contains(md, "samstundes: S2") || !strings.Contains(md, "attgjevast") {
		t.Errorf("nynorsk: %s", md)
	}
}

// A name that a person gives afterwards stands in every format, as text.
func TestRenamingShowsInTheTranscript(t *testing.T) {
	tr, m := council()
	named, err := speakers.Rename(tr, "S2", "Ola & <b>Lunde</b>")
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{"md": `**Ola \& \<b\>Lunde\</b\>**`, "vtt": "<v Ola &amp; &lt;b&gt;Lunde&lt;/b&gt;>", "srt": "Ola & <b>Lunde</b>: Det",
		"html": "samtidig: Ola &amp; &lt;b&gt;Lunde&lt;/b&gt;", "json": `"name": "Ola & <b>Lunde</b>"`} {
		if out := string(transcriptAs(t, named, m, format)); !strings.Contains(out, want) {
			t.Errorf("%s holds no %q:\n%s", format, want, out)
		}
	}
}

func TestRemarksAboutSpeakers(t *testing.T) {
	for method, want := range map[referent.SpeakerMethod]bool{referent.SpeakersFailed: true, referent.SpeakersOff: true, referent.SpeakersByChannel: true,
		referent.SpeakersByVoice: false, referent.SpeakersFromText: false, "": false} {
		tr, m := council()
		tr.SpeakersBy = method
		if method == referent.SpeakersFailed || method == referent.SpeakersOff {
			tr.Speakers = nil
		}
		sentence := locale.T("nb", "speakers.method."+string(method))
		if method != "" && sentence == "speakers.method."+string(method) {
			t.Errorf("no sentence for %s", method)
		}
		if got := strings.Contains(string(transcriptAs(t, tr, m, "md")), sentence); method != "" && got != want {
			t.Errorf("%s: said %v, want %v", method, got, want)
		}
	}
	// Once a person has told them apart, it is no longer true.
	tr, m := council()
	tr.SpeakersBy = referent.SpeakersFailed
	if md := string(transcriptAs(t, tr, m, "md")); strings.Contains(md, locale.T("nb", "speakers.method.failed")) {
		t.Errorf("%s", md)
	}
}

// RTTM reads back as the turns, and tells neither names nor which file was heard.
func TestRTTM(t *testing.T) {
	tr, m := council()
	out := transcriptAs(t, tr, m, "rttm")
	const want = "SPEAKER recording 1 0.400 3.900 <NA> <NA> S1 <NA> <NA>\n" +
		"SPEAKER recording 1 3.000 1.000 <NA> <NA> S2 <NA> <NA>\n" +
		"SPEAKER recording 1 221.400 8.600 <NA> <NA> S2 <NA> <NA>\n"
	if string(out) != want {
		t.Errorf("%s", out)
	}
	turns, err := eval.ReadRTTM(bytes.NewReader(out))
	if err != nil || len(turns) != 3 {
		t.Errorf("%v, %v", turns, err)
	}
	// Without turns the segments tell; a speaker's id cannot break the line, and nobody is nobody.
	tr.Turns = nil
	tr.Segments[1].Speaker = "Ola Lunde\nSPEAKER x"
	got := string(transcriptAs(t, tr, m, "rttm"))
	if got != "SPEAKER recording 1 0.500 3.750 <NA> <NA> S1 <NA> <NA>\nSPEAKER recording 1 221.400 8.600 <NA> <NA> Ola_Lunde_SPEAKER_x <NA> <NA>\n" {
		t.Errorf("%s", got)
	}
	if tr.Segments = nil; len(transcriptAs(t, tr, m, "rttm")) != 0 {
		t.Error("nothing was said, and something is written")
	}
}

// Every field of the domain stands in the published schema.
func TestTranscriptWithAllFieldsObeysTheSchema(t *testing.T) {
	tr, m := council()
	if err := schema.Validate(transcriptAs(t, tr, m, "json")); err != nil {
		t.Error(err)
	}
	for about, spoil := range map[string]func(){
		"method":     func() { tr.SpeakersBy = "guess" },
		"turn":       func() { tr.Turns[0].Speaker = "" },
		"correction": func() { tr.Corrections[0].Words = 0 },
		"summary":    func() { tr.Quality.Doubtful = -1 },
		"others":     func() { tr.Segments[0].Others = []string{""} },
	} {
		tr, m = council()
		spoil()
		if schema.Validate(transcriptAs(t, tr, m, "json")) == nil {
			t.Errorf("%s: the schema lets it pass", about)
		}
	}
}

// Hostile words and names stay text in a transcript's page and document.
func TestTranscriptDocument(t *testing.T) {
	for _, h := range hostile {
		tr, m := council()
		want := elements(t, transcriptAs(t, tr, m, "html"))
		m.Title, tr.Segments[0].Text, tr.Speakers[0].Name, tr.Speakers[1].Name = "T "+h, "W "+h, "N "+h, "O "+h
		page := transcriptAs(t, tr, m, "html")
		if got := elements(t, page); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q: elements %v, want %v", h, got, want)
		}
		if shown := asShown(h); !strings.Contains(text(t, page), shown) {
			t.Errorf("%q is not shown as written", h)
		}
		wellFormed(t, transcriptAs(t, tr, m, "docx"))
	}
}
