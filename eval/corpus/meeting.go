package corpus

import (
	"io/fs"
	"path"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

// Clip is a stretch of a recording in which one known person speaks alone. Times are seconds.
type Clip struct {
	Name    string
	Speaker string
	Start   float64
	End     float64 // 0: to the recording's end
}

// people are the eight of the made meeting: recordings, or parts of them, of one known voice. That all
// clips of speech-nb/read are one reader was found by comparing voiceprints: they are alike to 0.7 and more, all
// others to less than 0.55.
var people = []Clip{
	{Name: "speech-nb/read/*.m4a", Speaker: "reader"},
	{Name: "speech-nb/king.mp3", Speaker: "king", End: 16.6}, // then there is music and applause
	{Name: "speech-nb/king.mp3", Speaker: "king", Start: 25.8},
	{Name: "speech-en/pocketsphinx_librivox/*.wav", Speaker: "librivox"},
	{Name: "speech-en/joinly_osr/OSR_us_000_0034_8k.wav", Speaker: "harvard"},
	{Name: "speech-en/jfk/jfk.wav", Speaker: "president"},
	{Name: "noise/ina/lamartine.wav", Speaker: "lamartine-1", End: 8.3},
	{Name: "noise/ina/lamartine.wav", Speaker: "lamartine-2", Start: 9.1},
}

// caller is the eighth: the second voice of pyannote's sample, where the turns say that it is alone.
const (
	caller     = "speakers/sample.wav"
	callerName = "speaker91"
	// shortest is the least a stretch of the caller lasts, in seconds.
	shortest = 1.5
)

// MeetingClips lists what the made meeting is joined from, person by person. CodeNotFound when a
// recording that it needs is not there.
func MeetingClips(data fs.FS) ([]Clip, error) {
	const op = "corpus: find clips of meeting"
	var clips []Clip
	for _, p := range people {
		names, err := fs.Glob(data, p.Name)
		if err != nil {
			return nil, referent.E(referent.CodeInternal, op, err)
		}
		if len(names) == 0 {
			return nil, referent.E(referent.CodeNotFound, op, fs.ErrNotExist)
		}
		for _, name := range names {
			clips = append(clips, Clip{name, p.Speaker, p.Start, p.End})
		}
	}
	if _, err := fs.Stat(data, caller); err != nil {
		return nil, referent.E(referent.CodeNotFound, op, err)
	}
	turns, err := parsed(&reader{data: data}, beside(caller, ".rttm"), eval.ReadRTTM)
	if err != nil {
		return nil, err
	}
	var theirs, others []eval.Region
	for _, t := range turns {
		if r := (eval.Region{Start: t.Start, End: t.End}); t.Speaker == callerName {
			theirs = append(theirs, r)
		} else {
			others = append(others, r)
		}
	}
	alone := slices.DeleteFunc(eval.Without(theirs, others), func(r eval.Region) bool { return r.Len() < shortest })
	if len(alone) == 0 {
		return nil, referent.E(referent.CodeNotFound, op, fs.ErrNotExist).WithHint("%s says nothing of %s alone", path.Base(beside(caller, ".rttm")), callerName)
	}
	for _, r := range alone {
		clips = append(clips, Clip{caller, callerName, r.Start, r.End})
	}
	return clips, nil
}
