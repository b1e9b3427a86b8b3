package worker

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// A task hears words in its windows and voices in its stretches, in all channels that the sound has.
func TestAudioReachesVoicesAndChannels(t *testing.T) {
	d := newDesk(t)
	audio := noise(400_000)
	const frame = 4 // two channels
	task := protocol.Task{Stage: referent.StageTranscribe, Recognition: &referent.Recognition{Channels: 2,
		Windows: []referent.Window{oneWindow(1000, 2000), oneWindow(50_000, 60_000)},
		Voices:  []referent.Span{{Start: 1500, End: 3000}, {Start: 2500, End: 4000}}}}
	d.add("c", &deskJob{task: task, source: map[protocol.Source][]byte{protocol.SourceAudio: audio},
		allowed: func(off, end int64) bool {
			return off >= 1000*frame && end <= 4000*frame || off >= 50_000*frame && end <= 60_000*frame
		}})
	d.hire(recognizing(func(_ context.Context, src io.ReaderAt, task referent.Recognition, _ func(float64)) (*referent.ChunkResult, error) {
		for _, s := range append(task.Voices, referent.Span{Start: 1000, End: 4000}, referent.Span{Start: 50_000, End: 60_000}) {
			p := make([]byte, s.Len()*frame)
			if n, err := src.ReadAt(p, s.Start*frame); n != len(p) || !bytes.Equal(p, audio[s.Start*frame:s.End*frame]) {
				t.Errorf("%v: %d of %d bytes, %v", s, n, len(p), err)
			}
		}
		for _, off := range []int64{0, 4000 * frame, 60_000*frame - 1} {
			if _, err := src.ReadAt(make([]byte, 2), off); err == nil {
				t.Errorf("read at %d, outside", off)
			}
		}
		return &referent.ChunkResult{}, nil
	}))
	d.waitFor("c", "the job is done", done)
	d.see("c", func(j *deskJob) {
		if j.outside != 0 {
			t.Errorf("asked %d times for what is not its own", j.outside)
		}
	})
}
