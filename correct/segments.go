package correct

import (
	"errors"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/speakers"
)

// split makes two segments of one, before the word. The first keeps the id; the second knows it, and all that the one
// was joined of: what cites those may mean either half.
func (d *draft) split(i, word int) error {
	s := d.Segments[i]
	if word < 1 || word >= len(s.Words) {
		return invalid("a segment is split before a word that is neither its first nor none")
	}
	second := s
	second.ID, second.Joined = d.fresh(), tidy(slices.Concat([]string{s.ID}, s.Joined), "")
	if _, taken := d.at[second.ID]; taken || second.ID == "" {
		return referent.E(referent.CodeInternal, op, errors.New("the id of a new segment is taken"))
	}
	border := milliseconds(min(max(s.Words[word].Start, s.Start), s.End))
	first := s
	first.Words, second.Words = slices.Clone(s.Words[:word]), slices.Clone(s.Words[word:])
	first.End, second.Start = border, border
	for _, x := range []*referent.Segment{&first, &second} {
		inOrder(x.Words, x.Start, x.End)
		x.Text, x.Corrected = textOf(x.Words), true
	}
	for k := range d.Corrections {
		if c := &d.Corrections[k]; c.Segment == s.ID && c.Word >= word {
			c.Segment, c.Word = second.ID, c.Word-word
		}
	}
	d.Corrections = slices.DeleteFunc(d.Corrections, func(c referent.Correction) bool { return c.Segment == s.ID && c.Word+c.Words > word })
	d.Segments[i] = first
	d.Segments = slices.Insert(d.Segments, i+1, second)
	d.index()
	d.changed = true
	return nil
}

// join makes one segment of two that follow each other. It keeps the first's id and speaker, and knows the second's
// id: what cites that finds it.
func (d *draft) join(i int, e Amendment) error {
	s := &d.Segments[i]
	if !saw(s, e.Seen) {
		return conflict(s.ID, s)
	}
	if e.Next == nil || i+1 >= len(d.Segments) {
		return invalid("a segment is joined with the one after it")
	}
	next := d.Segments[i+1]
	if !saw(&next, *e.Next) {
		return conflict(next.ID, &next)
	}
	if utf8.RuneCountInString(s.Text)+1+utf8.RuneCountInString(next.Text) > maxText {
		return referent.E(referent.CodeInvalid, op, errors.New("together they are too long")).WithHint("at most %d letters", maxText)
	}
	for k := range d.Corrections {
		if c := &d.Corrections[k]; c.Segment == next.ID {
			c.Segment, c.Word = s.ID, c.Word+len(s.Words)
		}
	}
	others := append(slices.Clone(s.Others), next.Others...)
	if next.Speaker != "" && next.Speaker != s.Speaker {
		others = append(others, next.Speaker)
	}
	s.Others = tidy(others, s.Speaker)
	s.Words = slices.Concat(s.Words, next.Words)
	s.End = max(s.End, next.End)
	inOrder(s.Words, s.Start, s.End)
	s.Text, s.Corrected = textOf(s.Words), true
	s.Joined = tidy(slices.Concat(s.Joined, []string{next.ID}, next.Joined), s.ID)
	s.Confirmed = s.Confirmed && next.Confirmed
	s.Quality.OK = s.Quality.OK && next.Quality.OK
	s.Quality.Reasons = tidy(slices.Concat(s.Quality.Reasons, next.Quality.Reasons), "")
	d.Segments = slices.Delete(d.Segments, i+1, i+2)
	d.index()
	d.changed = true
	return nil
}

func tidy(list []string, without string) []string {
	var out []string
	for _, x := range list {
		if x != without && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

func (d *draft) remove(i int) {
	id := d.Segments[i].ID
	d.Corrections = slices.DeleteFunc(d.Corrections, func(c referent.Correction) bool { return c.Segment == id })
	d.Segments = slices.Delete(d.Segments, i, i+1)
	d.index()
	d.changed = true
}

// give makes a segment, and with Rest those of the same speaker that follow it, another's.
func (d *draft) give(i int, e Amendment) error {
	from := d.Segments[i].Speaker
	if e.Speaker == "" || e.Speaker == from {
		return invalid("it is that speaker's already, or nobody's")
	}
	ids := []string{d.Segments[i].ID}
	for k := i + 1; e.Rest && k < len(d.Segments) && d.Segments[k].Speaker == from; k++ {
		ids = append(ids, d.Segments[k].ID)
	}
	given, _, err := speakers.ReassignAll(d.Transcript, ids, e.Speaker)
	if err != nil {
		return err
	}
	d.Transcript = given
	for _, s := range ids {
		d.Segments[d.at[s]].Corrected = true
	}
	d.changed = true
	return nil
}

// revert takes back the corrected name that begins at the word.
func (d *draft) revert(s *referent.Segment, word int) error {
	k := slices.IndexFunc(d.Corrections, func(c referent.Correction) bool { return c.Segment == s.ID && c.Word == word })
	if k < 0 {
		return referent.E(referent.CodeNotFound, op, errors.New("no such correction"))
	}
	taken, err := speakers.Revert(d.Transcript, k)
	if err != nil {
		return err
	}
	d.Transcript = taken
	d.Segments[d.at[s.ID]].Corrected = true
	d.changed = true
	return nil
}

// moveCorrections keeps those corrected names of a segment whose words stay beside each other. from is as realign
// tells it.
func (d *draft) moveCorrections(s *referent.Segment, from []int) {
	to := map[int]int{}
	for i, k := range from {
		if k >= 0 {
			to[k] = i
		}
	}
	d.Corrections = slices.DeleteFunc(d.Corrections, func(c referent.Correction) bool {
		if c.Segment != s.ID {
			return false
		}
		first, there := to[c.Word]
		for k := range c.Words {
			at, is := to[c.Word+k]
			there = there && is && at == first+k
		}
		return !there
	})
	for k := range d.Corrections {
		if c := &d.Corrections[k]; c.Segment == s.ID {
			c.Word = to[c.Word]
		}
	}
}

// finish brings what is summed up over the transcript in step with its segments.
func (d *draft) finish() *referent.Transcript {
	before, after := doubt(d.was.Segments), doubt(d.Segments)
	q := d.Quality
	q.Doubtful, q.Reasons = after[""], map[string]float64{}
	for r, n := range d.Quality.Reasons { // those of gaps stay
		if n = milliseconds(n - before[r] + after[r]); n > 0 {
			q.Reasons[r] = n
		}
	}
	for r, n := range after {
		if _, known := d.Quality.Reasons[r]; !known && r != "" && n > 0 {
			q.Reasons[r] = n
		}
	}
	if len(q.Reasons) == 0 {
		q.Reasons = nil
	}
	d.Transcript.Quality = q
	return d.Transcript
}

// doubt sums up the seconds of doubtful segments, by reason, and under "" all of them.
func doubt(segments []referent.Segment) map[string]float64 {
	sum := map[string]float64{"": 0}
	for _, s := range segments {
		if s.Quality.OK {
			continue
		}
		n := max(s.End-s.Start, 0)
		sum[""] += n
		for _, r := range s.Quality.Reasons {
			sum[r] += n
		}
	}
	for r, n := range sum {
		sum[r] = math.Round(n*1000) / 1000
	}
	return sum
}
