package summarize_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/roster"
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
	m.Participants = readList(t, data.Participants, roster.Participants)
	m.Agenda = readList(t, data.Agenda, roster.Agenda)
	return m, readExample(t, data.Recording)
}

func readList[T any](t testing.TB, name string, parse func(io.Reader) ([]T, error)) []T {
	t.Helper()
	f, err := os.Open(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return list
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
