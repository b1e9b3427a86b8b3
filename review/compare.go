package review

import (
	"slices"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/extract"
	"github.com/referent/referent/summarize/norsk"
)

// Op says what became of words between two versions.
type Op string

const (
	Same    Op = "same"
	Changed Op = "changed" // of a Line: some of its words are others
	Added   Op = "added"
	Removed Op = "removed"
)

// Line is a statement as it is in one of two versions, or in both.
type Line struct {
	Part   List    `json:"part" doc:"The part of the minutes that it stands in."`
	Op     Op      `json:"op" enum:"same,changed,added,removed"`
	Pieces []Piece `json:"pieces" nullable:"false"`
}

// Piece is a run of words with one fate.
type Piece struct {
	Op   Op     `json:"op" enum:"same,added,removed"`
	Text string `json:"text"`
}

// line is a statement in words, before it is compared.
type line struct {
	part List
	text string
}

// Compare tells how the minutes became others, statement by statement and word by word.
func Compare(before, after *referent.Minutes) []Line {
	a, b := lines(before), lines(after)
	out, work := []Line{}, mostWork
	for _, r := range align(a, b) {
		if r.same {
			for _, l := range a[r.a0:r.a1] {
				out = append(out, Line{l.part, Same, []Piece{{Same, l.text}}})
			}
			continue
		}
		out = append(out, pair(a[r.a0:r.a1], b[r.b0:r.b1], &work)...)
	}
	return out
}

// alikeEnough is the share of words that two statements have in common when one is the other, changed.
const alikeEnough = 0.4

// mostWork bounds what the search for changed statements may cost, in cells of the tables that they are compared
// with: what is left when it is spent is told of as removed and added.
const mostWork = 64 << 20

// pair compares the statements between two places that are the same: each with the first that is like it. What it
// costs is taken from work.
func pair(removed, added []line, work *int) []Line {
	var out []Line
	words := make([][]string, len(added))
	for i, s := range added {
		words[i] = strings.Fields(s.text)
	}
	next := 0
	for _, r := range removed {
		x := strings.Fields(r.text)
		k := next
		for ; k < len(added) && *work > 0; k++ {
			*work--
			if added[k].part != r.part {
				continue
			}
			*work -= min(len(x)*len(words[k]), mostCells)
			if alike(x, words[k]) >= alikeEnough {
				break
			}
		}
		if k == len(added) || *work <= 0 {
			out = append(out, Line{r.part, Removed, []Piece{{Removed, r.text}}})
			continue
		}
		for _, s := range added[next:k] {
			out = append(out, Line{s.part, Added, []Piece{{Added, s.text}}})
		}
		out = append(out, Line{r.part, Changed, pieces(x, words[k])})
		next = k + 1
	}
	for _, s := range added[next:] {
		out = append(out, Line{s.part, Added, []Piece{{Added, s.text}}})
	}
	return out
}

