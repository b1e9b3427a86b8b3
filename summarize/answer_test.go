package summarize

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
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
		"numbers as text": {strings.NewReplacer(`"votes":[]`, `"votes":{"for":"8","against":3.0,"blank":"","for_members":"Ola og Kari","evidence":"1-3"}`).Replace(wholeAnswer), nil},
		"nothing for []":  {strings.NewReplacer(`"decisions":[]`, `"decisions":null`, `"next_meeting":null`, `"next_meeting":""`).Replace(wholeAnswer), nil},
		"a bare line end": {strings.Replace(wholeAnswer, `"b"`, "\"b\nc\"", 1), nil},
		"a text for one":  {strings.Replace(wholeAnswer, `"decisions":[]`, `"decisions":["Vi vedtar."]`, 1), nil},
		"an object first": {"Her er {svaret} som avtalt: " + wholeAnswer, nil},
		"still thinking":  {"<think>Først " + wholeAnswer, errCut},
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

func TestRepairedValues(t *testing.T) {
	a, err := parseAnswer(`{"items":{"heading":7,"points":["Uten kilde"]},"decisions":[],"actions":[{"task":"t","owner":null,"due":"null","evidence":[1]}],
		"votes":[{"proposal":"p","for":"8","against":3.0,"blank":"to","for_members":"Ola Lunde, Kari Li og Per By","against_members":null,"evidence":"2-4"}],
		"next_meeting":[{"text":"a","date":""},{"text":"b","date":"fredag"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	v := a.Votes[0]
	if v.For == nil || *v.For != 8 || v.Against == nil || *v.Against != 3 || v.Blank != nil {
		t.Errorf("counts %v %v %v", v.For, v.Against, v.Blank)
	}
	if !slices.Equal(v.ForMembers, []string{"Ola Lunde", "Kari Li", "Per By"}) || len(v.AgainstMembers) != 0 || !slices.Equal(v.Evidence, numbers{2, 3, 4}) {
		t.Errorf("members %v %v, evidence %v", v.ForMembers, v.AgainstMembers, v.Evidence)
	}
	if it := a.Items[0]; it.Heading != "7" || len(it.Points) != 1 || it.Points[0].Text != "Uten kilde" || len(it.Points[0].Evidence) != 0 {
		t.Errorf("item %+v", it)
	}
	if x := a.Actions[0]; x.Owner != "" || x.Due != nil {
		t.Errorf("action %+v", x)
	}
	if n := a.NextMeeting; n == nil || n.Text != "b" || n.Date == nil || *n.Date != "fredag" {
		t.Errorf("next meeting %+v", n)
	}
}

func TestSpan(t *testing.T) {
	for s, want := range map[string][]int{"12": {12}, "[12]": {12}, "s3–s5": {3, 4, 5}, "5-3": nil, "1-500": nil, "-4": {-4}, "x": nil, "": nil} {
		if got := span(s); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

// No answer takes long to read, however it is made, and what is read fits in a checkpoint.
func TestEndlessAnswers(t *testing.T) {
	for name, text := range map[string]string{
		"longer than was asked for": wholeAnswer + strings.Repeat(" ", longestAnswer),
		"commas":                    `{"items":[` + strings.Repeat(",", longestAnswer-20) + `]}`,
	} {
		if _, err := parseAnswer(text); !errors.Is(err, errNonsense) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := string(repaired([]byte(`{"a":[1,, ,],"b":[2 , 3,
	],"c":"x,]",,}`))); got != `{"a":[1 ],"b":[2 , 3
	],"c":"x,]"}` {
		t.Errorf("%q", got)
	}
	// One look ahead for each comma would be 10^13 steps here.
	if got := repaired([]byte(strings.Repeat(", ", 4<<20) + "]")); len(got) != 4<<20+1 {
		t.Errorf("%d bytes are left", len(got))
	}
	worst, err := json.Marshal(saved{Answer: strings.Repeat("\x01", longestAnswer)})
	if err != nil || len(worst) > protocol.MaxPiece {
		t.Errorf("a checkpoint of %d bytes, %v", len(worst), err)
	}
}
