package summarize_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/subtitle"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const examples = "../examples"

// readExample reads one of the sample transcripts as the product does.
func readExample(t testing.TB, name string) *referent.Transcript {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	src := bytes.NewReader(data)
	format, err := subtitle.Sniff(src, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := subtitle.Parse(src, int64(len(data)), format)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// councilMeeting is the sample of a municipal meeting with its data, as a protocol.
func councilMeeting(t testing.TB) (*referent.Meeting, *referent.Transcript) {
	t.Helper()
	var data struct {
		Title, Place, Body, Kind, Language, Participants, Agenda, Recording string
		Start                                                               time.Time
	}
	raw, err := os.ReadFile(filepath.Join(examples, "formannskapet.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &data); err != nil {
		t.Fatal(err)
	}
	m := &referent.Meeting{Title: data.Title, Place: data.Place, Body: data.Body, Start: data.Start,
		Kind: referent.Kind(data.Kind), Language: referent.Language(data.Language)}
	roster, err := os.Open(filepath.Join(examples, data.Participants))
	if err != nil {
		t.Fatal(err)
	}
	defer roster.Close()
	r := csv.NewReader(roster)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		m.Participants = append(m.Participants, referent.Participant{Name: row[0], Role: row[1], Party: row[2], Absent: row[3] == "ja"})
	}
	agenda, err := os.ReadFile(filepath.Join(examples, data.Agenda))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(agenda)) {
		f := strings.Fields(line)
		if len(f) > 2 && strings.Contains(f[1], "/") {
			m.Agenda = append(m.Agenda, referent.AgendaItem{Number: f[0] + " " + f[1], Title: strings.Join(f[2:], " ")})
		} else {
			m.Agenda = append(m.Agenda, referent.AgendaItem{Title: strings.Join(f, " ")})
		}
	}
	return m, readExample(t, data.Recording)
}

// staffMeeting is the sample of an internal meeting in nynorsk, without a roster.
func staffMeeting(t testing.TB) (*referent.Meeting, *referent.Transcript) {
	t.Helper()
	return &referent.Meeting{Title: "Statusmøte i innbyggjartenesta", Start: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Kind: referent.KindReferat, Language: referent.Nynorsk}, readExample(t, "statusmote-nynorsk.vtt")
}

// golden compares JSON with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
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
		t.Errorf("%s differs; read the new file after go test -update, as a secretary would:\n%s", name, got)
	}
}
