package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/sqldb"
)

// open is a seal that keeps nothing closed, so that the fuzzer comes to what is inside.
type open struct{}

type unsealed struct{ io.Writer }

func (unsealed) Close() error { return nil }

func (open) Seal(w io.Writer) (io.WriteCloser, error) { return unsealed{w}, nil }
func (open) Open(r io.Reader) (io.Reader, error)      { return r, nil }

// What lies in a copy's rows is read as rows, or told to be damaged.
func FuzzRows(f *testing.F) {
	p := &packing{}
	t := &sqldb.Table{Name: "meetings", Columns: []sqldb.Column{{Name: "id", Kind: sqldb.KindText}, {Name: "n", Kind: sqldb.KindInteger}, {Name: "b", Kind: sqldb.KindBytes}}}
	if err := errors.Join(p.row(t, []any{"m1", int64(1), []byte{1, 2}}), p.row(t, []any{"\xff", nil, nil}), p.line(heading{Counters: map[string]int64{"events": 7}})); err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(p.plain.Bytes()))
	f.Add([]byte("[]\n"))
	f.Add([]byte("{}\n[]\n"))
	f.Add([]byte(`{"table":"a","columns":[{"name":"x","kind":"bytes"}]}` + "\n[1]\n"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		err := unpack(t.Context(), &packed, open{}, func(map[string]int64) {}, func(table *sqldb.Table, row []any) error {
			if len(row) != len(table.Columns) {
				t.Fatalf("%d values for %d columns", len(row), len(table.Columns))
			}
			return nil
		})
		if err != nil && !errors.Is(err, blob.ErrDamaged) {
			t.Fatal(err)
		}
	})
}

// The frame around sealed rows ends where it says, or is told to be damaged.
func FuzzSections(f *testing.F) {
	first, err := json.Marshal(section{Format: formatRows, Meeting: "m1", Size: 3})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(first, []byte("\nabc{\"end\":2}\n")...))
	f.Add([]byte(`{"format":"referent rows 1","size":9223372036854775807}` + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s := &sections{r: bufio.NewReader(bytes.NewReader(file))}
		for range len(file) + 1 {
			_, _, err := s.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				if !errors.Is(err, blob.ErrDamaged) {
					t.Fatal(err)
				}
				return
			}
		}
		t.Fatal("more sections than bytes")
	})
}
