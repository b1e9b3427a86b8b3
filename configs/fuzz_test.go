package configs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
)

// FuzzLoad reads anything as the file of settings: what is wrong in it is told as that.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("workers: 2\nllm:\n  url: http://127.0.0.1:1/v1\n"))
	f.Add([]byte("retention: {kinds: {referat: {audio_days: -1}}}\nnats: []\n"))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "referent.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := configs.Load(file, nil, nil); err != nil && referent.CodeOf(err) != referent.CodeConfig {
			t.Errorf("%v", err)
		}
	})
}
