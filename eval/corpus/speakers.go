package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

func (r *reader) speakers(name string) error {
	rec := Recording{Name: name, Spoken: "en"}
	var err error
	for _, ext := range []string{".ami", ""} {
		if rec.Turns == nil {
			if rec.Turns, err = parsed(r, beside(name, ext+".rttm"), eval.ReadRTTM); err != nil {
				return err
			}
		}
		if rec.Utterances == nil {
			if rec.Utterances, err = parsed(r, beside(name, ext+".stm"), eval.ReadSTM); err != nil {
				return err
			}
		}
	}
	if rec.Turns == nil {
		rec.Beside = true
		if rec.Turns, err = r.rough(name); err != nil {
			return err
		}
	}
	switch {
	case rec.Turns != nil:
		rec.Speakers = len(eval.Speakers(rec.Turns))
		// Labels that leave no pause out tell who speaks, not that somebody does.
		rec.Known, rec.Speech = !rec.Beside, eval.Spoken(rec.Turns)
	case path.Base(path.Dir(name)) == "stereo":
		rec.Speakers = 2 // one a channel
	default:
		return r.skip(name, NoReference)
	}
	r.found = append(r.found, rec)
	return nil
}

// parsed reads a file with a parser; nil when there is no such file.
func parsed[T any](r *reader, name string, parse func(io.Reader) ([]T, error)) ([]T, error) {
	b, err := fs.ReadFile(r.data, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(bytes.NewReader(b))
}

// rough reads the two formats in which references without pauses come: .segments beside the recording
// (start, end, speaker, one a line), and the test_data.json of Falcon.
func (r *reader) rough(name string) ([]eval.Turn, error) {
	turns, err := parsed(r, beside(name, ".segments"), segments)
	if turns != nil || err != nil {
		return turns, err
	}
	b, err := fs.ReadFile(r.data, path.Join(path.Dir(name), "test_data.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var data struct {
		Tests struct {
			Diarization []struct {
				File     string `json:"audio_file"`
				Segments []struct {
					Start   float64 `json:"start_sec"`
					End     float64 `json:"end_sec"`
					Speaker int     `json:"speaker_tag"`
				} `json:"segments"`
			} `json:"diarization_tests"`
		} `json:"tests"`
	}
	if err := json.Unmarshal(b, &data); err != nil {
		return nil, referent.E(referent.CodeInvalid, "corpus: read turns", err)
	}
	for _, test := range data.Tests.Diarization {
		if test.File != path.Base(name) {
			continue
		}
		for _, s := range test.Segments {
			if s.Start < 0 || s.End < s.Start {
				return nil, referent.E(referent.CodeInvalid, "corpus: read turns", errors.New("a turn ends before it starts"))
			}
			turns = append(turns, eval.Turn{Speaker: strconv.Itoa(s.Speaker), Start: s.Start, End: s.End})
		}
	}
	return turns, nil
}

func segments(in io.Reader) (turns []eval.Turn, err error) {
	const op = "corpus: read turns"
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err)
	}
	for i, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 3 {
			return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("line %d has too few fields", i+1))
		}
		start, end, ok := times(f[0], f[1])
		if !ok {
			return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("line %d has no times", i+1))
		}
		turns = append(turns, eval.Turn{Speaker: f[2], Start: start, End: end})
	}
	return turns, nil
}

// times reads two times in seconds, the second not before the first.
func times(first, second string) (start, end float64, ok bool) {
	start, err1 := strconv.ParseFloat(first, 64)
	end, err2 := strconv.ParseFloat(second, 64)
	return start, end, errors.Join(err1, err2) == nil && 0 <= start && start <= end && !math.IsInf(end, 1)
}
