package decode_test

import (
	"bytes"
	"testing"

	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/decode"
)

// What confinement adds to the decoding of a short recording: run both with -count to see them by turns.
func BenchmarkStart(b *testing.B) {
	for _, mode := range []confine.Mode{confine.Off, confine.Require} {
		b.Run(string(mode), func(b *testing.B) {
			for b.Loop() {
				if _, err := decode.Channels(b.Context(), bytes.NewReader(spell("list", "/")), int64(len(spell("list", "/"))), decode.Options{FFmpeg: "ffmpeg", Confine: mode}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
