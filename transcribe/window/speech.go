package window

import "github.com/referent/referent"

// Speech gives the stretches that hold a voice, padded, in order, disjoint and within [0, samples).
// probabilities has one number for each frame of 512 samples from the start.
func Speech(probabilities []float32, samples int64, opt Options) []referent.Span {
	var spans []referent.Span
	keep := func(start, end int64) {
		if end -= start; end >= opt.MinSpeech {
			spans = append(spans, referent.Span{Start: start, End: start + end})
		}
	}
	const none = -1
	start, quiet := int64(none), int64(none) // where speech began, and where it may have ended
	for i, p := range probabilities {
		at := int64(i) * frame
		if at >= samples {
			break
		}
		switch {
		case p >= opt.Threshold:
			quiet = none
			if start == none {
				start = at
			}
		case start == none || p >= opt.Low:
		case quiet == none:
			quiet = at
			fallthrough
		default:
			if at+frame-quiet >= opt.MinSilence {
				keep(start, quiet)
				start, quiet = none, none
			}
		}
	}
	if start != none {
		end := min(samples, int64(len(probabilities))*frame)
		if quiet != none {
			end = quiet
		}
		keep(start, end)
	}
	return pad(spans, samples, opt.Pad)
}

// pad widens every span by n on both sides; neighbours that would meet share the silence between them.
func pad(spans []referent.Span, samples, n int64) []referent.Span {
	for i := range spans {
		s := &spans[i]
		if i == 0 {
			s.Start = max(0, s.Start-n)
		}
		limit := samples
		if i+1 < len(spans) {
			next := &spans[i+1]
			if gap := next.Start - s.End; gap < 2*n {
				s.End += gap / 2
				next.Start = s.End
				continue
			}
			limit = next.Start
			next.Start -= n
		}
		s.End = min(s.End+n, limit)
	}
	return spans
}
