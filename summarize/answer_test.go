package summarize

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

const wholeAnswer = `{"items":[{"heading":"A","points":[{"text":"b","evidence":[1,2]}]}],"decisions":[],"actions":[{"task":"t","owner":"o","due":null,"evidence":["s3","[4]",5.5,"x"]}],"votes":[],"next_meeting":null}`

func TestParseAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		err  error
	}{
		"as asked":        {wholeAnswer, nil},
		"code fence":      {"```json\n" + wholeAnswer + "\n```\nHåper det hjelper!", nil},
		"thinking first":  {"<think>Først {tenker} jeg</think>" + wholeAnswer, nil},
		"trailing commas": {strings.NewReplacer("]}]", "],}, ]", "null}", "null , }").Replace(wholeAnswer), nil},
		"braces in text":  {strings.Replace(wholeAnswer, `"b"`, `"b } ] \" {"`, 1), nil},
		"cut in a string": {wholeAnswer[:30], errCut},
		"cut at the end":  {wholeAnswer[:len(wholeAnswer)-1], errCut},
		"no object":       {"Nei.", errNonsense},
		"nothing":         {"", errNonsense},
		"another object":  {`{"a":1}`, errNonsense},
		"wrong types":     {`{"items":"ingen","decisions":[],"actions":[]}`, errNonsense},
		"broken inside":   {`{"items":[}],"decisions":[],"actions":[]}`, errNonsense},
	} {
		a, err := parseAnswer(c.text)
		if !errors.Is(err, c.err) || (a == nil) != (c.err != nil) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
		if a != nil && !slices.Equal(a.Actions[0].Evidence, numbers{3, 4}) {
			t.Errorf("%s: evidence %v", name, a.Actions[0].Evidence)
		}
	}
}

// Whatever a model answers, the parser returns a usable answer or one of its two errors, and merging
// leaves only evidence that exists.
func FuzzParseAnswer(f *testing.F) {
	f.Add(wholeAnswer)
	f.Add(wholeAnswer[:40])
	f.Add("```json\n{}\n```")
	f.Add(`{"items":[],"decisions":[{"text":"vi vedtar","case":"","evidence":[-1,99999999999,1]}],"actions":[],"next_meeting":{"text":"neste møte er fredag","evidence":"1"}}`)
	m := &referent.Meeting{}
	tr := &referent.Transcript{Segments: []referent.Segment{{ID: "s1", Text: "Vi vedtar at neste møte er fredag."}, {ID: "s2", Text: "Jeg sender åtte brev."}}}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseAnswer(text)
		if err != nil {
			if !errors.Is(err, errCut) && !errors.Is(err, errNonsense) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		g := newMerger(m, tr, &referent.Minutes{})
		g.add(a)
		out := g.minutes()
		for _, d := range out.Decisions {
			if len(d.Evidence) == 0 || !slices.Contains([]string{"s1", "s2"}, d.Evidence[0]) {
				t.Errorf("decision with evidence %v", d.Evidence)
			}
		}
		if _, err := json.Marshal(out); err != nil {
			t.Error(err)
		}
	})
}

// The dialer holds the rule again after the name is resolved.
func TestGuardedDial(t *testing.T) {
	dial := guardedDial([]string{"192.0.2.7:81"})
	for _, addr := range []string{"192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80", "192.0.2.7:80"} {
		if _, err := dial(t.Context(), "tcp", addr); !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v", addr, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := dial(ctx, "tcp", "192.0.2.7:81"); err == nil || errors.Is(err, errForbidden) {
		t.Errorf("a listed host and port is stopped by the rule: %v", err)
	}
}

func TestUnfounded(t *testing.T) {
	m := &referent.Meeting{Participants: []referent.Participant{{Name: "Kari Nordmann"}}}
	tr := &referent.Transcript{
		Speakers: []referent.Speaker{{ID: "S1", Name: "Kari Nordmann"}},
		Segments: []referent.Segment{{ID: "s1", Speaker: "S1", Text: "Det koster to hundre og femti tusen kroner, og Olas forslag om 7,4 prosent falt den 3. mars 2027 med åtte mot tre."}},
	}
	c := newChecker(m, tr)
	for text, want := range map[string]string{
		"Det koster 250 000 kroner.":          "",
		"Det koster 250\u00a0000 kroner.":     "",
		"Forslaget fra Ola falt med 8 mot 3.": "",
		"Forslaget om 7,4 % falt 3.3.2027.":   "",
		"Kari Nordmann opplyste om dette.":    "",
		"Det koster 350 000 kroner.":          "350",
		"Forslaget falt med 8 mot 4.":         "4",
		"Forslaget falt 4. mars 2027.":        "4. mars 2027",
		"Forslaget fra Per falt.":             "Per",
		"Forslaget falt med ni stemmer.":      "ni",
	} {
		if got := c.unfounded(text, []string{"s1"}); got != want {
			t.Errorf("%q: %q is unfounded, want %q", text, got, want)
		}
	}
}

func TestPartition(t *testing.T) {
	var tr referent.Transcript
	for i := range 60 {
		text := "Dette er en vanlig setning om budsjettet."
		if i == 25 {
			text = "Da går vi videre til skolestruktur."
		}
		tr.Segments = append(tr.Segments, referent.Segment{ID: "s" + norsk.Fold(string(rune('a'+i%26))) + strings.Repeat("x", i), Text: text})
	}
	parts := partition(&referent.Meeting{}, &tr, 700)
	next := 0
	startsAtTheme := false
	for _, p := range parts {
		size := 0
		for _, l := range p {
			if l.segment != next {
				t.Fatalf("segment %d where %d follows", l.segment, next)
			}
			next++
			size += tokens(l.text) + 1
		}
		if size > 700 {
			t.Errorf("a part of %d tokens", size)
		}
		startsAtTheme = startsAtTheme || p[0].segment == 25
	}
	if next != 60 || !startsAtTheme {
		t.Errorf("%d of 60 segments; a part starts at the theme: %v", next, startsAtTheme)
	}
}
