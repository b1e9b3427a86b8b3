package chaos

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint/scaled"
)

// recordings are small, and no two alike: pieces of the public-domain sample of the binding's module, with silence
// between. The last is poisoned.
func recordings(t *testing.T, n int) (all [][]byte) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/ggerganov/whisper.cpp/bindings/go").Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	wav, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "samples", "jfk.wav"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(wav, []byte("data"))
	if at < 0 {
		t.Fatal("the sample has no sound")
	}
	speech := samplesOf(wav[at+8:])
	for i := range n {
		all = append(all, recording(speech, uint64(i), i == n-1))
	}
	return all
}

func samplesOf(pcm []byte) []int16 {
	out := make([]int16, len(pcm)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(pcm[2*i:]))
	}
	return out
}

// recording makes one of about a minute, as WAV.
func recording(speech []int16, which uint64, poisoned bool) []byte {
	r := rand.New(rand.NewPCG(which, 7))
	var pcm []int16
	for len(pcm) < (45+r.IntN(20))*referent.SampleRate {
		from := r.IntN(len(speech) / 4)
		gain := 0.5 + r.Float64()/2
		for _, s := range speech[from:] {
			pcm = append(pcm, int16(gain*float64(s)))
		}
		pcm = append(pcm, make([]int16, referent.SampleRate*(1+r.IntN(8))/8)...)
	}
	if poisoned {
		for i := range pcm {
			pcm[i] = pcm[i]&^15 | scaled.Poison
		}
	}
	var b bytes.Buffer
	size := uint32(2 * len(pcm))
	for _, v := range []any{[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(referent.SampleRate), uint32(2 * referent.SampleRate), uint16(2), uint16(16), []byte("data"), size, pcm} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes everything
	}
	return b.Bytes()
}
