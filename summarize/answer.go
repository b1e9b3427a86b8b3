package summarize

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// answer is what a model gives for one part, as answer.schema.json says.
type answer struct {
	unanswered []int // numbers of lines that the model came to no end with; then there is nothing else

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

// numbers are line numbers. Models without a grammar write them as 12, "12", "s12", "[12]" or "12-14"; all
// are read, and what is no number is dropped: an item left without evidence goes to a person.
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
			*n = append(*n, span(v)...)
		}
	}
	return nil
}

// longestSpan is how many lines one "12-14" may name: a model that cites everything cites nothing.
const longestSpan = 8

// span reads one line number, or the first and the last of several.
func span(s string) []int {
	number := func(s string) (int, bool) {
		i, err := strconv.Atoi(strings.Trim(s, "[]() sS#"))
		return i, err == nil
	}
	if i, ok := number(s); ok {
		return []int{i}
	}
	a, b, _ := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	from, ok := number(a)
	to, also := number(b)
	if !ok || !also || from < 0 || to < from || to-from >= longestSpan {
		return nil
	}
	var out []int
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}

// errCut means that an answer stops before its end, which a smaller part helps against; errEndless that it was
// stopped when it was far longer than what it is about; errNonsense that it is no answer at all. None carries the answer: it can repeat what was said.
var (
	errCut      = errors.New("the answer stops before its end")
	errEndless  = errors.New("the model comes to no end")
	errNonsense = errors.New("the answer is not the JSON that was asked for")
)

// longestAnswer bounds an answer in bytes: sixteen for each of the 4,096 tokens that are asked for at most. It
// goes into a checkpoint whole, however much of it JSON must escape.
const longestAnswer = 64 << 10

// parseAnswer reads a model's answer. What surrounds the object (a code fence, a sentence, a reasoning
// block) is passed over, and what can only be meant in one way is repaired; an object that is not
// closed is errCut, not guessed at.
func parseAnswer(text string) (*answer, error) {
	if len(text) > longestAnswer {
		return nil, errNonsense
	}
	if _, after, ok := strings.Cut(text, "</think>"); ok {
		text = after
	} else if strings.Contains(text, "<think>") {
		return nil, errCut
	}
	for {
		start := strings.IndexByte(text, '{')
		if start < 0 {
			return nil, errNonsense
		}
		object, closed := firstObject(text[start:])
		if !closed {
			return nil, errCut
		}
		if a, ok := readAnswer(object); ok {
			return a, nil
		}
		text = text[start+len(object):]
	}
}

// readAnswer reads one object. All of the answer's own lists must be there: an object of another kind is not
// an empty answer.
func readAnswer(object string) (*answer, bool) {
	fields, ok := decodeObject(repaired([]byte(object)))
	if !ok {
		return nil, false
	}
	for _, k := range []string{"items", "decisions", "actions"} {
		if _, there := fields[k]; !there {
			return nil, false
		}
	}
	data, err := json.Marshal(shaped(fields))
	if err != nil {
		return nil, false
	}
	a := new(answer)
	return a, json.Unmarshal(data, a) == nil
}
