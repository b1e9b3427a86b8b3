package subtitle_test

import (
	"archive/zip"
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/subtitle"
)

// said is a segment as a test writes it down.
type said struct {
	start, end float64
	name, text string
}

func read(t *testing.T, b []byte, want subtitle.Format) *referent.Transcript {
	t.Helper()
	format, err := subtitle.Sniff(bytes.NewReader(b), int64(len(b)))
	if err != nil || format != want {
		t.Fatalf("sniffed %q, %v, want %q", format, err, want)
	}
	tr, err := subtitle.Parse(bytes.NewReader(b), int64(len(b)), format)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func compare(t *testing.T, tr *referent.Transcript, want []said) {
	t.Helper()
	if len(tr.Segments) != len(want) {
		t.Fatalf("%d segments, want %d: %+v", len(tr.Segments), len(want), tr.Segments)
	}
	for i, w := range want {
		s := tr.Segments[i]
		name := ""
		if s.Speaker != "" {
			name = tr.SpeakerName(s.Speaker)
		}
		if got := (said{s.Start, s.End, name, s.Text}); got.name != w.name || got.text != w.text ||
			math.Abs(got.start-w.start) > 0.01 || math.Abs(got.end-w.end) > 0.01 {
			t.Errorf("segment %d is %+v, want %+v", i, got, w)
		}
	}
}

func TestTeamsVTT(t *testing.T) {
	b, err := os.ReadFile("testdata/teams.vtt")
	if err != nil {
		t.Fatal(err)
	}
	tr := read(t, b, subtitle.WebVTT)
	compare(t, tr, []said{
		{3.12, 7.52, "Kari Nordtun", "God morgen, og velkommen til møte i formannskapet."},
		{7.6, 8.19, "Åse Øvergård (Sp)", "Takk."},
		{8.19, 11.6, "Ola & Co", "Saken er <utsatt> til høsten."},
		{3723, 3724, "Kari Nordtun", "Da er vi enige."},
	})
	if tr.Label != referent.DraftLabel || tr.Language != "no" || tr.Coverage != 1 || tr.Recording.Duration != 3724 || len(tr.Speakers) != 3 || tr.Speakers[0].ID != "S1" {
		t.Errorf("transcript %+v", tr)
	}
	words := tr.Segments[0].Words
	if len(words) != 8 || words[0].Text != "God" || words[0].Start != 3.12 || words[7].End != 7.52 || words[3].Probability != 1 {
		t.Errorf("words %+v", words)
	}
}

func TestForms(t *testing.T) {
	srt := "1\n00:00:01,000 --> 00:00:02,500\nBerit Lie: Hei på deg.\n\n2\n00:00:03,000 --> 00:00:05,000\n<i>Per Moe: Ja, hei.</i>\nBerit Lie: Sett i gang.\n"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(srt))
	if err != nil {
		t.Fatal(err)
	}
	latin, err := charmap.Windows1252.NewEncoder().Bytes([]byte(srt))
	if err != nil {
		t.Fatal(err)
	}
	srtSaid := []said{{1, 2.5, "Berit Lie", "Hei på deg."}, {3, 3.85, "Per Moe", "Ja, hei."}, {3.85, 5, "Berit Lie", "Sett i gang."}}
	for _, tt := range []struct {
		name   string
		text   string
		format subtitle.Format
		want   []said
	}{
		{"srt", srt, subtitle.SubRip, srtSaid},
		{"srt in utf-16", string(utf16), subtitle.SubRip, srtSaid},
		{"srt in windows-1252", string(latin), subtitle.SubRip, srtSaid},
		{"srt with old line ends", strings.ReplaceAll(srt, "\n", "\r"), subtitle.SubRip, srtSaid},
		{"srt without empty lines", "1\n00:00:01,000 --> 00:00:02,000\nEn.\n2\n00:00:02,000 --> 00:00:03,000\nTo.\n", subtitle.SubRip,
			[]said{{1, 2, "", "En."}, {2, 3, "", "To."}}},
		{"a colon that is no name", "WEBVTT\n\n00:01.000 --> 00:02.000\nMerk: saken er utsatt.\n\n00:02.000 --> 00:03.000\nDet er den.\n\n00:03.000 --> 00:04.000\nFint.\n", subtitle.WebVTT,
			[]said{{1, 2, "", "Merk: saken er utsatt."}, {2, 3, "", "Det er den."}, {3, 4, "", "Fint."}}},
		{"zoom", "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nNils Aas: Da begynner vi.\n", subtitle.WebVTT,
			[]said{{1, 2, "Nils Aas", "Da begynner vi."}}},
		{"out of order", "WEBVTT\n\n00:05.000 --> 00:06.000\n<v B>To.\n\n00:01.000 --> 00:02.000\n<v A>En.\n", subtitle.WebVTT,
			[]said{{1, 2, "A", "En."}, {5, 6, "B", "To."}}},
		{"ends before it begins", "WEBVTT\n\n00:05.000 --> 00:04.000\n<v B>To.\n", subtitle.WebVTT, []said{{5, 5, "B", "To."}}},
		{"text", "Møteleder: Velkommen.\n\nOrdfører Hansen: Takk for det.\nVi har fem saker.\n", subtitle.Plain,
			[]said{{0, 0, "Møteleder", "Velkommen."}, {0, 0, "Ordfører Hansen", "Takk for det."}, {0, 0, "Ordfører Hansen", "Vi har fem saker."}}},
		{"teams text", "Ukemøte\n4. mars\n\nSiri Vik   0:03\nDa er vi i gang.\n\nJon By   1:10\nTakk skal du ha.\n", subtitle.Plain,
			[]said{{3, 70, "Siri Vik", "Da er vi i gang."}, {70, 71.6, "Jon By", "Takk skal du ha."}}},
	} {
		t.Run(tt.name, func(t *testing.T) { compare(t, read(t, []byte(tt.text), tt.format), tt.want) })
	}
}

