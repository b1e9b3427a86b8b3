package e2e_test

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

const (
	rate       = 16000
	tenMinutes = 600 * rate * 2 // bytes of 16-bit mono
)

// longRecording writes a recording of ten minutes as WAV and says what language is spoken: the clips of
// read Norwegian where the evaluation data lies beside the repository, else the public sample again and
// again.
func longRecording(t *testing.T) (path, spoken string) {
	t.Helper()
	clips, err := filepath.Glob("../../shared/eval/speech-nb/read/*.m4a")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(clips)
	spoken = "no"
	if len(clips) == 0 {
		t.Log("no ../shared/eval: the ten minutes are the public sample repeated")
		clips, spoken = []string{jfk(t)}, "en"
	}
	var pcm []byte
	for i := 0; len(pcm) < tenMinutes; i++ {
		pcm = append(pcm, decode(t, clips[i%len(clips)])...)
	}
	path = filepath.Join(t.TempDir(), "ti minutter æøå.wav")
	writeWAV(t, path, pcm[:tenMinutes])
	return path, spoken
}

// decode returns a file's sound as 16 kHz mono s16le.
func decode(t *testing.T, path string) []byte {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-ac", "1", "-ar", "16000", "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatalf("ffmpeg (brought by make test): %v", err)
	}
	return out
}

func writeWAV(t *testing.T, path string, pcm []byte) {
	t.Helper()
	if err := os.WriteFile(path, append(wavHeader(uint32(len(pcm))), pcm...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wavHeader is that of 16 kHz mono of 16 bits, and so many bytes.
func wavHeader(size uint32) []byte {
	h := []byte("RIFF____WAVEfmt ")
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, 1) // PCM
	h = binary.LittleEndian.AppendUint16(h, 1) // mono
	h = binary.LittleEndian.AppendUint32(h, rate)
	h = binary.LittleEndian.AppendUint32(h, 2*rate)
	h = binary.LittleEndian.AppendUint16(h, 2)
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, size)
	binary.LittleEndian.PutUint32(h[4:], 36+size)
	return h
}
