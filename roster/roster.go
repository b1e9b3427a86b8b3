// Package roster reads the lists that a secretary already has: who was called to the meeting and what
// the agenda was, from CSV (as Excel saves it in Norway), JSON, or text pasted from a document.
//
// What is not here: what was said of attendance in the meeting itself (package summarize).
package roster

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/referent/referent"
)

// MaxBytes is the largest list that is read: more is not a list of people or cases.
const MaxBytes = 1 << 20

// MaxEntries is the most people or cases of one meeting.
const MaxEntries = 500

// maxField is the longest name, role or title in bytes.
const maxField = 500

// Participants reads people. Accepted are a JSON array of names or of objects with name, role, party
// and absent; CSV with a header row (navn/name, rolle/role, parti/party, forfall/absent; separated by
// semicolon, comma or tab); CSV or text without a header, one person a line, as "Name",
// "Name (Party)", "Name, role" or "Name;role;party". Errors are CodeInvalid with the line.
func Participants(r io.Reader) ([]referent.Participant, error) {
	const op = "roster: read participants"
	data, err := readText(r)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err)
	}
	people, err := participants(data)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err).
			WithHint("one person a line: name;role;party, or a JSON array of objects with name, role and party")
	}
	return people, nil
}

func participants(data []byte) ([]referent.Participant, error) {
	if isJSON(data) {
		return jsonParticipants(data)
	}
	rows, columns, err := table(data, participantColumns)
	if err != nil {
		return nil, err
	}
	var people []referent.Participant
	for _, row := range rows {
		p := referent.Participant{}
		if columns == nil {
			p = fromLine(row)
		} else {
			p.Name, p.Role, p.Party = cell(row, columns["name"]), cell(row, columns["role"]), cell(row, columns["party"])
			p.Absent = truthy(cell(row, columns["absent"]))
		}
		if p.Name != "" {
			people = append(people, p)
		}
	}
	return people, checkPeople(people)
}

func jsonParticipants(data []byte) ([]referent.Participant, error) {
	var names []string
	if json.Unmarshal(data, &names) == nil {
		var people []referent.Participant
		for _, n := range names {
			if n = clean(n); n != "" {
				people = append(people, referent.Participant{Name: n})
			}
		}
		return people, checkPeople(people)
	}
	var people []referent.Participant
	if err := strict(data, &people); err != nil {
		return nil, err
	}
	for i := range people {
		p := &people[i]
		p.Name, p.Role, p.Party = clean(p.Name), clean(p.Role), clean(p.Party)
		if p.Name == "" {
			return nil, fmt.Errorf("person %d has no name", i+1)
		}
	}
	return people, checkPeople(people)
}

var partyAtEnd = regexp.MustCompile(`^(.*?)\s*\(([^()]{1,40})\)$`)

// fromLine reads a person from cells without a header: the first is the name, perhaps with the party in
// brackets; of two the second is the role, of three role and party.
func fromLine(row []string) referent.Participant {
	p := referent.Participant{Name: cell(row, 0), Role: cell(row, 1), Party: cell(row, 2)}
	for _, field := range []*string{&p.Name, &p.Role} {
		if m := partyAtEnd.FindStringSubmatch(*field); m != nil && p.Party == "" {
			*field, p.Party = clean(m[1]), clean(m[2])
		}
	}
	if strings.EqualFold(p.Role, "forfall") {
		p.Role, p.Absent = "", true
	}
	return p
}

var participantColumns = map[string]string{
	"navn": "name", "namn": "name", "name": "name", "medlem": "name", "deltaker": "name", "deltakar": "name",
	"rolle": "role", "role": "role", "funksjon": "role", "verv": "role",
	"parti": "party", "party": "party", "gruppe": "party",
	"forfall": "absent", "absent": "absent", "fravær": "absent",
}

func checkPeople(people []referent.Participant) error {
	if len(people) > MaxEntries {
		return fmt.Errorf("%d people, at most %d", len(people), MaxEntries)
	}
	for i, p := range people {
		if max(len(p.Name), len(p.Role), len(p.Party)) > maxField {
			return fmt.Errorf("person %d has a field longer than %d bytes", i+1, maxField)
		}
	}
	return nil
}

func truthy(s string) bool {
	return slices.Contains([]string{"x", "ja", "1", "true", "yes", "forfall"}, strings.ToLower(s))
}

// readText returns the list as UTF-8 without byte-order mark. Text that is not UTF-8 is taken as
// Windows-1252, which is what Excel writes in Norway.
func readText(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("larger than %d bytes", MaxBytes)
	}
	if !utf8.Valid(data) {
		if data, err = charmap.Windows1252.NewDecoder().Bytes(data); err != nil {
			return nil, err
		}
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("not text")
	}
	return data, nil
}

func isJSON(data []byte) bool { return len(data) > 0 && (data[0] == '[' || data[0] == '{') }

func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more after the end of the JSON")
	}
	return nil
}

// table splits text into rows of cells. columns maps the known column names to their index when the
// first row is a header, and is nil when it is not.
func table(data []byte, known map[string]string) (rows [][]string, columns map[string]int, err error) {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	c := csv.NewReader(bytes.NewReader(data))
	c.Comma = ','
	for _, sep := range []rune{';', '\t'} {
		if bytes.ContainsRune(first, sep) || (sep == ';' && !bytes.ContainsRune(first, ',') && bytes.ContainsRune(data, sep)) {
			c.Comma = sep
			break
		}
	}
	c.FieldsPerRecord, c.LazyQuotes, c.TrimLeadingSpace = -1, true, true
	if rows, err = c.ReadAll(); err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	header := map[string]int{}
	for i, h := range rows[0] {
		if name, ok := known[strings.ToLower(clean(h))]; ok {
			if _, twice := header[name]; !twice {
				header[name] = i
			}
		}
	}
	if _, named := header["name"]; !named {
		return rows, nil, nil
	}
	for _, name := range known {
		if _, ok := header[name]; !ok {
			header[name] = -1
		}
	}
	return rows[1:], header, nil
}

func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return clean(row[i])
}

// clean makes one line of text: control characters and runs of space become one space.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff'
	}), " ")
}
