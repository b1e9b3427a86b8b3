package review

import (
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// naming tells which names in two versions are one case's. It is made of both, and the same for both: a heading is not
// a case in one and a part of a case in the other.
type naming struct {
	keys   map[string]string   // of each name that was asked for
	series map[string][]string // of a number: the keys with its series
	full   map[string]string   // what a case may go by, folded: its key
	cases  map[string]bool     // keys of what statements belong to
	loose  bool                // nothing belongs to anything: each heading is a case
}

func newNaming(ms ...*referent.Minutes) *naming {
	n := &naming{keys: map[string]string{}, series: map[string][]string{}, full: map[string]string{}, cases: map[string]bool{}}
	var headings, names []string
	for _, m := range ms {
		for _, it := range m.Items {
			if !casePart(it.Heading) && !norsk.Opening.Is(it.Heading) {
				headings = append(headings, it.Heading)
			}
		}
		for _, c := range m.Cases {
			headings, names = append(headings, c.Name), append(names, c.Name)
		}
		for _, d := range m.Decisions {
			names = append(names, d.Case)
		}
		for _, v := range m.Votes {
			names = append(names, v.Case)
		}
		for _, v := range m.Movements {
			names = append(names, v.Case)
		}
		for _, text := range m.Missing {
			if x, ok := wantOf(text, string(m.Language)); ok && slices.Contains(wantsOfCase, x.word) {
				names = append(names, x.about)
			}
		}
	}
	numbered := false
	for _, name := range slices.Concat(headings, names) {
		number, series := extract.CaseNumber(name), extract.CaseSeries(name)
		numbered = numbered || number != ""
		if key := series + " " + number; series != "" && !slices.Contains(n.series[number], key) {
			n.series[number] = append(n.series[number], key)
		}
	}
	for _, name := range headings {
		if folded := norsk.Fold(name); folded != "" {
			n.full[folded] = n.own(name)
		}
	}
	for _, name := range names {
		n.cases[n.key(name)] = true
	}
	delete(n.cases, "")
	n.loose = !numbered && len(n.cases) == 0
	return n
}

// own is the key of a whole name: the number with its series, else the words. Where the series is left out it is the
// one that there is.
func (n *naming) own(name string) string {
	number := extract.CaseNumber(name)
	if number == "" {
		return norsk.Fold(name)
	}
	if series := extract.CaseSeries(name); series != "" {
		return series + " " + number
	}
	if all := n.series[number]; len(all) == 1 {
		return all[0]
	}
	return number
}

// key is what two names of one case have in common. A statement may have only a piece of the name: "Skolestruktur".
func (n *naming) key(name string) string {
	if key, known := n.keys[name]; known {
		return key
	}
	key, short := n.own(name), norsk.Fold(name)
	if _, whole := n.full[short]; !whole && short != "" && extract.CaseNumber(name) == "" {
		found, several := "", false
		for folded, of := range n.full {
			if strings.Contains(" "+folded+" ", " "+short+" ") {
				several = several || found != "" && found != of
				found = of
			}
		}
		if found != "" && !several {
			key = found
		}
	}
	n.keys[name] = key
	return key
}

// starts reports whether a heading is that of a case, or of what belongs to none, and not one within a case.
func (n *naming) starts(heading string) bool {
	switch {
	case norsk.Opening.Is(heading):
		return true
	case casePart(heading):
		return false
	}
	return n.loose || extract.CaseNumber(heading) != "" || n.cases[n.key(heading)]
}
