package transcribe_test

import (
	"encoding/json"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe"
)

// FuzzAssemble joins what workers may have sent as the results of chunks: the server does it, so that nothing in them may
// end it, and what comes of it can be stored.
func FuzzAssemble(f *testing.F) {
	f.Add([]byte(`{"Plan":{"Samples":16000,"Chunks":[{"Windows":[{"Spans":[{"Start":0,"End":16000}]}]}]},"duration":1}`),
		[]byte(`[{"chunk":0,"language":"no","segments":[{"id":"x","start":0,"end":1,"text":"ja","words":[{"text":"ja","start":0,"end":1}]}]}]`))
	whole, err := json.Marshal(referent.PrepareResult{Plan: &referent.Plan{Channels: 2, Samples: 32000}, Duration: 2})
	if err != nil {
		f.Fatal(err)
	}
	chunk, err := json.Marshal([]referent.ChunkResult{{Chunk: -1, Segments: []referent.Segment{{ID: "s1", Start: 1, End: 0}}}, {Chunk: 1 << 40}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, chunk)
	f.Fuzz(func(t *testing.T, prepared, chunks []byte) {
		var a referent.Assembly
		a.Prepared = new(referent.PrepareResult)
		if json.Unmarshal(prepared, a.Prepared) != nil || json.Unmarshal(chunks, &a.Chunks) != nil {
			return
		}
		got, _ := transcribe.Assemble(a)
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("cannot be stored: %v", err)
		}
	})
}
