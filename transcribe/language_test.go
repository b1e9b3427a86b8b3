package transcribe

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/referent/referent"
)

// Whatever the length and however it arrives, what is kept is whole blocks from where they say, evenly
// apart over all of the recording, and bounded.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, 70*blockSamples).Draw(t, "samples")
		piece := rapid.Int64Range(blockSamples/7, 3*blockSamples).Draw(t, "piece")
		b := newBlocks()
		buffer := make([]int16, piece)
		for at := int64(0); at < total; at += piece {
			n := min(piece, total-at)
			for i := range n {
				buffer[i] = int16((at + i) / 1000)
			}
			b.write(buffer[:n])
		}
		count := (total + blockSamples - 1) / blockSamples
		want := (count + b.stride - 1) / b.stride
		if int64(len(b.kept)) != want || len(b.kept) > maxBlocks || count > maxBlocks && len(b.kept) < maxBlocks/2 {
			t.Fatalf("%d of %d blocks are kept, each %dth", len(b.kept), count, b.stride)
		}
		for i, k := range b.kept {
			if k.start != int64(i)*b.stride*blockSamples || int64(len(k.samples)) != min(blockSamples, total-k.start) {
				t.Fatalf("block %d starts at %d and holds %d samples", i, k.start, len(k.samples))
			}
			for _, j := range []int{0, len(k.samples) - 1} {
				if k.samples[j] != int16((k.start+int64(j))/1000) {
					t.Fatalf("block %d holds other samples", i)
				}
			}
		}
	})
}

func TestSpeechOfBlocks(t *testing.T) {
	plan := func(spans ...referent.Span) *referent.Plan {
		return &referent.Plan{Chunks: []referent.Chunk{{Windows: []referent.Window{{Spans: spans}}}}}
	}
	b := newBlocks()
	b.write(make([]int16, 20*blockSamples))
	if got := b.speech(plan()); len(got) != 0 {
		t.Errorf("silence gives %d stretches", len(got))
	}
	const s = referent.SampleRate
	// Two blocks with enough, one with too little, one that is not kept; two channels say the same.
	p := plan(referent.Span{Start: 10 * s, End: 20 * s}, referent.Span{Start: 31 * s, End: 50 * s}, referent.Span{Start: 130 * s, End: 132 * s}, referent.Span{Start: 121 * s, End: 127 * s})
	p.Chunks = append(p.Chunks, plan(referent.Span{Start: 12 * s, End: 22 * s}).Chunks...)
	var lengths []int
	for _, x := range b.speech(p) {
		lengths = append(lengths, len(x)/s)
	}
	if slices.Sort(lengths); !slices.Equal(lengths, []int{8, 12}) {
		t.Errorf("stretches of %v s", lengths)
	}
	if got := b.speech(plan(referent.Span{Start: s, End: 2 * s})); len(got) != 1 || len(got[0]) != s {
		t.Errorf("a short word is not asked for: %d stretches", len(got))
	}
	all := plan(referent.Span{Start: 0, End: 20 * blockSamples})
	if got := b.speech(all); len(got) != maxVotes {
		t.Errorf("%d stretches", len(got))
	}
	if got := spread([]int{1, 2, 3, 4, 5, 6, 7}); !slices.Equal(got, []int{4, 2, 6, 1, 3, 5, 7}) {
		t.Errorf("spread %v", got)
	}
}

func TestTally(t *testing.T) {
	type votes []map[string]float32
	for _, c := range []struct {
		name    string
		votes   votes
		settled bool // with one more to come
		want    string
	}{
		{"clear", votes{{"no": 0.9, "da": 0.1}, {"no": 0.9, "sv": 0.1}}, true, "no"},
		{"one of three in English", votes{{"en": 1}, {"no": 0.8, "da": 0.2}, {"no": 0.7, "nn": 0.2}}, false, "no"},
		{"norwegian in two forms against danish", votes{{"no": 0.35, "nn": 0.2, "da": 0.45}}, false, "no"},
		{"nynorsk", votes{{"nn": 0.6, "no": 0.3}, {"nn": 0.4, "no": 0.5}, {"nn": 0.7, "no": 0.2}}, true, "nn"},
		{"nearly nynorsk", votes{{"nn": 0.4, "no": 0.5}}, false, "no"},
		{"danish", votes{{"da": 0.6, "no": 0.4}}, false, "da"},
		{"finnish", votes{{"fi": 0.9, "no": 0.1}, {"fi": 0.8, "sv": 0.2}}, true, ""},
		{"nothing in particular", votes{{"no": 0.2, "fi": 0.15, "et": 0.15, "ru": 0.1, "la": 0.1, "haw": 0.1, "mi": 0.1, "cy": 0.1}}, false, ""},
		{"an even match", votes{{"sv": 0.5, "da": 0.5}}, false, "da"},
	} {
		var ta tally
		for _, v := range c.votes {
			ta.add(v)
		}
		got, err := ta.language(enoughSpeech)
		if got != c.want || (c.want == "") != (referent.CodeOf(err) == referent.CodeLanguage) {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
		if got := ta.settled(1); got != c.settled {
			t.Errorf("%s: settled %v", c.name, got)
		}
	}
	// Of a few words only what is quite clear is believed.
	for share, want := range map[float32]string{0.7: "no", 0.95: "en"} {
		var ta tally
		ta.add(map[string]float32{"en": share, "cy": 1 - share})
		if got, err := ta.language(enoughSpeech - 1); got != want || err != nil {
			t.Errorf("%v of a short word: got %q, %v", share, got, err)
		}
	}
	if (&tally{}).settled(0) {
		t.Error("settled before the first vote")
	}
}
