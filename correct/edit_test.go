package correct_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/correct"
	"github.com/referent/referent/export/schema"
)

// debate is three segments of two speakers, with a corrected name and a doubtful one.
func debate() *referent.Transcript {
	t := &referent.Transcript{Schema: referent.TranscriptSchema, Label: referent.DraftLabel, Language: "no", Models: []referent.ModelUse{},
		Speakers: []referent.Speaker{{ID: "S1", Name: "Kari"}, {ID: "S2"}}, Coverage: 1,
		Turns:       []referent.Turn{{Speaker: "S1", Start: 0, End: 4}, {Speaker: "S2", Start: 4, End: 8}, {Speaker: "S1", Start: 8, End: 12}},
		Corrections: []referent.Correction{{Segment: "s2", Word: 1, Words: 1, From: "Buø", To: "Bøe", Reason: "roster", Score: 0.9}}}
	for i, text := range []string{"Velkommen til møtet i dag", "Takk Bøe det er fint", "Da går vi videre nå"} {
		s := referent.Segment{ID: fmt.Sprintf("s%d", i+1), Start: float64(4 * i), End: float64(4*i + 4), Speaker: []string{"S1", "S2", "S1"}[i], Text: text, Quality: referent.Quality{OK: true}}
		for k, w := range strings.Fields(text) {
			s.Words = append(s.Words, referent.Word{Text: w, Start: s.Start + 0.7*float64(k), End: s.Start + 0.7*float64(k) + 0.6, Probability: 0.5})
		}
		t.Segments = append(t.Segments, s)
	}
	t.Segments[1].Words[1].Heard = "Buø"
	t.Segments[2].Quality = referent.Quality{Reasons: []string{"loop"}}
	t.Quality = referent.QualitySummary{Speech: 12, Covered: 12, Doubtful: 4, Gaps: 2, Reasons: map[string]float64{"loop": 4, "missing_text": 2}}
	return t
}

// history keeps versions, the first first.
type history struct {
	t    testing.TB
	list []*referent.Transcript
}

func begin(t testing.TB) *history { return &history{t, []*referent.Transcript{debate()}} }

func (h *history) now() *referent.Transcript { return h.list[len(h.list)-1] }

func (h *history) try(edits ...correct.Amendment) (*referent.Transcript, error) {
	n := 0
	return correct.Apply(h.t.Context(), h.now(), edits, func() string { n++; return fmt.Sprintf("s%d-%d", len(h.list), n) },
		func(v int) (*referent.Transcript, error) { return h.list[v-1], nil })
}

func (h *history) do(edits ...correct.Amendment) *referent.Transcript {
	h.t.Helper()
	before := copied(h.t, h.now())
	t, err := h.try(edits...)
	if err != nil {
		h.t.Fatal(err)
	}
	if !reflect.DeepEqual(copied(h.t, h.now()), before) {
		h.t.Fatal("the version before was changed")
	}
	sound(h.t, t)
	h.list = append(h.list, t)
	return t
}

func jsonOf(t testing.TB, v *referent.Transcript) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func copied(t testing.TB, v *referent.Transcript) *referent.Transcript {
	t.Helper()
	out := new(referent.Transcript)
	if err := json.Unmarshal(jsonOf(t, v), out); err != nil {
		t.Fatal(err)
	}
	return out
}

// sound holds a transcript against what must be true of each.
func sound(t testing.TB, v *referent.Transcript) {
	t.Helper()
	ids := map[string]bool{}
	for _, s := range v.Segments {
		if ids[s.ID] {
			t.Fatalf("the id %s stands twice", s.ID)
		}
		ids[s.ID] = true
		for i, id := range s.Joined { // several answer to it when one is split
			if id == s.ID || slices.Contains(s.Joined[:i], id) {
				t.Fatalf("%s is joined of %v", s.ID, s.Joined)
			}
		}
		at, texts := s.Start, []string{}
		for _, w := range s.Words {
			if w.Start < at || w.End < w.Start || w.End > s.End {
				t.Fatalf("%s: the word %q is at %v to %v, after %v, in %v to %v", s.ID, w.Text, w.Start, w.End, at, s.Start, s.End)
			}
			at = w.Start
			texts = append(texts, w.Text)
		}
		if joined := strings.Join(texts, " "); joined != s.Text {
			t.Fatalf("%s: %q has the words %q", s.ID, s.Text, joined)
		}
		if s.Speaker != "" && !slices.ContainsFunc(v.Speakers, func(x referent.Speaker) bool { return x.ID == s.Speaker }) {
			t.Fatalf("%s: the speaker %s is not there", s.ID, s.Speaker)
		}
	}
	for _, c := range v.Corrections {
		i := slices.IndexFunc(v.Segments, func(s referent.Segment) bool { return s.ID == c.Segment })
		if i < 0 || c.Word+c.Words > len(v.Segments[i].Words) || v.Segments[i].Words[c.Word].Text != c.To {
			t.Fatalf("the correction %+v is of nothing", c)
		}
	}
}

