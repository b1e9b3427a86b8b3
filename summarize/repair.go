package summarize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Models that no grammar binds write JSON as people do. What can only be meant in one way is put right
// here; everything else is left for the parser to refuse.

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

// repaired is JSON without commas before a closing bracket, and with control characters in strings, a bare
// line's end above all, written as JSON wants them.
func repaired(data []byte) []byte {
	out := make([]byte, 0, len(data))
	inString, escaped := false, false
	run, closes := 0, false // end of the last run of commas looked at, and whether a bracket follows it
	for i, c := range data {
		switch {
		case inString && c < ' ':
			if escaped { // the backslash is there already; what stands behind it is no escape
				out = append(out, '\\')
			}
			out, escaped = fmt.Appendf(out, `\u%04x`, c), false
			continue
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == ',':
			if i >= run {
				rest := bytes.TrimLeft(data[i:], " \t\r\n,")
				run, closes = len(data)-len(rest), len(rest) > 0 && (rest[0] == '}' || rest[0] == ']')
			}
			if closes {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func decodeObject(data []byte) (map[string]any, bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var fields map[string]any
	return fields, d.Decode(&fields) == nil && fields != nil
}

// shaped brings the values of an answer to the types of the schema: a number where a text belongs, a text
// where a number does, one thing instead of a list of one, nothing instead of an empty list.
func shaped(fields map[string]any) map[string]any {
	fields["items"] = listOf(fields["items"], func(o map[string]any) {
		text(o, "heading")
		o["points"] = listOf(o["points"], func(p map[string]any) { text(p, "text") }, "text")
	}, "")
	fields["decisions"] = listOf(fields["decisions"], func(o map[string]any) { text(o, "text", "case") }, "text")
	fields["actions"] = listOf(fields["actions"], func(o map[string]any) {
		text(o, "task", "owner")
		optional(o, "due")
	}, "task")
	fields["votes"] = listOf(fields["votes"], func(o map[string]any) {
		text(o, "case", "proposal", "outcome")
		count(o, "for", "against", "blank")
		names(o, "for_members", "against_members")
	}, "proposal")
	next := listOf(fields["next_meeting"], func(o map[string]any) {
		text(o, "time", "place", "text")
		optional(o, "date")
	}, "text")
	fields["next_meeting"] = next
	if list, ok := next.([]any); ok {
		fields["next_meeting"] = nil
		if len(list) > 0 {
			fields["next_meeting"] = list[len(list)-1] // what was said last holds
		}
	}
	return fields
}

// listOf makes a list of objects, each put right by fix. A bare text in it becomes an object with the text
// under key, unless key is empty.
func listOf(v any, fix func(map[string]any), key string) any {
	var list []any
	switch v := v.(type) {
	case nil:
		return []any{}
	case string:
		if strings.TrimSpace(v) != "" {
			return v // refused by the parser: a list was asked for, and this may be anything
		}
		return []any{}
	case []any:
		list = v
	default:
		list = []any{v}
	}
	out := []any{}
	for _, e := range list {
		if s, ok := e.(string); ok && key != "" {
			if strings.TrimSpace(s) == "" {
				continue
			}
			e = map[string]any{key: s}
		}
		if o, ok := e.(map[string]any); ok {
			fix(o)
		}
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

// text makes the fields texts. What is neither text nor number is nothing.
func text(o map[string]any, keys ...string) {
	for _, k := range keys {
		switch v := o[k].(type) {
		case string:
		case json.Number:
			o[k] = v.String()
		default:
			o[k] = ""
		}
	}
}

// optional makes the field a text or null.
func optional(o map[string]any, key string) {
	text(o, key)
	if s, _ := o[key].(string); strings.TrimSpace(s) == "" || strings.EqualFold(strings.TrimSpace(s), "null") {
		o[key] = nil
	}
}

// count makes the fields whole numbers, or null.
func count(o map[string]any, keys ...string) {
	for _, k := range keys {
		s := ""
		switch v := o[k].(type) {
		case string:
			s = strings.TrimSpace(v)
		case json.Number:
			s = v.String()
		}
		o[k] = nil
		if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f <= math.MaxInt32 && f == math.Trunc(f) {
			o[k] = int(f)
		}
	}
}

// names makes the fields lists of texts, of one text with the names in a row if need be.
func names(o map[string]any, keys ...string) {
	for _, k := range keys {
		list, ok := o[k].([]any)
		if s, one := o[k].(string); one {
			ok = true
			for n := range strings.SplitSeq(strings.ReplaceAll(s, " og ", ","), ",") {
				list = append(list, n)
			}
		}
		out := []string{}
		if ok {
			for _, n := range list {
				if s, isText := n.(string); isText && strings.TrimSpace(s) != "" {
					out = append(out, strings.TrimSpace(s))
				}
			}
		}
		o[k] = out
	}
}
