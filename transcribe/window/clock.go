package window

import "github.com/referent/referent"

// Clock leads positions in what the recogniser heard of a window, its spans joined, back to the
// recording. All positions are samples.
type Clock struct {
	spans []referent.Span
	heard []int64 // where each span begins in what was heard
	total int64
}

// NewClock makes the clock of w.
func NewClock(w referent.Window) *Clock {
	c := &Clock{spans: w.Spans, heard: make([]int64, len(w.Spans))}
	for i, s := range w.Spans {
		c.heard[i] = c.total
		c.total += s.Len()
	}
	return c
}

// Stretch leads what was heard in [from, to) back to the recording. Both ends are kept inside the
// window, the result lies inside one span, and later stretches never come before earlier ones. A
// stretch that reaches over a join belongs to the span that holds most of it: a word is not said
// across a pause that was cut out.
func (c *Clock) Stretch(from, to int64) referent.Span {
	if len(c.spans) == 0 {
		return referent.Span{}
	}
	from = min(max(from, 0), c.total)
	to = min(max(to, from), c.total)
	best := c.index(from)
	most := int64(-1)
	for i := best; i < len(c.spans) && (i == best || c.heard[i] < to); i++ {
		end := c.heard[i] + c.spans[i].Len()
		if share := min(to, end) - max(from, c.heard[i]); share > most {
			most, best = share, i
		}
	}
	s, begin := c.spans[best], c.heard[best]
	clamp := func(t int64) int64 { return s.Start + min(max(t-begin, 0), s.Len()) }
	return referent.Span{Start: clamp(from), End: clamp(to)}
}

// index is the span that holds position t; the later one at a join.
func (c *Clock) index(t int64) int {
	i := len(c.heard) - 1
	for i > 0 && c.heard[i] > t {
		i--
	}
	return i
}