func seen(s referent.Segment) correct.Seen { return correct.Seen{Text: s.Text, Speaker: s.Speaker} }

func of(t *referent.Transcript, id string) referent.Segment {
	return t.Segments[slices.IndexFunc(t.Segments, func(s referent.Segment) bool { return s.ID == id })]
}

func TestWordsThatStayKeepTheirTimes(t *testing.T) {
	h := begin(t)
	old := of(h.now(), "s1")
	v := h.do(correct.Amendment{Do: correct.Text, Segment: "s1", Seen: seen(old), Text: " Hjertelig  velkommen til dette møtet i dag "})
	s := of(v, "s1")
	if s.Text != "Hjertelig velkommen til dette møtet i dag" || !s.Corrected || s.Confirmed {
		t.Fatalf("edited: %+v", s)
	}
	for i, k := range map[int]int{2: 1, 4: 2, 5: 3, 6: 4} {
		if !reflect.DeepEqual(s.Words[i], old.Words[k]) {
			t.Errorf("%q was moved: %+v", old.Words[k].Text, s.Words[i])
		}
	}
	if a, b := s.Words[0], s.Words[1]; a.Start != 0 || b.End != 0.6 || a.End != b.Start || a.Probability != 1 {
		t.Errorf("in the place of one word: %+v %+v", a, b)
	}
	if w := s.Words[3]; w.Start < 1.3-1e-9 || w.End > 1.4+1e-9 {
		t.Errorf("between two words: %+v", w)
	}
	if !reflect.DeepEqual(v.Segments[1:], h.list[0].Segments[1:]) {
		t.Error("other segments were changed")
	}
}

func TestWhoeverIsSecondIsTold(t *testing.T) {
	h := begin(t)
	first := h.now()
	h.do(correct.Amendment{Do: correct.Text, Segment: "s1", Seen: seen(of(first, "s1")), Text: "Velkomne"})
	_, err := h.try(correct.Amendment{Do: correct.Confirm, Segment: "s3", Seen: seen(of(first, "s3"))}, correct.Amendment{Do: correct.Text, Segment: "s1", Seen: seen(of(first, "s1")), Text: "Velkommen hit"})
	c, is := errors.AsType[*correct.Conflict](err)
	if !is || referent.CodeOf(err) != referent.CodeConflict || c.Edit != 1 || c.Segment != "s1" || c.Now.Text != "Velkomne" {
		t.Fatalf("conflict: %v %+v", err, c)
	}
	if of(h.now(), "s3").Confirmed {
		t.Error("half of the batch was done")
	}
	// Another segment, seen in the first version, disturbs nobody; and what is done already is no conflict.
	h.do(correct.Amendment{Do: correct.Text, Segment: "s3", Seen: seen(of(first, "s3")), Text: "Vi går videre", Heard: true})
	again, err := h.try(correct.Amendment{Do: correct.Text, Segment: "s3", Seen: seen(of(first, "s3")), Text: "Vi går videre", Heard: true})
	if err != nil || again != h.now() {
		t.Errorf("sent again: %v", err)
	}
	if q := h.now().Quality; q.Doubtful != 0 || len(q.Reasons) != 1 || q.Reasons["missing_text"] != 2 {
		t.Errorf("quality: %+v", q)
	}
	h.do(correct.Amendment{Do: correct.Remove, Segment: "s2", Seen: seen(of(first, "s2"))})
	_, err = h.try(correct.Amendment{Do: correct.Text, Segment: "s2", Seen: seen(of(first, "s2")), Text: "x"})
	if c, is := errors.AsType[*correct.Conflict](err); !is || c.Now != nil {
		t.Errorf("of what is gone: %v", err)
	}
}