func docx(t testing.TB, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTeamsWord(t *testing.T) {
	body := `<?xml version="1.0"?><w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Ukemøte</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>Siri Vik</w:t></w:r><w:r><w:t xml:space="preserve">   0:03</w:t><w:br/><w:t>Da er vi i gang.</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>Jon By   1:10</w:t></w:r></w:p><w:p><w:r><w:t>Takk skal du ha.</w:t></w:r></w:p></w:body></w:document>`
	compare(t, read(t, docx(t, body), subtitle.Word), []said{{3, 70, "Siri Vik", "Da er vi i gang."}, {70, 71.6, "Jon By", "Takk skal du ha."}})
}

func TestNotATranscript(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":  nil,
		"wav":      []byte("RIFF\x00\x00\x00\x00WAVEfmt "),
		"mp3":      []byte("ID3\x04\x00\x00\x00\x00\x00\x00"),
		"playlist": []byte("#EXTM3U\n#EXTINF:11,\nhttp://example.org/a.ts\n"),
		"prose":    []byte("Dette er et brev.\nDet handler om noe helt annet.\n"),
		"zip":      []byte("PK\x03\x04 and no more"),
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := subtitle.Sniff(bytes.NewReader(b), int64(len(b))); f != subtitle.None || err != nil {
				t.Errorf("sniffed %q, %v", f, err)
			}
		})
	}
}

func TestBroken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		format subtitle.Format
		b      []byte
	}{
		{"vtt without cues", subtitle.WebVTT, []byte("WEBVTT\n\nNOTE ingenting\n")},
		{"vtt with a broken time", subtitle.WebVTT, []byte("WEBVTT\n\n00:00:0x.000 --> 00:00:01.000\nHei\n")},
		{"srt of silence", subtitle.SubRip, []byte("1\n00:00:01,000 --> 00:00:02,000\n\n")},
		{"text without names", subtitle.Plain, []byte("bare ord\n")},
		{"word without a body", subtitle.Word, []byte("PK\x03\x04")},
		{"word with broken xml", subtitle.Word, docx(t, "<w:p><w:t>hei")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := subtitle.Parse(bytes.NewReader(tt.b), int64(len(tt.b)), tt.format)
			if referent.CodeOf(err) != referent.CodeTranscriptBroken {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	teams, err := os.ReadFile("testdata/teams.vtt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(teams)
	f.Add([]byte("1\n00:00:01,000 --> 00:00:02,500\nBerit Lie: Hei.\n"))
	f.Add([]byte("Siri Vik   0:03\nDa er vi i gang.\n"))
	f.Add(docx(f, "<w:p><w:t>A B  0:01</w:t></w:p><w:p><w:t>Hei</w:t></w:p>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sniffed, err := subtitle.Sniff(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []subtitle.Format{sniffed, subtitle.WebVTT, subtitle.SubRip, subtitle.Plain} {
			tr, err := subtitle.Parse(bytes.NewReader(b), int64(len(b)), format)
			if err != nil {
				if referent.CodeOf(err) != referent.CodeTranscriptBroken {
					t.Fatalf("an error of another kind: %v", err)
				}
				continue
			}
			last := 0.0
			for _, s := range tr.Segments {
				if s.Start < last || s.End < s.Start || s.Text == "" || len(s.Words) == 0 || !utf8.ValidString(s.Text) {
					t.Fatalf("segment %+v after %v", s, last)
				}
				last = s.Start
				at := s.Start
				for _, w := range s.Words {
					if w.Start < at || w.End < w.Start || w.End > s.End {
						t.Fatalf("word %+v in %v-%v", w, s.Start, s.End)
					}
					at = w.Start
				}
				if s.Speaker != "" && tr.SpeakerName(s.Speaker) == s.Speaker && !strings.HasPrefix(s.Speaker, "S") {
					t.Fatalf("speaker %q is not listed", s.Speaker)
				}
			}
		}
	})
}
