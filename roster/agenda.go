package roster

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/referent/referent"
)

// caseNumber matches the numbers that Norwegian agendas use before a title: "PS 12/25", "Sak 3/2025",
// "12/25", "Sak 4", "3.", "3)".
var caseNumber = regexp.MustCompile(`^(?i)((?:(?:ps|rs|ds|fo|os|sak|pkt\.?|punkt)\s*)?\d{1,4}(?:/\d{2,4})|(?:(?:ps|rs|ds|fo|os|sak|pkt\.?|punkt)\s+\d{1,4})|\d{1,3}[.)])(?:[\s:–-]+|$)(.*)$`)

// Agenda reads cases: a JSON array of titles or of objects with number and title; CSV with a header
// row (nummer/sak, tittel); or text, one case a line, with or without number and bullet. Errors are
// CodeInvalid.
func Agenda(r io.Reader) ([]referent.AgendaItem, error) {
	const op = "roster: read agenda"
	data, err := readText(r)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err)
	}
	items, err := agenda(data)
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, op, err).
			WithHint("one case a line: number and title, or a JSON array of objects with number and title")
	}
	return items, nil
}

func agenda(data []byte) (items []referent.AgendaItem, err error) {
	if isJSON(data) {
		var titles []string
		if strict(data, &titles) == nil {
			for _, t := range titles {
				items = append(items, agendaLine(t))
			}
		} else if err := strict(data, &items); err != nil {
			return nil, err
		}
	} else if rows, columns, terr := table(data, agendaColumns); terr == nil && columns != nil {
		for _, row := range rows {
			items = append(items, referent.AgendaItem{Number: cell(row, columns["number"]), Title: cell(row, columns["name"])})
		}
	} else {
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, MaxBytes+1)
		for lines.Scan() {
			items = append(items, agendaLine(lines.Text()))
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
	}
	kept := items[:0]
	for _, it := range items {
		it.Number, it.Title = clean(it.Number), clean(it.Title)
		if it.Title == "" && it.Number == "" {
			continue
		}
		if max(len(it.Number), len(it.Title)) > maxField {
			return nil, fmt.Errorf("case %d is longer than %d bytes", len(kept)+1, maxField)
		}
		kept = append(kept, it)
	}
	if len(kept) > MaxEntries {
		return nil, fmt.Errorf("%d cases, at most %d", len(kept), MaxEntries)
	}
	return kept, nil
}

var agendaColumns = map[string]string{
	"nummer": "number", "nr": "number", "nr.": "number", "sak": "number", "saksnr": "number", "saksnummer": "number", "number": "number",
	"tittel": "name", "title": "name", "sakstittel": "name", "tema": "name",
}

func agendaLine(line string) referent.AgendaItem {
	line = strings.TrimLeft(clean(line), "-*•· ")
	line = strings.ReplaceAll(line, ";", " ")
	if m := caseNumber.FindStringSubmatch(line); m != nil {
		return referent.AgendaItem{Number: strings.TrimRight(m[1], ".)"), Title: strings.TrimSpace(m[2])}
	}
	return referent.AgendaItem{Title: line}
}
