package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/sqldb"
)

// The file of rows is sections, each a line of JSON (section) and the sealed bytes that it announces, and an end.
// Inside, compressed, are lines of JSON: {"table","columns"}, and then an array for each row.

const formatRows = "referent rows 1"

// section announces sealed rows.
type section struct {
	Format  string `json:"format,omitempty"`  // of the first
	Meeting string `json:"meeting,omitempty"` // whose key seals it; "": the installation's does
	Size    int64  `json:"size"`
	End     int    `json:"end,omitempty"` // of the last: how many there were, itself counted
}

// heading is the line before the rows of a table, or of the last numbers that tables gave.
type heading struct {
	Table    string           `json:"table,omitempty"`
	Columns  []sqldb.Column   `json:"columns,omitempty"`
	Counters map[string]int64 `json:"counters,omitempty"`
}

// sealer opens and closes what one key does: a keyring, or a meeting's key.
type sealer interface {
	Seal(io.Writer) (io.WriteCloser, error)
	Open(io.Reader) (io.Reader, error)
}

// packing gathers rows until they are sealed.
type packing struct {
	plain bytes.Buffer
	table string
}

func (p *packing) line(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return referent.E(referent.CodeInternal, "backup: write row", err)
	}
	p.plain.Write(data)
	p.plain.WriteByte('\n')
	return nil
}

func (p *packing) row(t *sqldb.Table, row []any) error {
	if p.table != t.Name {
		p.table = t.Name
		if err := p.line(heading{Table: t.Name, Columns: t.Columns}); err != nil {
			return err
		}
	}
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = packed(v, t.Columns[i].Kind)
	}
	return p.line(out)
}

// raw is a text that is no UTF-8, which JSON cannot hold.
type raw struct {
	Base64 []byte `json:"base64"`
}

func packed(v any, k sqldb.Kind) any {
	if b, ok := v.([]byte); ok && k == sqldb.KindText {
		v = string(b)
	}
	if s, ok := v.(string); ok && !utf8.ValidString(s) {
		return raw{[]byte(s)}
	}
	return v // bytes become base64
}

// seal gives what was gathered as a sealed section, and is empty again.
func (p *packing) seal(meeting string, with sealer) (section, []byte, error) {
	var out bytes.Buffer
	sealed, err := with.Seal(&out)
	if err != nil {
		return section{}, nil, err
	}
	z := gzip.NewWriter(sealed)
	_, err = z.Write(p.plain.Bytes())
	if err = errors.Join(err, z.Close(), sealed.Close()); err != nil {
		return section{}, nil, referent.E(referent.CodeInternal, "backup: seal rows", err)
	}
	p.plain.Reset()
	p.table = ""
	return section{Meeting: meeting, Size: int64(out.Len())}, out.Bytes(), nil
}

// sections reads the file of rows, one section after the other.
type sections struct {
	r     *bufio.Reader
	count int
	rest  *io.LimitedReader // what was not read of the last
}

// next gives the next section and its sealed bytes, which are read before next is called again; io.EOF: that was all.
func (s *sections) next() (section, io.Reader, error) {
	const op = "backup: read rows"
	if s.rest != nil {
		if _, err := io.Copy(io.Discard, s.rest); err != nil {
			return section{}, nil, blob.DiskError(op, err)
		}
	}
	line, err := s.r.ReadBytes('\n')
	if err != nil {
		return section{}, nil, damaged(op, errors.New("the rows end too early"))
	}
	var at section
	if err := json.Unmarshal(line, &at); err != nil || s.count == 0 && at.Format != formatRows || at.Size < 0 {
		return section{}, nil, damaged(op, errors.New("a section that cannot be read"))
	}
	s.count++
	if at.End > 0 {
		if at.End != s.count {
			return section{}, nil, damaged(op, errors.New("sections are missing"))
		}
		return section{}, nil, io.EOF
	}
	s.rest = &io.LimitedReader{R: s.r, N: at.Size}
	return at, s.rest, nil
}

// unpack calls each with the rows of a section, and counters with the numbers that tables gave.
func unpack(ctx context.Context, sealed io.Reader, with sealer, counters func(map[string]int64), each func(t *sqldb.Table, row []any) error) error {
	const op = "backup: read rows"
	plain, err := with.Open(sealed)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(plain)
	if err != nil {
		return damaged(op, err)
	}
	lines := bufio.NewReaderSize(z, 64<<10)
	var table *sqldb.Table
	for {
		if err := ctx.Err(); err != nil {
			return blob.DiskError(op, err)
		}
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return damaged(op, errors.New("a section ends too early"))
		}
		if line[0] == '{' {
			var h heading
			if err := json.Unmarshal(line, &h); err != nil {
				return damaged(op, errors.New("a heading that cannot be read"))
			}
			if h.Counters != nil {
				counters(h.Counters)
			}
			table = &sqldb.Table{Name: h.Table, Columns: h.Columns}
			continue
		}
		var values []json.RawMessage
		if err := json.Unmarshal(line, &values); err != nil || table == nil || len(values) != len(table.Columns) {
			return damaged(op, errors.New("a row that cannot be read"))
		}
		row := make([]any, len(values))
		for i, v := range values {
			if row[i], err = unpacked(v, table.Columns[i].Kind); err != nil {
				return damaged(op, fmt.Errorf("a value of table %s that cannot be read", table.Name))
			}
		}
		if err := each(table, row); err != nil {
			return err
		}
	}
}

func unpacked(v json.RawMessage, k sqldb.Kind) (any, error) {
	if string(v) == "null" {
		return nil, nil
	}
	switch k {
	case sqldb.KindInteger:
		return into[int64](v)
	case sqldb.KindReal:
		return into[float64](v)
	case sqldb.KindBytes:
		var s string
		if err := json.Unmarshal(v, &s); err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(s)
	}
	if v[0] == '{' {
		b, err := into[raw](v)
		if err != nil {
			return nil, err
		}
		return string(b.(raw).Base64), nil
	}
	return into[string](v)
}

func into[T any](v json.RawMessage) (any, error) {
	var x T
	err := json.Unmarshal(v, &x)
	return x, err
}
