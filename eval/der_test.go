package eval_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent/eval"
)

func turns(t testing.TB, rttm string) []eval.Turn {
	t.Helper()
	all, err := eval.ReadRTTM(strings.NewReader(rttm))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// speakerErrors fails the test unless got is want to a millionth of a second.
func speakerErrors(t testing.TB, name string, got, want eval.SpeakerErrors) {
	t.Helper()
	for _, d := range []float64{got.Missed - want.Missed, got.FalseAlarm - want.FalseAlarm, got.Confusion - want.Confusion, got.Reference - want.Reference} {
		if math.Abs(d) > 1e-6 {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
			return
		}
	}
}

// The expected figures are md-eval 22's, for both the plain and the awkward: turns of one speaker that
// overlap or touch, turns without length, speech outside the scored region.
func TestDER(t *testing.T) {
	const reference = `
SPEAKER f 1 5 5 <NA> <NA> A <NA> <NA>
SPEAKER f 1 8 4 <NA> <NA> B <NA> <NA>
SPEAKER f 1 7 4 <NA> <NA> A <NA> <NA>`
	const hypothesis = `
;; comment
SPKR-INFO f 1 <NA> <NA> <NA> unknown x <NA>
SPEAKER f 1 0 14 <NA> <NA> x <NA> <NA>
SPEAKER f 1 8 4 <NA> <NA> y <NA> <NA>
SPEAKER f 1 18 4 <NA> <NA> y <NA> <NA>`
	for _, c := range []struct {
		name    string
		scoring eval.Scoring
		want    eval.SpeakerErrors
	}{
		{"reference extent", eval.Scoring{}, eval.SpeakerErrors{FalseAlarm: 1, Reference: 10}},
		{"collar", eval.Scoring{Collar: eval.Collar}, eval.SpeakerErrors{FalseAlarm: 0.5, Reference: 6.5}},
		// By hand: x stands alone in 0-5 and 11-14, once beside y in 11-12; y alone in 18-20.
		{"whole recording", eval.Scoring{Regions: []eval.Region{{Start: 0, End: 20}}}, eval.SpeakerErrors{FalseAlarm: 5 + 1 + 2 + 2, Reference: 10}},
		{"nothing scored", eval.Scoring{Regions: []eval.Region{}}, eval.SpeakerErrors{}},
	} {
		speakerErrors(t, c.name, eval.DER(turns(t, reference), turns(t, hypothesis), c.scoring), c.want)
	}
	if rate := eval.DER(nil, turns(t, hypothesis), eval.Scoring{Regions: []eval.Region{{Start: 0, End: 20}}}).Rate(); rate != 1 {
		t.Errorf("invented speech against silence: %v, want 1", rate)
	}
	if rate := (eval.SpeakerErrors{}).Rate(); rate != 0 {
		t.Errorf("silence against silence: %v, want 0", rate)
	}
}

// Who is who is decided by the time spoken together, whatever the order of names.
func TestMapSpeakers(t *testing.T) {
	reference := []eval.Turn{{Speaker: "A", Start: 0, End: 10}, {Speaker: "B", Start: 10, End: 14}, {Speaker: "C", Start: 20, End: 21}}
	hypothesis := []eval.Turn{{Speaker: "1", Start: 0, End: 4}, {Speaker: "2", Start: 4, End: 14}}
	whole := []eval.Region{{Start: 0, End: 30}}
	// 1-A 2-B share 4+4 s; 2-A alone would be 6, and 1 then has nobody.
	got := eval.MapSpeakers(reference, hypothesis, whole)
	if len(got) != 2 || got["1"] != "A" || got["2"] != "B" {
		t.Errorf("got %v", got)
	}
	// Where 1 does not speak it is given to nobody.
	got = eval.MapSpeakers(reference, hypothesis, []eval.Region{{Start: 5, End: 30}})
	if len(got) != 1 || got["2"] != "A" {
		t.Errorf("after 5 s got %v", got)
	}
}

// Properties that hold for any two accounts of a recording.
func TestDERProperties(t *testing.T) {
	some := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) eval.Turn {
		start := float64(rapid.IntRange(0, 40).Draw(t, "start"))
		return eval.Turn{Speaker: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "speaker"), Start: start, End: start + float64(rapid.IntRange(0, 9).Draw(t, "length"))}
	}), 0, 8)
	whole := eval.Scoring{Regions: []eval.Region{{Start: 0, End: 60}}}
	rapid.Check(t, func(t *rapid.T) {
		a, b := some.Draw(t, "reference"), some.Draw(t, "hypothesis")
		if e := eval.DER(a, a, whole); e.Rate() != 0 {
			t.Fatalf("against itself: %+v", e)
		}
		renamed := slices.Clone(a)
		for i := range renamed {
			renamed[i].Speaker = map[string]string{"a": "z", "b": "a", "c": "q"}[a[i].Speaker]
		}
		if e := eval.DER(a, renamed, whole); e.Rate() != 0 {
			t.Fatalf("names matter: %+v", e)
		}
		// Second by second with whole numbers, every way to pair the speakers: the plain definition.
		if got, want := wrong(eval.DER(a, b, whole)), plainDER(a, b); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v s of errors, want %v", got, want)
		}
		// Pieces add up to the whole.
		mapping := eval.MapSpeakers(a, b, whole.Regions)
		parts := eval.CompareTurns(a, b, mapping, []eval.Region{{Start: 0, End: 17.5}}).Add(eval.CompareTurns(a, b, mapping, []eval.Region{{Start: 17.5, End: 60}}))
		if math.Abs(wrong(parts)-wrong(eval.DER(a, b, whole))) > 1e-9 {
			t.Fatalf("pieces %+v", parts)
		}
	})
}

