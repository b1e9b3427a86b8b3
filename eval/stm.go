package eval

import (
	"io"
	"strings"
)

// ReadSTM reads utterances. A first word such as <o,f0,male> is a label and no speech.
//
//	<session> <channel> <speaker> <start> <end> [<label>] words …
//
// The error is CodeInvalid.
func ReadSTM(r io.Reader) (utterances []Utterance, err error) {
	err = eachLine(r, "eval: read STM", func(_ string, f []string) error {
		if len(f) < 5 {
			return errFields
		}
		start, end, err := startEnd(f[3], f[4])
		words := f[5:]
		if len(words) > 0 && strings.HasPrefix(words[0], "<") && strings.HasSuffix(words[0], ">") {
			words = words[1:]
		}
		utterances = append(utterances, Utterance{f[0], f[2], start, end, strings.Join(words, " ")})
		return err
	})
	if err != nil {
		return nil, err
	}
	return utterances, nil
}

// ReadCTM reads words with their times; what follows the word on a line (confidence, type) is passed over.
//
//	<session> <channel> <start> <length> <word> [<confidence> …]
//
// The error is CodeInvalid.
func ReadCTM(r io.Reader) (words []Word, err error) {
	err = eachLine(r, "eval: read CTM", func(_ string, f []string) error {
		if len(f) < 5 {
			return errFields
		}
		start, end, err := startLength(f[2], f[3])
		words = append(words, Word{f[0], f[1], f[4], start, end})
		return err
	})
	if err != nil {
		return nil, err
	}
	return words, nil
}
