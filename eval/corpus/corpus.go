// Package corpus knows the folders of evaluation data: which recordings there are, what language is
// spoken in them, and what people wrote down of them. A folder of one's own works too when it is laid out
// the same way:
//
//	speech-nb/   recordings in Norwegian, each with a .txt of the same name
//	speech-en/   recordings in English, likewise; a .json of the same name may hold the words' times
//	formats/     one recording in several formats, audio.flac being the one to compare with
//	speakers/    recordings with .rttm (who speaks when) and .stm (who says what) of the same name
//	noise/       recordings in which nobody speaks, and some, known by name, in which somebody does
//
// What is not here: any audio; a recording is only named. Nor is it measured here what becomes of it.
package corpus

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

// The sets, each of which is a folder.
const (
	SpeechNB = "speech-nb"
	SpeechEN = "speech-en"
	Formats  = "formats"
	Speakers = "speakers"
	Noise    = "noise"
)

// Recording is one file and what is known of it.
type Recording struct {
	Name   string // path within the data folder, with slashes
	Spoken string // Whisper's code of the language

	Text       string           // what is said; empty when not known
	Words      []eval.Word      // and when, word by word
	Utterances []eval.Utterance // and by whom
	Turns      []eval.Turn      // who speaks when
	Speakers   int              // how many speak; 0 when not known

	// Known says that Speech is all speech there is: none at all when it is empty.
	Known  bool
	Speech []eval.Region

	// Beside keeps the recording out of its set's totals: its reference is rougher than the others'.
	Beside bool
}

// Skipped is a recording that cannot be measured.
type Skipped struct {
	Name   string
	Reason Reason
}

// Reason is why something was not measured; it is the key of a sentence.
type Reason string

const (
	NoFolder     Reason = "no_folder"     // the set's folder is not there
	NoReference  Reason = "no_reference"  // nobody wrote down what is in the recording
	Broken       Reason = "broken"        // the file is damaged on purpose
	SpeechInside Reason = "speech_inside" // somebody speaks or sings: it is no noise
	NotChosen    Reason = "not_chosen"    // another set was asked for
	NoClips      Reason = "no_clips"      // not all clips of the made meeting are there
)

// Read finds the recordings of a set, in the order of their names, and those that have to be passed over. A
// set whose folder is not there is CodeNotFound; a reference that cannot be read is CodeInvalid.
func Read(data fs.FS, set string) ([]Recording, []Skipped, error) {
	const op = "corpus: read set"
	if _, err := fs.Stat(data, set); err != nil {
		return nil, nil, referent.E(referent.CodeNotFound, op, err)
	}
	r := &reader{data: data}
	read := map[string]func(name string) error{
		SpeechNB: r.norwegian, SpeechEN: r.english, Formats: r.format, Speakers: r.speakers, Noise: r.noise,
	}[set]
	if read == nil {
		return nil, nil, referent.E(referent.CodeInvalid, op, errors.New("there is no such set"))
	}
	err := fs.WalkDir(data, set, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isAudio(name) {
			return err
		}
		return read(name)
	})
	return r.found, r.skipped, err
}

// reader collects the recordings of a set.
type reader struct {
	data    fs.FS
	found   []Recording
	skipped []Skipped
}

func (r *reader) skip(name string, reason Reason) error {
	r.skipped = append(r.skipped, Skipped{name, reason})
	return nil
}

var audio = []string{".aac", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".opus", ".wav", ".webm"}

func isAudio(name string) bool { return slices.Contains(audio, strings.ToLower(path.Ext(name))) }

// beside is the name of the file with another extension next to a recording.
func beside(name, ext string) string { return strings.TrimSuffix(name, path.Ext(name)) + ext }

// text is a file's text, and whether there is one.
func (r *reader) text(name string) (string, bool, error) {
	b, err := fs.ReadFile(r.data, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	return strings.TrimSpace(string(b)), err == nil, err
}

func (r *reader) norwegian(name string) error {
	text, ok, err := r.text(beside(name, ".txt"))
	if err != nil {
		return err
	}
	if !ok {
		return r.skip(name, NoReference)
	}
	r.found = append(r.found, Recording{Name: name, Spoken: "no", Text: text})
	return nil
}

// format keeps every format of the one recording; the first found is the one the others are held against.
func (r *reader) format(name string) error {
	rec := Recording{Name: name, Spoken: "en"}
	if path.Ext(name) == ".flac" {
		r.found = slices.Insert(r.found, 0, rec)
		return nil
	}
	r.found = append(r.found, rec)
	return nil
}
