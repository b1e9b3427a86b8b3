package window

import "github.com/referent/referent"

// Part is what is heard of w in [from, to) as a window of its own.
func Part(w referent.Window, from, to int64) referent.Window {
	p := referent.Window{Channel: w.Channel}
	var at int64
	for i, s := range w.Spans {
		a, b := max(from, at), min(to, at+s.Len())
		if a < b {
			p.Spans = append(p.Spans, referent.Span{Start: s.Start + a - at, End: s.Start + b - at})
			if len(w.Voice) == len(w.Spans) {
				p.Voice = append(p.Voice, w.Voice[i])
			}
		}
		at += s.Len()
	}
	return p
}

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
