package roster_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/roster"
)

func TestParticipants(t *testing.T) {
	want := []referent.Participant{
		{Name: "Åse Lund", Role: "ordfører", Party: "Sp"},
		{Name: "Per Øvre", Party: "Ap"},
	}
	for name, text := range map[string]string{
		"header, semicolon":   "Navn;Rolle;Parti\nÅse Lund;ordfører;Sp\nPer Øvre;;Ap\n",
		"header, comma":       "name,role,party\nÅse Lund,ordfører,Sp\nPer Øvre,,Ap\n",
		"header, other order": "\ufeffParti\tNavn\tRolle\r\nSp\tÅse Lund\tordfører\r\nAp\tPer Øvre\t\r\n",
		"no header":           "Åse Lund;ordfører;Sp\nPer Øvre;;Ap",
		"pasted":              "Åse Lund (Sp), ordfører\n\nPer Øvre (Ap)\n",
		"JSON":                `[{"name":"Åse Lund","role":"ordfører","party":"Sp"},{"name":" Per  Øvre ","party":"Ap"}]`,
		"Excel":               "Navn;Rolle;Parti\n\xc5se Lund;ordf\xf8rer;Sp\nPer \xd8vre;;Ap\n",
	} {
		got, err := roster.Participants(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	got, err := roster.Participants(strings.NewReader("navn;forfall\nA;x\nB;\n"))
	if err != nil || len(got) != 2 || !got[0].Absent || got[1].Absent {
		t.Errorf("forfall: got %+v, %v", got, err)
	}
	if got, err := roster.Participants(strings.NewReader("")); err != nil || len(got) != 0 {
		t.Errorf("empty: got %+v, %v", got, err)
	}
}

func TestAgenda(t *testing.T) {
	want := []referent.AgendaItem{{Number: "PS 12/25", Title: "Budsjett"}, {Number: "13/25", Title: "Ny skole"}, {Title: "Eventuelt"}}
	for name, text := range map[string]string{
		"pasted":  "PS 12/25 Budsjett\n13/25: Ny skole\n\n- Eventuelt\n",
		"JSON":    `[{"number":"PS 12/25","title":"Budsjett"},{"number":"13/25","title":"Ny skole"},{"title":"Eventuelt"}]`,
		"strings": `["PS 12/25 Budsjett", "13/25 Ny skole", "Eventuelt"]`,
		"CSV":     "Saksnr;Tittel\nPS 12/25;Budsjett\n13/25;Ny skole\n;Eventuelt\n",
	} {
		got, err := roster.Agenda(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	got, err := roster.Agenda(strings.NewReader("1. Åpning\n2) Økonomi\nSak 3 Status\n10 000 kroner til lag"))
	wantNumbers := []referent.AgendaItem{{Number: "1", Title: "Åpning"}, {Number: "2", Title: "Økonomi"}, {Number: "Sak 3", Title: "Status"}, {Title: "10 000 kroner til lag"}}
	if err != nil || !reflect.DeepEqual(got, wantNumbers) {
		t.Errorf("numbers: got %+v, %v", got, err)
	}
}

func TestBadListsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"binary":    "a\x00b",
		"JSON":      `[{"navn":"x"}]`,
		"cut JSON":  `[{"name":"x"`,
		"no name":   `[{"role":"x"}]`,
		"too large": strings.Repeat("x", roster.MaxBytes+1),
		"too many":  strings.Repeat("x\n", roster.MaxEntries+1),
		"too long":  strings.Repeat("x", 600),
	} {
		if _, err := roster.Participants(strings.NewReader(text)); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("participants, %s: got %v", name, err)
		}
	}
	for name, text := range map[string]string{"too many": strings.Repeat("x\n", 501), "too long": strings.Repeat("x", 600), "JSON": `[{"x":1}]`} {
		if _, err := roster.Agenda(strings.NewReader(text)); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("agenda, %s: got %v", name, err)
		}
	}
}

func FuzzLists(f *testing.F) {
	for _, s := range []string{"Navn;Parti\nA;B", `["a"]`, "A (B), c", "PS 1/25 X", "\xff\xfe", "\"a;b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		people, err := roster.Participants(strings.NewReader(text))
		if err != nil && referent.CodeOf(err) != referent.CodeInvalid {
			t.Fatalf("code of %v", err)
		}
		for _, p := range people {
			if p.Name == "" || !utf8.ValidString(p.Name) || strings.ContainsAny(p.Name, "\n\r\x00") {
				t.Fatalf("name %q", p.Name)
			}
		}
		items, err := roster.Agenda(strings.NewReader(text))
		if err != nil && referent.CodeOf(err) != referent.CodeInvalid {
			t.Fatalf("code of %v", err)
		}
		for _, it := range items {
			if it.Title == "" && it.Number == "" {
				t.Fatal("an empty case")
			}
		}
	})
}
