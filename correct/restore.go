package correct

import (
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/speakers"
)

// restore makes one segment what it was in another version: other words, there again, or gone.
func (d *draft) restore(e Amendment) error {
	old, err := d.version(e.Version)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(old.Segments, func(s referent.Segment) bool { return s.ID == e.Segment })
	i, there := d.at[e.Segment]
	switch {
	case !there && k < 0:
		return nil
	case there && k >= 0 && same(&d.Segments[i], &old.Segments[k]):
		return nil
	case there && !saw(&d.Segments[i], e.Seen):
		return conflict(e.Segment, &d.Segments[i])
	case !there && !e.Seen.Gone:
		return conflict(e.Segment, nil)
	}
	d.changed = true
	if k < 0 {
		d.remove(i)
		return nil
	}
	s := old.Segments[k]
	var had []string // whose it was
	if there {
		had = append(slices.Clone(d.Segments[i].Others), d.Segments[i].Speaker)
		d.retake(d.Segments[i].Speaker, &s)
		d.Segments[i] = s
	} else {
		d.Segments = slices.Insert(d.Segments, d.placeOf(old, k), s)
		d.index()
	}
	d.Corrections = slices.DeleteFunc(d.Corrections, func(c referent.Correction) bool { return c.Segment == s.ID })
	for _, c := range old.Corrections {
		if c.Segment == s.ID {
			d.Corrections = append(d.Corrections, c)
		}
	}
	d.bringBack(old, s.Speaker)
	for _, o := range s.Others {
		d.bringBack(old, o)
	}
	d.leave(had)
	return nil
}

// retake gives the turns within a segment back to who had it.
func (d *draft) retake(from string, s *referent.Segment) {
	if from == s.Speaker {
		return
	}
	for i := range d.Turns {
		if x := &d.Turns[i]; x.Speaker == from && x.Start >= s.Start && x.End <= s.End {
			x.Speaker = s.Speaker
		}
	}
}

// bringBack puts a speaker of the old version that has gone since back on the list.
func (d *draft) bringBack(old *referent.Transcript, id string) {
	is := func(s referent.Speaker) bool { return s.ID == id }
	if id == "" || slices.ContainsFunc(d.Speakers, is) {
		return
	}
	if k := slices.IndexFunc(old.Speakers, is); k >= 0 {
		d.Speakers = slices.Insert(d.Speakers, min(k, len(d.Speakers)), old.Speakers[k])
	}
}

// leave takes those speakers away of whom nothing is left.
func (d *draft) leave(ids []string) {
	d.SpeakersMade = speakers.Made(d.Transcript)
	used := map[string]bool{}
	for _, s := range d.Segments {
		used[s.Speaker] = true
		for _, o := range s.Others {
			used[o] = true
		}
	}
	for _, x := range d.Turns {
		used[x.Speaker] = true
	}
	d.Speakers = slices.DeleteFunc(d.Speakers, func(s referent.Speaker) bool { return !used[s.ID] && slices.Contains(ids, s.ID) })
}

// placeOf is where the segment at k of the old version belongs: after the nearest one before it there that is here.
func (d *draft) placeOf(old *referent.Transcript, k int) int {
	for _, s := range slices.Backward(old.Segments[:k]) {
		if i, there := d.at[s.ID]; there {
			// What was put after it since, and begins earlier, stays before.
			for i++; i < len(d.Segments) && d.Segments[i].Start < old.Segments[k].Start && d.Segments[i].Start > s.Start; i++ {
			}
			return i
		}
	}
	return 0
}

func (d *draft) version(n int) (*referent.Transcript, error) {
	if t := d.olds[n]; t != nil {
		return t, nil
	}
	if n < 1 {
		return nil, invalid("a segment is restored from a version")
	}
	t, err := d.old(n)
	if err == nil {
		d.olds[n] = t
	}
	return t, err
}
