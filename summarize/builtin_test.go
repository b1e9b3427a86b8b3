package summarize_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize"
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