func wrong(e eval.SpeakerErrors) float64 { return e.Missed + e.FalseAlarm + e.Confusion }

func plainDER(a, b []eval.Turn) float64 {
	speaks := func(all []eval.Turn, who string, second int) bool {
		return slices.ContainsFunc(all, func(t eval.Turn) bool {
			return t.Speaker == who && t.Start <= float64(second) && float64(second+1) <= t.End
		})
	}
	best := math.Inf(1)
	names := []string{"a", "b", "c"}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		sum := 0
		for second := range 60 {
			r, h, right := 0, 0, 0
			for i, name := range names {
				in, out := speaks(a, name, second), speaks(b, names[order[i]], second)
				if in {
					r++
				}
				if out {
					h++
				}
				if in && out {
					right++
				}
			}
			sum += max(r, h) - right
		}
		best = min(best, float64(sum))
	}
	return best
}

// sharedData is the evaluation data beside the repository; the test is skipped where it is not there.
func sharedData(t *testing.T, path ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{"..", "..", "shared", "eval"}, path...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: the evaluation data is not beside the repository: %v", err)
	}
	return dir
}

func readFile[T any](t *testing.T, path string, read func(r *strings.Reader) (T, error)) T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := read(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The figures are those of md-eval 22 run by meeteval 0.4.3; pyannote.metrics 3 gives the same except for
// one: it puts no collar around a turn without length.
func TestMeetevalDER(t *testing.T) {
	dir := sharedData(t, "speakers", "meeteval")
	rttm := func(name string) map[string][]eval.Turn {
		return eval.Sessions(readFile(t, filepath.Join(dir, name), func(r *strings.Reader) ([]eval.Turn, error) { return eval.ReadRTTM(r) }))
	}
	reference, hypothesis := rttm("ref.rttm"), rttm("hyp.rttm")
	uem := readFile(t, filepath.Join(dir, "uem.uem"), func(r *strings.Reader) (map[string][]eval.Region, error) { return eval.ReadUEM(r) })
	for _, c := range []struct {
		session string
		uem     bool
		collar  float64
		want    eval.SpeakerErrors
		rate    float64
	}{
		{"recordingA", false, 0, eval.SpeakerErrors{FalseAlarm: 1.4, Confusion: 0.1, Reference: 3}, 0.5},
		{"recordingB", false, 0, eval.SpeakerErrors{Missed: 0.2, FalseAlarm: 0.6, Confusion: 0.4, Reference: 2}, 0.6},
		{"recordingA", false, 0.25, eval.SpeakerErrors{FalseAlarm: 0.75, Reference: 1.5}, 0.5},
		{"recordingB", false, 0.25, eval.SpeakerErrors{FalseAlarm: 0.35, Confusion: 0.15, Reference: 1}, 0.5},
		{"recordingA", true, 0, eval.SpeakerErrors{FalseAlarm: 0.4, Confusion: 0.1, Reference: 2}, 0.25},
		{"recordingB", true, 0, eval.SpeakerErrors{Missed: 0.2, FalseAlarm: 0.6, Confusion: 0.4, Reference: 2}, 0.6},
		{"recordingA", true, 0.25, eval.SpeakerErrors{FalseAlarm: 0.25, Reference: 1}, 0.25},
		{"recordingB", true, 0.25, eval.SpeakerErrors{FalseAlarm: 0.35, Confusion: 0.15, Reference: 1}, 0.5},
	} {
		scoring := eval.Scoring{Collar: c.collar}
		if c.uem {
			scoring.Regions = uem[c.session]
		}
		got := eval.DER(reference[c.session], hypothesis[c.session], scoring)
		speakerErrors(t, c.session, got, c.want)
		if math.Abs(got.Rate()-c.rate) > 1e-6 {
			t.Errorf("%s: rate %v, want %v", c.session, got.Rate(), c.rate)
		}
	}
}
