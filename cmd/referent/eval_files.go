package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
)

// readInput returns a file's bytes. "-" is standard input.
func (a *app) readInput(path string) ([]byte, error) {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(a.in)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, referent.E(referent.CodeNotFound, "eval: read file", err)
	}
	return data, nil
}

// readTranscript reads a transcript.json.
func readTranscript(data []byte) (*referent.Transcript, error) {
	var t referent.Transcript
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, referent.E(referent.CodeInvalid, "eval: read transcript", err).WithHint("a .json file must be a transcript.json")
	}
	return &t, nil
}

// plainText returns the words of a file: of a transcript.json its segments' texts, of anything else its
// bytes.
func (a *app) plainText(path string) (string, error) {
	data, err := a.readInput(path)
	if err != nil {
		return "", err
	}
	if filepath.Ext(path) != ".json" {
		return string(data), nil
	}
	t, err := readTranscript(data)
	if err != nil {
		return "", err
	}
	return transcriptText(t), nil
}

// readTurns reads who speaks when: RTTM or a transcript.json.
func (a *app) readTurns(path string) ([]eval.Turn, error) {
	data, err := a.readInput(path)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(path) != ".json" {
		return eval.ReadRTTM(bytes.NewReader(data))
	}
	t, err := readTranscript(data)
	if err != nil {
		return nil, err
	}
	return transcriptTurns(t), nil
}

// readUtterances reads who says what: STM, SegLST, transcript.json, or CTM, whose file is one speaker.
func (a *app) readUtterances(path string) ([]eval.Utterance, error) {
	data, err := a.readInput(path)
	if err != nil {
		return nil, err
	}
	switch {
	case filepath.Ext(path) == ".ctm":
		words, err := eval.ReadCTM(bytes.NewReader(data))
		var said []eval.Utterance
		for _, w := range words {
			said = append(said, eval.Utterance{Session: w.Session, Speaker: path, Start: w.Start, End: w.End, Text: w.Text})
		}
		return said, err
	case filepath.Ext(path) != ".json":
		return eval.ReadSTM(bytes.NewReader(data))
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")):
		return eval.ReadSegLST(bytes.NewReader(data))
	}
	t, err := readTranscript(data)
	if err != nil {
		return nil, err
	}
	return transcriptUtterances(t), nil
}

// readWords reads words with their times: CTM or a transcript.json. The length is the recording's where
// the file tells.
func (a *app) readWords(path string) (words []eval.Word, text []eval.Region, length float64, err error) {
	data, err := a.readInput(path)
	if err != nil {
		return nil, nil, 0, err
	}
	if filepath.Ext(path) != ".json" {
		words, err = eval.ReadCTM(bytes.NewReader(data))
		for _, w := range words {
			text = append(text, eval.Region{Start: w.Start, End: w.End})
		}
		return words, text, 0, err
	}
	t, err := readTranscript(data)
	if err != nil {
		return nil, nil, 0, err
	}
	return transcriptWords(t), transcriptRegions(t), t.Recording.Duration, nil
}

func transcriptText(t *referent.Transcript) string {
	var b strings.Builder
	for i := range t.Segments {
		b.WriteString(t.Segments[i].Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// transcriptTurns are the transcript's own turns, or its segments where it has none.
func transcriptTurns(t *referent.Transcript) (turns []eval.Turn) {
	for _, u := range t.Turns {
		turns = append(turns, eval.Turn{Speaker: u.Speaker, Start: u.Start, End: u.End})
	}
	if turns != nil {
		return turns
	}
	for i := range t.Segments {
		s := &t.Segments[i]
		turns = append(turns, eval.Turn{Speaker: s.Speaker, Start: s.Start, End: s.End})
	}
	return turns
}

func transcriptUtterances(t *referent.Transcript) (said []eval.Utterance) {
	for i := range t.Segments {
		s := &t.Segments[i]
		said = append(said, eval.Utterance{Speaker: s.Speaker, Start: s.Start, End: s.End, Text: s.Text})
	}
	return said
}

func transcriptWords(t *referent.Transcript) (words []eval.Word) {
	for i := range t.Segments {
		for _, w := range t.Segments[i].Words {
			words = append(words, eval.Word{Text: w.Text, Start: w.Start, End: w.End})
		}
	}
	return words
}

// transcriptRegions are where the transcript has text.
func transcriptRegions(t *referent.Transcript) (text []eval.Region) {
	for i := range t.Segments {
		if s := &t.Segments[i]; strings.TrimSpace(s.Text) != "" {
			text = append(text, eval.Region{Start: s.Start, End: s.End})
		}
	}
	return text
}
