package pipeline

import (
	"encoding/json"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/review"
)

// FuzzResults reads what a worker says that it made: a plan that is accepted lies within its audio, and minutes are never
// without the label or with a person's approval.
func FuzzResults(f *testing.F) {
	f.Add([]byte(`{"plan":{"samples":100,"chunks":[{"windows":[{"spans":[{"start":0,"end":100}]}]}]},"duration":1}`), int64(200))
	f.Add([]byte(`{"plan":{"samples":4611686018427387904,"channels":2,"chunks":[{"windows":[{"spans":[{"start":0,"end":4611686018427387904}]}]}]}}`), int64(0))
	f.Add([]byte(`{"schema":"x","label":"","items":[{"points":[{}]}],"approval":{"by":"x"},"votes":[{}]}`), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, audio int64) {
		var prep referent.PrepareResult
		if decode(data, &prep) == nil && checkPrepared(&prep, audio) == nil && prep.Plan != nil {
			for _, c := range prep.Plan.Chunks {
				for _, w := range c.Windows {
					for _, s := range w.Spans {
						if s.Start < 0 || s.End > audio/bytesPerSample {
							t.Errorf("a window over samples %d to %d of %d bytes", s.Start, s.End, audio)
						}
					}
				}
			}
		}
		var m referent.Minutes
		if decode(data, &m) != nil {
			return
		}
		review.Machine(&m)
		if m.Label == "" || m.Approval != nil {
			t.Error("minutes of a machine without the label, or approved")
		}
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("cannot be stored: %v", err)
		}
	})
}
