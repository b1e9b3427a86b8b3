package eval

import "slices"

// EditKind is what happened to a word between reference and hypothesis.
type EditKind byte

const (
	Equal EditKind = iota
	Substitution
	Deletion
	Insertion
)

// Edit is one step of an alignment. Reference and Hypothesis are indices; a deletion has no Hypothesis
// and an insertion no Reference: the index is then that of what comes next.
type Edit struct {
	Kind                  EditKind
	Reference, Hypothesis int
}

// Align is the alignment that [Compare] counts. Time and memory are O(n·m).
func Align[T comparable](reference, hypothesis []T) []Edit {
	n, m := len(reference), len(hypothesis)
	// step[i*(m+1)+j] is how the cheapest way to the first i and first j elements ends.
	step := make([]EditKind, (n+1)*(m+1))
	cost := make([]int, m+1)
	for j := range cost {
		cost[j], step[j] = j, Insertion
	}
	for i, r := range reference {
		diagonal := cost[0]
		cost[0] = i + 1
		steps := step[(i+1)*(m+1):]
		steps[0] = Deletion
		for j, h := range hypothesis {
			best, kind := diagonal, Equal
			if r != h {
				best, kind = diagonal+1, Substitution
				if c := cost[j+1] + 1; c < best {
					best, kind = c, Deletion
				}
				if c := cost[j] + 1; c < best {
					best, kind = c, Insertion
				}
			}
			diagonal, cost[j+1], steps[j+1] = cost[j+1], best, kind
		}
	}
	var edits []Edit
	for i, j := n, m; i > 0 || j > 0; {
		kind := step[i*(m+1)+j]
		if kind != Insertion {
			i--
		}
		if kind != Deletion {
			j--
		}
		edits = append(edits, Edit{kind, i, j})
	}
	slices.Reverse(edits)
	return edits
}

// Count counts the errors of an alignment.
func Count(edits []Edit) (e Errors) {
	for _, edit := range edits {
		switch edit.Kind {
		case Substitution:
			e.Substitutions++
		case Deletion:
			e.Deletions++
		case Insertion:
			e.Insertions++
		}
		if edit.Kind != Insertion {
			e.Reference++
		}
	}
	return e
}

// Pieces cuts an alignment after every n elements of the reference and counts the errors of each piece.
func Pieces(edits []Edit, n int) (pieces []Errors) {
	start, seen := 0, 0
	for i, e := range edits {
		if e.Kind == Insertion {
			continue
		}
		if seen == n {
			pieces = append(pieces, Count(edits[start:i]))
			start, seen = i, 0
		}
		seen++
	}
	if start < len(edits) {
		pieces = append(pieces, Count(edits[start:]))
	}
	return pieces
}
