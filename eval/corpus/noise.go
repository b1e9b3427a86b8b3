package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

// NoiseLanguages are what a recording of noise is heard as: there must be no words whatever is expected.
var NoiseLanguages = []string{"no", "nn", "en"}

// spoken are the folders and files of noise in which somebody speaks or sings.
var spoken = []string{
	"silero", "speechbrain_vad", "webrtcvad", "hyprnote_aec", "norwegian_singing",
	"ina/0021.mp3", "ina/lamartine.wav", "librosa_music/Karissa_Hobbs_song_with_vocals.ogg",
}

func (r *reader) noise(name string) error {
	below := strings.TrimPrefix(name, Noise+"/")
	folder, _, _ := strings.Cut(below, "/")
	rec := Recording{Name: name, Known: true}
	switch {
	case folder == "broken_files":
		return r.skip(name, Broken)
	case slices.Contains(spoken, folder), slices.Contains(spoken, below):
		return r.skip(name, SpeechInside)
	case folder == "ina":
		b, err := fs.ReadFile(r.data, beside(name, "-smn-gender.csv"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if rec.Speech, err = labelled(string(b)); err != nil {
			return err
		}
	}
	r.found = append(r.found, rec)
	return nil
}

// labelled reads where people speak in the tables of inaSpeechSegmenter: label, start and stop on each
// line; male and female are speech, all else is not.
func labelled(table string) (speech []eval.Region, err error) {
	for i, line := range strings.Split(table, "\n") {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "labels" {
			continue
		}
		start, end, ok := times(f[1], f[2])
		if !ok {
			return nil, referent.E(referent.CodeInvalid, "corpus: read labels", fmt.Errorf("line %d has no times", i+1))
		}
		if f[0] == "male" || f[0] == "female" {
			speech = append(speech, eval.Region{Start: start, End: end})
		}
	}
	return speech, nil
}
