package summarize

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// answer is what a model gives for one part, as answer.schema.json says.
type answer struct {
	Items []struct {
		Heading string `json:"heading"`
		Points  []struct {
			Text     string  `json:"text"`
			Evidence numbers `json:"evidence"`
		} `json:"points"`
	} `json:"items"`
	Decisions []struct {
		Text     string  `json:"text"`
		Case     string  `json:"case"`
		Evidence numbers `json:"evidence"`
	} `json:"decisions"`
	Actions []struct {
		Task     string  `json:"task"`
		Owner    string  `json:"owner"`
		Due      *string `json:"due"`
		Evidence numbers `json:"evidence"`
	} `json:"actions"`
	Votes []struct {
		Case           string   `json:"case"`
		Proposal       string   `json:"proposal"`
		For            *int     `json:"for"`
		Against        *int     `json:"against"`
		Blank          *int     `json:"blank"`
		Outcome        string   `json:"outcome"`
		ForMembers     []string `json:"for_members"`
		AgainstMembers []string `json:"against_members"`
		Evidence       numbers  `json:"evidence"`
	} `json:"votes"`
	NextMeeting *struct {
		Date     *string `json:"date"`
		Time     string  `json:"time"`
		Place    string  `json:"place"`
		Text     string  `json:"text"`
		Evidence numbers `json:"evidence"`
	} `json:"next_meeting"`
}

// numbers are line numbers. Models without a grammar write them as 12, "12", "s12" or "[12]"; all are
// read, and what is no number is dropped: an item left without evidence goes to a person.
type numbers []int

func (n *numbers) UnmarshalJSON(data []byte) error {
	*n = nil
	var list []any
	if err := json.Unmarshal(data, &list); err != nil {
		var one any
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		list = []any{one}
	}
	for _, v := range list {
		switch v := v.(type) {
		case float64:
			if v == float64(int32(v)) {
				*n = append(*n, int(v))
			}
		case string:
			if i, err := strconv.Atoi(strings.Trim(v, "[]() sS#")); err == nil {
				*n = append(*n, i)
			}
		}
	}
	return nil
}

// errCut means that an answer stops before its end, which a smaller part helps against; errNonsense
// that it is no answer at all. Neither carries the answer: it can repeat what was said.
var (
	errCut      = errors.New("the answer stops before its end")
	errNonsense = errors.New("the answer is not the JSON that was asked for")
)

// parseAnswer reads a model's answer. What surrounds the object (a code fence, a sentence, a reasoning
// block) and trailing commas are taken away; an object that is not closed is errCut, not guessed at.
func parseAnswer(text string) (*answer, error) {
	if _, after, ok := strings.Cut(text, "</think>"); ok {
		text = after
	}
	start := strings.IndexByte(text, '{')
	if start < 0 {
		return nil, errNonsense
	}
	object, closed := firstObject(text[start:])
	if !closed {
		return nil, errCut
	}
	data := withoutTrailingCommas([]byte(object))
	// All of the answer's own lists must be there: an object of another kind is not an empty answer.
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, errNonsense
	}
	for _, k := range []string{"items", "decisions", "actions"} {
		if _, ok := keys[k]; !ok {
			return nil, errNonsense
		}
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, errNonsense
	}
	return &a, nil
}

// firstObject returns the JSON object that s begins with, and whether it is closed.
func firstObject(s string) (string, bool) {
	depth, inString, escaped := 0, false, false
	for i := range len(s) {
		c := s[i]
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return s[:i+1], true
			}
		}
	}
	return s, false
}

// withoutTrailingCommas removes commas that stand before a closing bracket, outside of strings.
func withoutTrailingCommas(data []byte) []byte {
	out := make([]byte, 0, len(data))
	inString, escaped := false, false
	for i, c := range data {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == ',':
			if rest := bytes.TrimLeft(data[i+1:], " \t\r\n,"); len(rest) > 0 && (rest[0] == '}' || rest[0] == ']') {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}
