package corpus_test

import (
	"testing"
	"testing/fstest"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/corpus"
)

// Whatever stands beside a recording, it is read or refused, and what is read has sane times.
func FuzzReferences(f *testing.F) {
	for _, s := range []string{
		"SPEAKER s 1 1 2 <NA> <NA> A <NA>", "s 1 X 1 2 hello", "0\t6.5\tA\n6.5\t9\tB", "labels\tstart\tstop\nmale\t1\t2",
		`{"tests":{"diarization_tests":[{"audio_file":"a.wav","segments":[{"start_sec":1.5,"end_sec":3,"speaker_tag":1}]}]}}`,
		`{"w":[{"b":0.2,"d":0.25,"t":"to(3)"}]}`, `[{"filename":"a.wav","transcription":"A gold ring."}]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &fstest.MapFile{Data: b}
		for set, beside := range map[string][]string{
			corpus.Speakers: {"speakers/a.rttm", "speakers/a.stm", "speakers/a.segments", "speakers/test_data.json"},
			corpus.SpeechEN: {"speech-en/a.txt", "speech-en/a.json", "speech-en/test_samples.json"},
			corpus.Noise:    {"noise/ina/a-smn-gender.csv"},
		} {
			for _, name := range beside {
				data := fstest.MapFS{"speakers/a.wav": {}, "speech-en/a.wav": {}, "noise/ina/a.wav": {}, name: file}
				found, _, err := corpus.Read(data, set)
				if err != nil {
					if referent.CodeOf(err) != referent.CodeInvalid {
						t.Fatalf("%s: %v", name, err)
					}
					continue
				}
				for _, r := range found {
					for _, turn := range r.Turns {
						if !(turn.Start >= 0 && turn.End >= turn.Start) {
							t.Fatalf("%s: turn %+v", name, turn)
						}
					}
					for _, s := range r.Speech {
						if !(s.Start >= 0 && s.End >= s.Start) {
							t.Fatalf("%s: speech %+v", name, s)
						}
					}
					for _, w := range r.Words {
						if !(w.Start >= 0 && w.End >= w.Start) {
							t.Fatalf("%s: word %+v", name, w)
						}
					}
				}
			}
		}
	})
}
