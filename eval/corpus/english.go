package corpus

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

// kennedy is what is said in jfk.wav, the example that comes with whisper.cpp and has no text beside it.
const kennedy = "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."

func (r *reader) english(name string) error {
	rec := Recording{Name: name, Spoken: "en"}
	switch path.Base(name) {
	case "jfk.wav":
		rec.Text = kennedy
	case "jfk.flac": // the same once more
		return nil
	default:
		text, _, err := r.text(beside(name, ".txt"))
		if err != nil {
			return err
		}
		if text == "" {
			if text, err = r.listed(name); err != nil {
				return err
			}
		}
		rec.Text = text
	}
	if rec.Text == "" {
		return r.skip(name, NoReference)
	}
	var err error
	if rec.Words, err = r.words(beside(name, ".json")); err != nil {
		return err
	}
	r.found = append(r.found, rec)
	return nil
}

// listed finds a recording's text in a test_samples.json of its folder.
func (r *reader) listed(name string) (string, error) {
	b, err := fs.ReadFile(r.data, path.Join(path.Dir(name), "test_samples.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var samples []struct {
		File string `json:"filename"`
		Text string `json:"transcription"`
	}
	if err := json.Unmarshal(b, &samples); err != nil {
		return "", referent.E(referent.CodeInvalid, "corpus: read list of texts", err)
	}
	for _, s := range samples {
		if s.File == path.Base(name) {
			return s.Text, nil
		}
	}
	return "", nil
}

// words reads word times as PocketSphinx writes them when it aligns a text: b and d are start and length
// in seconds, <sil> and the like are no words, and "to(2)" is "to" said in a second way.
func (r *reader) words(name string) ([]eval.Word, error) {
	b, err := fs.ReadFile(r.data, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var aligned struct {
		Words []struct {
			Start  float64 `json:"b"`
			Length float64 `json:"d"`
			Text   string  `json:"t"`
		} `json:"w"`
	}
	if err := json.Unmarshal(b, &aligned); err != nil {
		return nil, referent.E(referent.CodeInvalid, "corpus: read word times", err)
	}
	var words []eval.Word
	for _, w := range aligned.Words {
		text, _, _ := strings.Cut(w.Text, "(")
		if strings.HasPrefix(text, "<") || strings.HasPrefix(text, "[") {
			continue
		}
		if w.Start < 0 || w.Length < 0 {
			return nil, referent.E(referent.CodeInvalid, "corpus: read word times", errors.New("a word ends before it starts"))
		}
		words = append(words, eval.Word{Text: text, Start: w.Start, End: w.Start + w.Length})
	}
	return words, nil
}
