package summarize_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
)

// threeHours is a sitting of three hours: some 27,000 words by twelve speakers in speeches of all lengths,
// one of them without a full stop for minutes.
func threeHours(*testing.T) *referent.Transcript {
	sentences := []string{
		"Vi har et budsjett som ikke går i hop, og det må vi ta på alvor.",
		"Skolene i bygda er mer enn bygninger, de er steder der folk møtes.",
		"Da går vi videre til neste sak på kartet.",
		"Jeg viser til rådmannens innstilling og til det som ble sagt i utvalget.",
		"Det er 1 200 elever i kommunen, og tallet går ned med 3,5 prosent hvert år.",
		"Representanten Haugen tok feil da hun sa at pengene var brukt opp.",
	}
	tr := &referent.Transcript{Schema: referent.TranscriptSchema}
	for i := range 12 {
		tr.Speakers = append(tr.Speakers, referent.Speaker{ID: fmt.Sprintf("S%d", i+1), Name: fmt.Sprintf("Taler %s", string(rune('A'+i)))})
	}
	at := 0.0
	for i := 0; at < 3*3600; i++ {
		var b strings.Builder
		for k := range 1 + (i*7)%5 {
			fmt.Fprintf(&b, "%s ", sentences[(i+k*k)%len(sentences)])
		}
		text := strings.TrimSpace(b.String())
		if i == 400 {
			text = strings.Repeat("og så kom vi til det vi egentlig skulle si noe om ", 120)
		}
		length := float64(len(text)) / 15
		tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: at, End: at + length,
			Speaker: tr.Speakers[(i/9)%12].ID, Text: text, Quality: referent.Quality{OK: true}})
		at += length
	}
	return tr
}

// storting reads sittings of the Storting, one after the other, from the evaluation data, if that is there.
func storting(t *testing.T) *referent.Transcript {
	t.Helper()
	files, err := filepath.Glob("../../shared/eval/minutes/storting/*_transcription.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("SKIPPED: the sittings of the Storting are not here (../shared/eval/minutes/storting)")
	}
	tr := &referent.Transcript{Schema: referent.TranscriptSchema}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		rows := csv.NewReader(f)
		rows.LazyQuotes = true
		all, err := rows.ReadAll()
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		column := slices.Index(all[0], "text_bm")
		for _, r := range all[1:] {
			if strings.TrimSpace(r[column]) != "" {
				tr.Segments = append(tr.Segments, referent.Segment{ID: fmt.Sprintf("s%d", len(tr.Segments)+1), Text: r[column], Quality: referent.Quality{OK: true}})
			}
		}
	}
	return tr
}

// A long sitting goes through a small context in parts: each word is read once, in its order, and no
// request is larger than the context, however the server counts and whether or not it says so.
func TestLongSitting(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		read       func(*testing.T) *referent.Transcript
	}{
		{"three hours", "llama.cpp", threeHours},
		{"three hours", "vllm", threeHours},
		{"three hours", "ollama", threeHours},
		{"storting", "llama.cpp", storting},
	} {
		t.Run(c.name+" "+c.kind, func(t *testing.T) {
			tr := c.read(t)
			r := &reader{t: t}
			var heard strings.Builder
			s := &aServer{t: t, kind: c.kind, context: 8192, told: true}
			s.reply = func(lines []string) string {
				for _, l := range lines {
					_, words, _ := strings.Cut(l, ": ")
					if words == "" || tr.Speakers == nil {
						_, words, _ = strings.Cut(l, " ")
					}
					heard.WriteString(words + " ")
				}
				return r.read(lines)
			}
			e := s.start()
			m := &referent.Meeting{Title: "Møte", Kind: referent.KindReferat, Language: referent.Bokmal, Start: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
			got, err := keyed().Write(t.Context(), m, tr, e, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.all(len(tr.Segments))
			var said strings.Builder
			for _, seg := range tr.Segments {
				said.WriteString(seg.Text + " ")
			}
			want := strings.Fields(strings.NewReplacer("<", "‹", ">", "›").Replace(said.String()))
			if words := strings.Fields(heard.String()); len(words) != len(want) || strings.Join(words, " ") != strings.Join(want, " ") {
				t.Errorf("%d words were read, of %d", len(words), len(want))
			}
			if got.Provenance.Parts != len(s.requests()) {
				t.Errorf("%d answers, %d of them used: something was read in vain", len(s.requests()), got.Provenance.Parts)
			}
			t.Logf("%d segments, %d words, %d parts, %d prompt tokens", len(tr.Segments), len(want), got.Provenance.Parts, got.Provenance.PromptTokens)
		})
	}
}
