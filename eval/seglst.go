package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/referent/referent"
)

// ReadSegLST reads the segment list that meeteval and CHiME use: a JSON array of objects with session_id,
// speaker, words and start_time and end_time, which are numbers or strings of numbers. Other fields are
// passed over. The error is CodeInvalid.
func ReadSegLST(r io.Reader) ([]Utterance, error) {
	const op = "eval: read SegLST"
	var segments []struct {
		Session string     `json:"session_id"`
		Speaker string     `json:"speaker"`
		Words   string     `json:"words"`
		Start   jsonNumber `json:"start_time"`
		End     jsonNumber `json:"end_time"`
	}
	in := json.NewDecoder(r)
	if err := in.Decode(&segments); err != nil {
		return nil, referent.E(referent.CodeInvalid, op, unquoted(err))
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, referent.E(referent.CodeInvalid, op, errors.New("something follows the list"))
	}
	var utterances []Utterance
	for i, s := range segments {
		start, end, err := startEnd(string(s.Start), string(s.End))
		if err != nil {
			return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("segment %d: %w", i+1, err))
		}
		utterances = append(utterances, Utterance{s.Session, s.Speaker, start, end, s.Words})
	}
	return utterances, nil
}

// jsonNumber is a number as written, with quotation marks or without.
type jsonNumber string

func (n *jsonNumber) UnmarshalJSON(b []byte) error {
	*n = jsonNumber(strings.Trim(string(b), `"`))
	return nil
}

// unquoted is a JSON error without the value that it quotes, which may be speech.
func unquoted(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("field %s at byte %d has the wrong type", e.Field, e.Offset)
	}
	return err
}
