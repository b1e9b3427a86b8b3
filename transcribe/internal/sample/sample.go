// Package sample finds what the tests of package transcribe hear and hear with: the weights that `make
// weights` brings, and the public-domain recording inside the whisper.cpp binding's own module.
package sample

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent/models"
)

// Words is what President Kennedy says in the recording, in lower case and without punctuation.
const Words = "and so my fellow americans ask not what your country can do for you ask what you can do for your country"

// Weights is the file of a name in the catalogue. A test without it fails: it would prove nothing.
func Weights(t testing.TB, name string) string {
	t.Helper()
	path, err := Models(t).Path(name)
	if err != nil {
		t.Fatalf("the weights %q are not on this machine: run `make weights` (%v)", name, err)
	}
	return path
}

// Models is the folder of weights in the cache.
func Models(t testing.TB) *models.Store {
	t.Helper()
	cache := os.Getenv("REFERENT_CACHE")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(home, ".cache", "referent")
	}
	return models.Open(filepath.Join(cache, "models"))
}

var jfk = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/ggerganov/whisper.cpp/bindings/go").Output()
	return filepath.Join(strings.TrimSpace(string(out)), "samples", "jfk.wav"), err
})

// JFK is the path of the recording: 11 s, 16 kHz, one channel, 16 bits.
func JFK(t testing.TB) string {
	t.Helper()
	path, err := jfk()
	if err != nil {
		t.Fatalf("finding the binding's module: %v", err)
	}
	return path
}

// PCM is the recording's samples, 16 bits little-endian.
func PCM(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(JFK(t))
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(b), "data")
	if at < 0 {
		t.Fatal("the recording has no samples")
	}
	return b[at+8:]
}

// Float is the recording's samples, -1 to 1.
func Float(t testing.TB) []float32 {
	t.Helper()
	raw := PCM(t)
	samples := make([]float32, len(raw)/2)
	for i := range samples {
		samples[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / (1 << 15)
	}
	return samples
}