func TestSplitAndJoin(t *testing.T) {
	h := begin(t)
	s := of(h.now(), "s2")
	v := h.do(correct.Amendment{Do: correct.Split, Segment: "s2", Seen: seen(s), Word: 1})
	if len(v.Segments) != 4 || v.Segments[1].Text != "Takk" || v.Segments[2].ID != "s1-1" || v.Segments[2].Text != "Bøe det er fint" || v.Segments[2].Start != v.Segments[1].End {
		t.Fatalf("split: %+v", v.Segments)
	}
	if c := v.Corrections[0]; c.Segment != "s1-1" || c.Word != 0 {
		t.Errorf("the correction: %+v", c)
	}
	v = h.do(correct.Amendment{Do: correct.Speaker, Segment: "s1-1", Seen: seen(v.Segments[2]), Speaker: "new"})
	if v.Segments[2].Speaker != "S3" || !slices.ContainsFunc(v.Turns, func(x referent.Turn) bool { return x.Speaker == "S3" }) {
		t.Errorf("given away: %+v %+v", v.Segments[2], v.Turns)
	}
	next := seen(v.Segments[2])
	v = h.do(correct.Amendment{Do: correct.Join, Segment: "s2", Seen: seen(v.Segments[1]), Next: &next})
	if j := v.Segments[1]; len(v.Segments) != 3 || j.Text != s.Text || !slices.Equal(j.Joined, []string{"s1-1"}) || !slices.Equal(j.Others, []string{"S3"}) {
		t.Fatalf("joined: %+v", j)
	}
	if err := schema.Validate(jsonOf(t, v)); err != nil {
		t.Error(err)
	}
	v = h.do(correct.Amendment{Do: correct.Revert, Segment: "s2", Seen: seen(v.Segments[1]), Word: 1})
	if v.Segments[1].Text != "Takk Buø det er fint" || len(v.Corrections) != 0 {
		t.Errorf("taken back: %+v", v)
	}
	for name, e := range map[string]correct.Amendment{"at no word": {Do: correct.Split, Segment: "s2", Seen: seen(v.Segments[1])}, "after the last": {Do: correct.Split, Segment: "s2", Seen: seen(v.Segments[1]), Word: 5},
		"the last": {Do: correct.Join, Segment: "s3", Seen: seen(v.Segments[2]), Next: &next}, "no words": {Do: correct.Text, Segment: "s2", Seen: seen(v.Segments[1]), Text: " \n"},
		"a control": {Do: correct.Text, Segment: "s2", Seen: seen(v.Segments[1]), Text: "a\x00b"}, "dance": {Do: "dance", Segment: "s2"}, "nobody": {Do: correct.Speaker, Segment: "s2", Seen: seen(v.Segments[1])},
		"no version": {Do: correct.Restore, Segment: "s2", Seen: seen(v.Segments[1])}} {
		if _, err := h.try(e); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cites a segment finds what became of it, also when it was made part of another and that was split again.
func TestBothHalvesAnswer(t *testing.T) {
	h := begin(t)
	s2, s3 := of(h.now(), "s2"), seen(of(h.now(), "s3"))
	v := h.do(correct.Amendment{Do: correct.Join, Segment: "s2", Seen: seen(s2), Next: &s3})
	v = h.do(correct.Amendment{Do: correct.Split, Segment: "s2", Seen: seen(of(v, "s2")), Word: 5})
	if a, b := v.Segments[1], v.Segments[2]; !slices.Equal(a.Joined, []string{"s3"}) || b.Text != "Da går vi videre nå" || !slices.Equal(b.Joined, []string{"s2", "s3"}) {
		t.Errorf("halves: %+v %+v", a, b)
	}
	long := strings.Repeat("a ", 10_000)
	v = h.do(correct.Amendment{Do: correct.Text, Segment: "s1", Seen: seen(v.Segments[0]), Text: long})
	v = h.do(correct.Amendment{Do: correct.Text, Segment: "s2", Seen: seen(v.Segments[1]), Text: long})
	next := seen(v.Segments[1])
	if _, err := h.try(correct.Amendment{Do: correct.Join, Segment: "s1", Seen: seen(v.Segments[0]), Next: &next}); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("longer than can be edited: %v", err)
	}
}

// Nobody answers for words that came after they listened.
func TestConfirmedAreTheWordsThatWereHeard(t *testing.T) {
	h := begin(t)
	v := h.do(correct.Amendment{Do: correct.Confirm, Segment: "s2", Seen: seen(of(h.now(), "s2"))})
	v = h.do(correct.Amendment{Do: correct.Text, Segment: "s2", Seen: seen(of(v, "s2")), Text: "Takk Bøe det er bra"})
	if of(v, "s2").Confirmed {
		t.Error("other words are confirmed")
	}
	v = h.do(correct.Amendment{Do: correct.Text, Segment: "s2", Seen: seen(of(v, "s2")), Text: "Takk Bøe det er fint", Heard: true})
	if !of(v, "s2").Confirmed {
		t.Error("words that were heard are not confirmed")
	}
	v = h.do(correct.Amendment{Do: correct.Revert, Segment: "s2", Seen: seen(of(v, "s2")), Word: 1})
	if of(v, "s2").Confirmed {
		t.Error("a name that was taken back is confirmed")
	}
}

// A speaker's id is never somebody else's: what is undone or restored goes to whom it was.
func TestSpeakersIdsAreNotUsedAgain(t *testing.T) {
	h := begin(t)
	h.list[0].Speakers = append(h.list[0].Speakers, referent.Speaker{ID: "S7", Name: "Ikke til stede"}) // of whom nothing is there
	give := func(id string) *referent.Transcript {
		return h.do(correct.Amendment{Do: correct.Speaker, Segment: id, Seen: seen(of(h.now(), id)), Speaker: "new"})
	}
	v := give("s3")
	if of(v, "s3").Speaker != "S8" {
		t.Fatalf("new: %+v", v.Speakers)
	}
	v = h.do(correct.Amendment{Do: correct.Restore, Segment: "s3", Seen: seen(of(v, "s3")), Version: 1})
	if len(v.Speakers) != 3 || v.Speakers[2].ID != "S7" {
		t.Errorf("undone: %+v", v.Speakers)
	}
	if v = give("s1"); of(v, "s1").Speaker != "S9" {
		t.Errorf("new: %+v", v.Speakers)
	}
	if err := schema.Validate(jsonOf(t, v)); err != nil {
		t.Error(err)
	}
}

// A batch of long changes is done in little time, and whole or not at all when whoever asked goes away.
func TestLongBatch(t *testing.T) {
	h := begin(t)
	words := func(from int) string {
		var b strings.Builder
		for i := range 1900 {
			fmt.Fprintf(&b, "%d ", from+i%1000)
		}
		return b.String()
	}
	var edits []correct.Amendment
	at := of(h.now(), "s1")
	for k := range 60 { // each a table of three million
		text := words(k)
		edits = append(edits, correct.Amendment{Do: correct.Text, Segment: "s1", Seen: seen(at), Text: text})
		at.Text = strings.TrimSpace(text)
	}
	began := time.Now()
	h.do(edits...)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := correct.Apply(ctx, h.now(), edits, nil, nil); referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("of nobody: %v", err)
	}
}

