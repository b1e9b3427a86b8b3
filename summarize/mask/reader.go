package mask

import "slices"

// reader holds one text, its atoms, and what has been found in it so far.
type reader struct {
	text  string
	atoms []atom
	taken []bool // atoms that belong to a finding
	// shield marks the atoms of amounts, which are part of no other number. Nil until they are known.
	shield []bool
	found  []finding
	small  bool // the text has no capital letter: capitals tell nothing in it
}

func newReader(text string) *reader {
	r := &reader{text: text, atoms: lex(text)}
	r.taken = make([]bool, len(r.atoms))
	r.small = len(r.atoms) > 3 && !slices.ContainsFunc(r.atoms, func(a atom) bool { return a.capital })
	return r
}

// claim takes a finding in unless a part of it is taken. The first to claim a stretch has it.
func (r *reader) claim(f finding) bool {
	first, _ := slices.BinarySearchFunc(r.atoms, f.from, func(a atom, at int) int {
		if a.to <= at {
			return -1
		}
		return 1
	})
	if f.from >= f.to {
		return false
	}
	end := first
	for ; end < len(r.atoms) && r.atoms[end].from < f.to; end++ {
		if r.taken[end] {
			return false
		}
	}
	if first == end {
		return false
	}
	for i := first; i < end; i++ {
		r.taken[i] = true
	}
	r.found = append(r.found, f)
	return true
}

// claimAtoms takes the atoms [from, to) in.
func (r *reader) claimAtoms(from, to int, l label, canonical string) bool {
	return r.claim(finding{from: r.atoms[from].from, to: r.atoms[to-1].to, label: l, canonical: canonical})
}

// low is the folded word or ASCII digits at i, the sign itself for a mark, "" outside the text.
func (r *reader) low(i int) string {
	if i < 0 || i >= len(r.atoms) {
		return ""
	}
	if r.atoms[i].sort == mark {
		return r.atoms[i].text
	}
	return r.atoms[i].low
}

// is reports whether there is an atom of the sort at i.
func (r *reader) is(i int, s sort) bool {
	return i >= 0 && i < len(r.atoms) && r.atoms[i].sort == s
}
