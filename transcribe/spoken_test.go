package transcribe_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/internal/sample"
)

var findLanguage = referent.Preparation{Language: referent.LanguageAuto, Model: "base"}

// decoded is a recording of the evaluation data as PCM; nil where the data is not.
func decoded(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", "shared", "eval", name))
	if err != nil {
		return nil
	}
	_, pcm := prepare(t, file)
	return pcm
}

func TestSpokenLanguage(t *testing.T) {
	r := transcribe.NewRecognizer(config(t, 1))
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	find := func(t *testing.T, p *transcribe.Preparer, pcm []byte, task referent.Preparation) *referent.PrepareResult {
		t.Helper()
		file := wave(pcm)
		last := 0.0
		res, err := p.Prepare(t.Context(), bytes.NewReader(file), int64(len(file)), task, io.Discard, func(f float64) {
			if f < last || f > 1 {
				t.Errorf("progress %v after %v", f, last)
			}
			last = f
		})
		if err != nil {
			t.Fatal(err)
		}
		if last != 1 {
			t.Errorf("progress ended at %v", last)
		}
		return res
	}
	shared := transcribe.NewPreparer(config(t, 1)).With(r)

	t.Run("English", func(t *testing.T) {
		res := find(t, shared, sample.PCM(t), findLanguage)
		if res.Plan.Language != "en" || len(res.Models) != 2 || res.Models[1].Role != "language" || res.Models[1].Name != "base" {
			t.Errorf("%q by %+v", res.Plan.Language, res.Models)
		}
	})
	t.Run("with weights of its own", func(t *testing.T) {
		if res := find(t, transcribe.NewPreparer(config(t, 1)), sample.PCM(t), findLanguage); res.Plan.Language != "en" {
			t.Errorf("%q", res.Plan.Language)
		}
	})
	t.Run("nobody speaks", func(t *testing.T) {
		if res := find(t, shared, make([]byte, 2*5*referent.SampleRate), findLanguage); res.Plan.Language != "no" {
			t.Errorf("%q", res.Plan.Language)
		}
	})
	t.Run("one that is given is not looked for", func(t *testing.T) {
		if res := find(t, shared, sample.PCM(t), referent.Preparation{Language: "no", Model: "none-such"}); res.Plan.Language != "" || len(res.Models) != 1 {
			t.Errorf("%q by %+v", res.Plan.Language, res.Models)
		}
	})
	t.Run("weights that are not there", func(t *testing.T) {
		file := wave(sample.PCM(t))
		_, err := shared.Prepare(t.Context(), bytes.NewReader(file), int64(len(file)), referent.Preparation{Language: referent.LanguageAuto, Model: "none-such"}, io.Discard, nil)
		if code := referent.CodeOf(err); code != referent.CodeModelMissing && code != referent.CodeNotFound {
			t.Errorf("got %v", err)
		}
	})
	t.Run("another language", func(t *testing.T) {
		file, err := exec.Command("espeak-ng", "-v", "fi", "--stdout", "Hyvää huomenta kaikille. Tänään puhumme ensi vuoden talousarviosta, "+
			"ja haluaisin kuulla mitä mieltä olette ehdotuksesta.").Output()
		if err != nil {
			t.Fatalf("espeak-ng, which setup/system.sh --test installs, does not speak: %v", err)
		}
		_, err = shared.Prepare(t.Context(), bytes.NewReader(file), int64(len(file)), findLanguage, io.Discard, nil)
		if referent.CodeOf(err) != referent.CodeLanguage || !referent.CodeOf(err).Permanent() {
			t.Errorf("got %v", err)
		}
	})
	norwegian := decoded(t, "speech-nb/king.mp3")
	if norwegian == nil {
		t.Skip("what follows hears Norwegian of ../shared/eval, which is not here")
	}
	t.Run("Norwegian after half a minute of English", func(t *testing.T) {
		pcm := bytes.Repeat(sample.PCM(t), 3)
		if res := find(t, shared, append(pcm, norwegian...), findLanguage); res.Plan.Language != "no" {
			t.Errorf("%q", res.Plan.Language)
		}
	})
}
