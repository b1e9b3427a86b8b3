package retention_test

import (
	"slices"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func in(days int) time.Time { return noon.AddDate(0, 0, days) }

func TestDues(t *testing.T) {
	all := retention.Holding{Approved: noon, Changed: in(3), Audio: true, Transcript: true}
	unapproved := retention.Holding{Changed: in(3), Audio: true, Transcript: true}
	for name, c := range map[string]struct {
		rule retention.Rule
		of   retention.Holding
		want []retention.Due
	}{
		"never":                {retention.Forever().Default, all, nil},
		"one after the other":  {retention.Rule{30, 90, 365, 10}, all, []retention.Due{{retention.Audio, in(30)}, {retention.Transcript, in(90)}, {retention.Meeting, in(365)}}},
		"at once":              {retention.Rule{0, -1, -1, -1}, all, []retention.Due{{retention.Audio, in(0)}}},
		"audio with the words": {retention.Rule{90, 30, -1, -1}, all, []retention.Due{{retention.Transcript, in(30)}}},
		"all on one day":       {retention.Rule{30, 30, 30, -1}, all, []retention.Due{{retention.Meeting, in(30)}}},
		"the audio is gone":    {retention.Rule{30, 90, -1, -1}, retention.Holding{Approved: noon, Transcript: true}, []retention.Due{{retention.Transcript, in(90)}}},
		"only minutes left":    {retention.Rule{30, 90, 365, -1}, retention.Holding{Approved: noon}, []retention.Due{{retention.Meeting, in(365)}}},
		"nobody approved":      {retention.Rule{0, 0, 0, -1}, unapproved, nil},
		"nobody will approve":  {retention.Rule{0, 0, 0, 400}, unapproved, []retention.Due{{retention.Meeting, in(403)}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.rule.Dues(c.of, time.Time{}); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// What would be due before people could see it waits until then, and goes with the greater that is due by then.
func TestNothingIsDueBeforeNotice(t *testing.T) {
	got := retention.Rule{30, 90, 365, 10}.Dues(retention.Holding{Approved: noon, Audio: true, Transcript: true}, in(100))
	if want := []retention.Due{{retention.Transcript, in(100)}, {retention.Meeting, in(365)}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRuleOfAKind(t *testing.T) {
	care, own := retention.Rule{Audio: 1}, retention.Rule{Audio: 2}
	r := retention.Rules{Default: retention.Rule{Audio: 30}, Kinds: map[referent.Kind]retention.Rule{referent.KindCareNote: care, "tilsyn": own}}
	for kind, want := range map[referent.Kind]retention.Rule{referent.KindReferat: r.Default, referent.KindCareNote: care, "natt": care, "tilsyn": own} {
		base := kind
		if kind == "natt" || kind == "tilsyn" {
			base = referent.KindCareNote
		}
		if got := r.For(kind, base); got != want {
			t.Errorf("%s: %+v, want %+v", kind, got, want)
		}
	}
}
