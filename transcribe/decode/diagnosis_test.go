package decode

import (
	"errors"
	"testing"

	"github.com/referent/referent"
)

func TestVerdict(t *testing.T) {
	exit := errors.New("exit status 1")
	const minute = 60 * referent.SampleRate
	for _, tt := range []struct {
		name      string
		lines     string
		exit      error
		samples   int64
		truncated bool
		want      referent.Code
	}{
		{"all well", "  Duration: 00:01:00.00, start: 0\n", nil, minute, false, ""},
		{"half is missing", "  Duration: 00:02:00.00, start: 0\n", nil, minute, true, ""},
		{"a guess is no promise", "[aac @ 0x1] Estimating duration from bitrate, this may be inaccurate\n  Duration: 00:02:00.00, start: 0\n", nil, minute, false, ""},
		{"a title that lies", "    title           :   Duration: 00:09:00.00, moov atom not found\n", nil, minute, false, ""},
		{"the end is cut off", "http: Stream ends prematurely\n[matroska @ 0x1] File ended prematurely\n", nil, minute, true, ""},
		{"it broke on the way", "", exit, minute, true, ""},
		{"it broke at once", "", exit, 100, false, referent.CodeAudioUnreadable},
		{"nothing", "", nil, 0, false, referent.CodeAudioUnreadable},
		{"no index", "[mov @ 0x1] moov atom not found\n", exit, 0, false, referent.CodeAudioTruncated},
		{"no sound", "Stream map '0:a:0' matches no streams.\n", exit, 0, false, referent.CodeAudioNoTrack},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &diagnosis{}
			for i := range len(tt.lines) { // in the smallest pieces a pipe can bring
				if _, err := d.Write([]byte{tt.lines[i]}); err != nil {
					t.Fatal(err)
				}
			}
			truncated, err := d.verdict(tt.exit, tt.samples)
			if truncated != tt.truncated || referent.CodeOf(err) != tt.want {
				t.Errorf("truncated %v, %v; want %v, %q", truncated, err, tt.truncated, tt.want)
			}
		})
	}
}

// What ffmpeg says is made of what the recording says: nothing of it is kept, and no verdict is without a kind.
func FuzzDiagnosis(f *testing.F) {
	f.Add([]byte("  Duration: 00:02:00.00, start: 0\n[mov @ 0x1] moov atom not found\n"), int64(16000), true)
	f.Add([]byte("  Duration: 99999999999999999:99:99.99,\n  Stream #0:0: Audio: (enca / x)\nCannot allocate memory\n"), int64(0), false)
	f.Fuzz(func(t *testing.T, said []byte, samples int64, failed bool) {
		d := &diagnosis{}
		if n, err := d.Write(said); n != len(said) || err != nil {
			t.Fatal(n, err)
		}
		if len(d.line) > maxLine {
			t.Errorf("%d bytes are kept of a line", len(d.line))
		}
		var exit error
		if failed {
			exit = errors.New("exit status 1")
		}
		if _, err := d.verdict(exit, max(samples, 0)); err != nil && referent.CodeOf(err) == referent.CodeInternal {
			t.Errorf("an error without a kind: %v", err)
		}
		if share := d.progress(max(samples, 0), &source{size: 1}); !(share >= 0 && share <= 1) {
			t.Errorf("progress %v", share)
		}
	})
}