// Whatever people do, every version holds together, undoing an edit by restoring what it touched gives the version
// before it, and whoever holds an earlier version gets to the newest by what changed.
func TestAnyEdits(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("møtet i dag er satt og saken ble utsatt Takk Bøe det")
	for range 60 {
		h := begin(t)
		for range 25 {
			before := h.now()
			e := anyEdit(random, before, words)
			after, err := h.try(e)
			if err != nil {
				if referent.CodeOf(err) != referent.CodeInvalid {
					t.Fatalf("%+v: %v", e, err)
				}
				continue
			}
			h.do(e)
			c := correct.Between(before, after)
			touched := c.Edited()
			for _, id := range touched {
				near := id == e.Segment || e.Do == correct.Split || e.Do == correct.Join || e.Rest
				if !near {
					t.Fatalf("%+v changed %s", e, id)
				}
			}
			for k := range h.list {
				if got := follow(h.list[k], h.now()); !reflect.DeepEqual(got, h.now().Segments) {
					t.Fatalf("from version %d to %d after %+v:\n%v\n%v", k+1, len(h.list), e, idsOf(got), idsOf(h.now().Segments))
				}
			}
			var undo []correct.Amendment
			for _, id := range touched {
				u := correct.Amendment{Do: correct.Restore, Segment: id, Version: len(h.list) - 1, Seen: correct.Seen{Gone: true}}
				if i := slices.IndexFunc(after.Segments, func(s referent.Segment) bool { return s.ID == id }); i >= 0 {
					u.Seen = seen(after.Segments[i])
				}
				undo = append(undo, u)
			}
			if len(undo) > 0 && random.IntN(2) == 0 {
				if v := h.do(undo...); !reflect.DeepEqual(v.Segments, before.Segments) || v.Quality.Doubtful != before.Quality.Doubtful {
					t.Fatalf("undone %+v:\n%+v\n%+v", e, v.Segments, before.Segments)
				}
			}
		}
	}
}