// alike is the share of words that two statements have in common, 0 to 1.
func alike(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	common := 0
	for _, r := range align(a, b) {
		if r.same {
			common += r.a1 - r.a0
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}

func pieces(a, b []string) []Piece {
	out := []Piece{}
	add := func(op Op, words []string) {
		if len(words) > 0 {
			out = append(out, Piece{op, strings.Join(words, " ")})
		}
	}
	for _, r := range align(a, b) {
		if r.same {
			add(Same, a[r.a0:r.a1])
			continue
		}
		add(Removed, a[r.a0:r.a1])
		add(Added, b[r.b0:r.b1])
	}
	return out
}

// run is a stretch [a0, a1) of one list and [b0, b1) of another: the same in both, or what stands in one place of
// each.
type run struct {
	same           bool
	a0, a1, b0, b1 int
}

// mostCells bounds the table that two lists are aligned with: beyond it they are told as wholly different.
const mostCells = 4 << 20

// align finds the longest list that two have in common, and returns them as runs in order.
func align[T comparable](a, b []T) []run {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	var out []run
	add := func(same bool, i0, i1, j0, j1 int) {
		if i0 == i1 && j0 == j1 {
			return
		}
		if n := len(out); n > 0 && out[n-1].same == same {
			out[n-1].a1, out[n-1].b1 = i1, j1
			return
		}
		out = append(out, run{same, i0, i1, j0, j1})
	}
	add(true, 0, head, 0, head)
	i, j := 0, 0
	if len(x)*len(y) <= mostCells {
		left := common(x, y)
		for i < len(x) && j < len(y) {
			switch w := len(y) + 1; {
			case x[i] == y[j]:
				add(true, head+i, head+i+1, head+j, head+j+1)
				i, j = i+1, j+1
			case left[(i+1)*w+j] >= left[i*w+j+1]:
				add(false, head+i, head+i+1, head+j, head+j)
				i++
			default:
				add(false, head+i, head+i, head+j, head+j+1)
				j++
			}
		}
	}
	add(false, head+i, head+len(x), head+j, head+len(y))
	add(true, len(a)-tail, len(a), len(b)-tail, len(b))
	return out
}

// common is the length of the longest list in common of x[i:] and y[j:], at i*(len(y)+1)+j.
func common[T comparable](x, y []T) []int32 {
	w := len(y) + 1
	left := make([]int32, (len(x)+1)*w)
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				left[i*w+j] = left[(i+1)*w+j+1] + 1
			} else {
				left[i*w+j] = max(left[(i+1)*w+j], left[i*w+j+1])
			}
		}
	}
	return left
}

// lines is all that minutes say, a statement a line.
func lines(m *referent.Minutes) []line {
	var out []line
	add := func(part List, texts ...string) {
		texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
		if len(texts) > 0 {
			out = append(out, line{part, strings.Join(texts, " · ")})
		}
	}
	add(Head, m.Title)
	add(Head, m.Date)
	add(Head, m.Place)
	add(Head, strings.Join(m.Present, ", "))
	add(Head, strings.Join(m.Absent, ", "))
	for _, it := range m.Items {
		add(Items, it.Heading)
		for _, p := range it.Points {
			add(Points, p.Text)
		}
	}
	for _, c := range m.Cases {
		if c.Recommendation != nil {
			add(Recommendation, c.Name, c.Recommendation.Text)
		}
		for _, q := range c.Proposals {
			add(Proposals, c.Name, q.Text, strings.Join(q.By, ", "))
		}
		if c.Closed != nil {
			add(Closed, c.Name, c.Closed.Basis)
		}
	}
	for _, d := range m.Decisions {
		add(Decisions, d.Case, d.Text)
	}
	for _, a := range m.Actions {
		due := ""
		if a.Due != nil {
			due = *a.Due
		}
		add(Actions, a.Task, a.Owner, due, a.Status)
	}
	for _, v := range m.Votes {
		blank := ""
		if v.Blank != nil {
			blank = strconv.Itoa(*v.Blank)
		}
		add(Votes, v.Case, extract.VotedText(v, string(m.Language)), blank)
	}
	for _, x := range m.Movements {
		what := x.Name + " " + x.Clock // what a program handed in may be none of the known ones
		if w, ok := moved[x.What]; ok {
			what = w.In(string(m.Language), "name", x.Name, "clock", " "+x.Clock)
		}
		add(Movements, what, x.Case)
	}
	if n := m.NextMeeting; n != nil {
		day := ""
		if n.Date != nil {
			day = *n.Date
		}
		add(NextMeeting, day, n.Time, n.Place, n.Text)
	}
	for _, r := range m.NeedsReview {
		add(NeedsReview, r.Text)
	}
	for _, p := range m.PossiblyMissed {
		add(PossiblyMissed, p.Text)
	}
	for _, s := range m.Missing {
		add(Missing, s)
	}
	return out
}

// moved are the words for what a member did.
var moved = map[string]norsk.Word{referent.MovementArrived: norsk.ArrivedMove, referent.MovementLeft: norsk.LeftMove,
	referent.MovementDisqualified: norsk.DisqualifiedMove, referent.MovementSubstitute: norsk.SubstituteMove, referent.MovementReturned: norsk.ReturnedMove}
