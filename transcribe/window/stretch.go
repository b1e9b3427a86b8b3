package window

import "github.com/referent/referent"

// Parts leads what was heard in [from, to) back to the recording: a part for each span that it touches, in
// order. Unlike Stretch it goes over joins, for what is no word.
func (c *Clock) Parts(from, to int64) []referent.Span {
	var parts []referent.Span
	for i, s := range c.spans {
		a, b := max(from, c.heard[i]), min(to, c.heard[i]+s.Len())
		if a < b {
			parts = append(parts, referent.Span{Start: s.Start + a - c.heard[i], End: s.Start + b - c.heard[i]})
		}
	}
	return parts
}
