package wordlist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/wordlist"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n\r\n ;,\t\n", nil},
		{"lines", "Øygarden\r\nGjøvik  kommune \nGjøvik kommune\n", []string{"Øygarden", "Gjøvik kommune"}},
		{"a table", "\ufeff\"Nav\";Husbanken\nSt. Olavs,O’Brien\tÅsane-tunnelen", []string{"Nav", "Husbanken", "St. Olavs", "O’Brien", "Åsane-tunnelen"}},
		{"letters in two pieces", "A\u030as\nÅs", []string{"Ås"}},
		{"other letters and case", "Ráđđi\nráđđi\n35 A", []string{"Ráđđi", "ráđđi", "35 A"}},
		{"as long as can be", strings.Repeat("å", wordlist.MaxLength), []string{strings.Repeat("å", wordlist.MaxLength)}},
	} {
		if got, err := wordlist.Parse(c.text); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	full := strings.Builder{}
	for i := range wordlist.MaxWords + 1 {
		fmt.Fprintf(&full, "a%d\n", i)
	}
	for _, c := range []struct {
		name, text string
		want       wordlist.Fault
	}{
		{"long", "ja\n" + strings.Repeat("å", wordlist.MaxLength+1), wordlist.Fault{Line: 2, What: wordlist.TooLong}},
		{"markup", "ja\nnei;<b>", wordlist.Fault{Line: 2, What: wordlist.Character}},
		{"unseen", "ja\u202e", wordlist.Fault{Line: 1, What: wordlist.Character}},
		{"broken bytes", "ja\xff", wordlist.Fault{Line: 1, What: wordlist.Character}},
		{"a number", "\n\n12", wordlist.Fault{Line: 3, What: wordlist.NoLetter}},
		{"many", full.String(), wordlist.Fault{What: wordlist.TooMany}},
	} {
		words, err := wordlist.Parse(c.text)
		if f := wordlist.FaultOf(err); words != nil || f == nil || *f != c.want || referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("%s: %q, %v", c.name, words, err)
		}
	}
}

func TestVersion(t *testing.T) {
	seen := map[string]bool{}
	for _, words := range [][]string{nil, {"a"}, {"b"}, {"a", "b"}, {"b", "a"}, {"a b"}} {
		v := wordlist.Version(words)
		if seen[v] || v != wordlist.Version(slices.Clone(words)) || (v == "") != (words == nil) {
			t.Errorf("%q has version %q", words, v)
		}
		seen[v] = true
	}
	a, b := wordlist.Apart([]string{"x", "y"}, []string{"y", "z"})
	if !slices.Equal(a, []string{"x"}) || !slices.Equal(b, []string{"z"}) {
		t.Errorf("apart: %q and %q", a, b)
	}
}

// What is read is a list again, of the same words, whatever was pasted.
func FuzzParse(f *testing.F) {
	f.Add("Øygarden;Nav\nSt. Olavs")
	f.Add("\"a\",\ufeff\u0301b")
	f.Fuzz(func(t *testing.T, text string) {
		words, err := wordlist.Parse(text)
		if err != nil {
			return
		}
		again, err := wordlist.Parse(strings.Join(words, "\n"))
		if err != nil || !slices.Equal(again, words) {
			t.Errorf("%q became %q, %v", words, again, err)
		}
	})
}
