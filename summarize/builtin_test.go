package summarize_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/summarize/norsk"
)

func fixedNow() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func TestBuiltinGolden(t *testing.T) {
	council, councilText := councilMeeting(t)
	internal := *council
	internal.Kind = referent.KindReferat
	staff, staffText := staffMeeting(t)
	for _, c := range []struct {
		file string
		m    *referent.Meeting
		t    *referent.Transcript
	}{
		{"formannskapet.protokoll.json", council, councilText},
		{"formannskapet.referat.json", &internal, councilText},
		{"statusmote-nynorsk.json", staff, staffText},
	} {
		t.Run(c.file, func(t *testing.T) {
			w := summarize.New(summarize.Config{Now: fixedNow})
			first, err := w.Write(t.Context(), c.m, c.t, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, c.file, first)
			second, err := w.Write(t.Context(), c.m, c.t, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(first)
			b, _ := json.Marshal(second)
			if !bytes.Equal(a, b) {
				t.Error("a repeated run gives other minutes")
			}
		})
	}
}

// Every word the built-in writer states as fact stands in the segments it cites, in the name of who
// spoke, or is one of the few words a document adds.
func TestBuiltinInventsNothing(t *testing.T) {
	// Sp is how the roster has Senterpartiet.
	added := strings.Fields("forslag fra og sp innstilling framlegg frå tilråding tatt teken til orientering")
	council, councilText := councilMeeting(t)
	staff, staffText := staffMeeting(t)
	for _, c := range []struct {
		m *referent.Meeting
		t *referent.Transcript
	}{{council, councilText}, {staff, staffText}} {
		cited := map[string]string{}
		for _, s := range c.t.Segments {
			cited[s.ID] = norsk.Fold(c.t.SpeakerName(s.Speaker) + " " + s.Text)
		}
		check := func(text string, evidence []string) {
			source := slices.Clone(added)
			for _, id := range evidence {
				source = append(source, strings.Fields(cited[id])...)
			}
			for _, w := range strings.Fields(norsk.Fold(text)) {
				if !slices.Contains(source, w) {
					t.Errorf("%q: %q is not in %v", text, w, evidence)
				}
			}
		}
		out, err := summarize.New(summarize.Config{}).Write(t.Context(), c.m, c.t, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Decisions) < 2 || len(out.Actions) < 4 || out.NextMeeting == nil {
			t.Errorf("%d decisions, %d actions", len(out.Decisions), len(out.Actions))
		}
		for _, d := range out.Decisions {
			check(d.Text, d.Evidence)
		}
		for _, it := range out.Items {
			if it.Heading == "Votering" {
				continue // adds how the result is worded; the vote itself is checked below
			}
			for _, p := range it.Points {
				check(p.Text, p.Evidence)
			}
		}
		for _, v := range out.Votes {
			check(v.Proposal, v.Evidence)
			check(strings.Join(slices.Concat(v.ForMembers, v.AgainstMembers), " "), v.Evidence)
		}
		for _, a := range out.Actions {
			_, task, _ := strings.Cut(a.Task, " ") // the first word is turned to the infinitive
			check(strings.ReplaceAll(task, " og gi ", " og gir "), a.Evidence)
			first, _, _ := strings.Cut(a.Owner, " ") // the roster may add the last name
			check(first, a.Evidence)
		}
	}
}

func TestNothingToWriteFrom(t *testing.T) {
	w := summarize.New(summarize.Config{})
	if _, err := w.Write(t.Context(), nil, &referent.Transcript{}, nil, nil); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("no meeting: %v", err)
	}
	if _, err := w.Write(t.Context(), &referent.Meeting{}, nil, nil, nil); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("no transcript: %v", err)
	}
	got, err := w.Write(t.Context(), &referent.Meeting{}, &referent.Transcript{}, nil, nil)
	if err != nil || got.Items == nil || got.Actions == nil || got.Kind != referent.KindReferat || got.Language != referent.Bokmal {
		t.Errorf("an empty transcript: %+v, %v", got, err)
	}
}