func idsOf(list []referent.Segment) (ids []string) {
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}

// follow does what a page does with changes.
func follow(from, to *referent.Transcript) []referent.Segment {
	c := correct.Between(from, to)
	list := slices.DeleteFunc(slices.Clone(from.Segments), func(s referent.Segment) bool { return slices.Contains(c.Removed, s.ID) })
	for _, p := range c.Segments {
		list = slices.DeleteFunc(list, func(s referent.Segment) bool { return s.ID == p.Segment.ID })
		at := slices.IndexFunc(list, func(s referent.Segment) bool { return s.ID == p.After })
		list = slices.Insert(list, at+1, p.Segment)
	}
	return list
}

func anyEdit(random *rand.Rand, t *referent.Transcript, words []string) correct.Amendment {
	if len(t.Segments) == 0 {
		return correct.Amendment{Do: correct.Confirm}
	}
	i := random.IntN(len(t.Segments))
	s := t.Segments[i]
	e := correct.Amendment{Segment: s.ID, Seen: seen(s)}
	switch random.IntN(6) {
	case 0:
		e.Do, e.Heard = correct.Text, random.IntN(2) == 0
		text := strings.Fields(s.Text)
		for range 1 + random.IntN(4) {
			k := random.IntN(len(text) + 1)
			if random.IntN(2) == 0 || k == len(text) {
				text = slices.Insert(text, k, words[random.IntN(len(words))])
			} else if len(text) > 1 {
				text = slices.Delete(text, k, k+1)
			}
		}
		e.Text = strings.Join(text, " ")
	case 1:
		e.Do, e.Speaker, e.Rest = correct.Speaker, []string{"S1", "S2", "new"}[random.IntN(3)], random.IntN(3) == 0
		if e.Speaker != "new" && !slices.ContainsFunc(t.Speakers, func(x referent.Speaker) bool { return x.ID == e.Speaker }) {
			e.Speaker = "new"
		}
	case 2:
		e.Do, e.Word = correct.Split, random.IntN(len(s.Words)+1)
	case 3:
		e.Do, e.Next = correct.Join, &correct.Seen{}
		if i+1 < len(t.Segments) {
			*e.Next = seen(t.Segments[i+1])
		}
	case 4:
		e.Do = correct.Confirm
		if len(t.Segments) > 2 {
			e.Do = correct.Remove
		}
	case 5:
		e.Do = correct.Confirm
	}
	return e
}

func TestCompare(t *testing.T) {
	h := begin(t)
	first := h.now()
	h.do(correct.Amendment{Do: correct.Remove, Segment: "s3", Seen: seen(of(first, "s3"))}, correct.Amendment{Do: correct.Text, Segment: "s1", Seen: seen(of(first, "s1")), Text: "Hei"})
	lines := correct.Compare(first, h.now())
	if len(lines) != 2 || lines[0].After.Text != "Hei" || lines[0].Before.Speaker != "Kari" || lines[1].Segment != "s3" || lines[1].After != nil {
		t.Errorf("lines: %+v", lines)
	}
	if len(correct.Compare(first, first)) != 0 {
		t.Error("a version differs from itself")
	}
}
