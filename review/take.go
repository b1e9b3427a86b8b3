package review

import (
	"errors"
	"reflect"
	"slices"

	"github.com/referent/referent"
)

// Taken makes a draft in which one part is as in another version, and all else as it was. What asks for an answer
// follows: see take_open.go. CodeInvalid: the part cannot be taken alone, or is the same
// already, or nothing of that version can be taken; CodeNotFound: it has
// no such part.
func Taken(now *referent.Minutes, from Source, which Part, who Person) (*referent.Minutes, error) {
	out, err := clone(now)
	if err != nil {
		return nil, err
	}
	other, err := clone(from.Minutes)
	if err != nil {
		return nil, err
	}
	from.Minutes = other
	d, err := divide(now, from)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(d.parts, func(p part) bool { return p.Part == which && !d.offer(p).Kept })
	if i < 0 {
		return nil, notThere()
	}
	p := d.parts[i]
	switch o := d.offer(p); {
	case !o.Differs:
		return nil, invalid("the part is the same in both versions")
	case o.Clash:
		return nil, referent.E(referent.CodeInvalid, op, errClash).WithHint("give one of the cases another name, or restore the version as a whole")
	case o.Refused:
		return nil, referent.E(referent.CodeInvalid, op, errAlone).WithHint("restore the version as a whole")
	case !o.Takes:
		return nil, notThere()
	}
	taken := d.takenVotes(p)
	d.put(out, p, taken.Votes)
	d.ask(out, p, taken.Votes)
	d.reopen(out, p)
	d.lack(out, p)
	if err := d.tell(out, p, who); err != nil {
		return nil, err
	}
	if !d.holds(out, p) {
		return nil, referent.E(referent.CodeInvalid, op, errAlone).WithHint("restore the version as a whole")
	}
	return out, nil
}

// takenVotes is the part of the other version with its votes as they may stand: confirmed only where somebody did
// that for this very vote. What was doubted of one that is unconfirmed in both is doubted still.
func (d *division) takenVotes(p part) *referent.Minutes {
	out := *p.other
	out.Votes = slices.Clone(out.Votes)
	used := make([]bool, len(p.now.Votes))
	for i := range out.Votes {
		v := &out.Votes[i]
		if !d.from.Person {
			v.Confirmed = nil
		}
		k := slices.IndexFunc(p.now.Votes, func(w referent.Vote) bool { return d.sameVoting(*v, w) })
		if k < 0 || used[k] {
			continue
		}
		used[k] = true
		was := p.now.Votes[k]
		switch {
		case was.Confirmed != nil:
			by := *was.Confirmed
			v.Confirmed, v.Faults = &by, slices.Clone(was.Faults)
		case v.Confirmed == nil:
			v.Faults = slices.Clone(v.Faults)
			for _, f := range was.Faults {
				if !slices.Contains(v.Faults, f) {
					v.Faults = append(v.Faults, f)
				}
			}
		}
	}
	return &out
}

// sameVoting reports whether two votes are one: on the same proposal, in the same words, with the same count, heard in
// the same places. A confirmation of other words is none of these.
func (d *division) sameVoting(a, b referent.Vote) bool {
	same := func() bool { return a.Case == b.Case || d.names != nil && d.names.key(a.Case) == d.names.key(b.Case) }
	return a.Proposal == b.Proposal && slices.Equal(a.Evidence, b.Evidence) && sameCount(a, b) && same()
}

// swap takes what stands at some places of a list out of it, and puts others in at one.
type swap[T any] struct {
	gone []int
	in   []T
	at   int
}

func swapped[T any](list []T, swaps []swap[T]) []T {
	out := make([]T, 0, len(list))
	for i := 0; i <= len(list); i++ {
		gone := false
		for _, s := range swaps {
			if s.at == i {
				out = append(out, s.in...)
			}
			gone = gone || slices.Contains(s.gone, i)
		}
		if i < len(list) && !gone {
			out = append(out, list[i])
		}
	}
	return out
}

// put replaces the part, list by list.
func (d *division) put(out *referent.Minutes, p part, votes []referent.Vote) {
	other := d.from.Minutes
	switch p.List {
	case Head:
		out.Title, out.Date, out.Place, out.Present, out.Absent = other.Title, other.Date, other.Place, other.Present, other.Absent
		return
	case Actions:
		out.Actions = other.Actions
		return
	case NextMeeting:
		out.NextMeeting = other.NextMeeting
		return
	}
	var items []swap[referent.Item]
	var cases []swap[referent.Case]
	var decisions []swap[referent.Decision]
	var voted []swap[referent.Vote]
	var movements []swap[referent.Movement]
	for _, q := range p.pairs {
		now, u := at(d.a, q.now), unit{}
		if now == nil {
			now = &unit{}
		}
		if q.other < 0 {
			items, cases = append(items, swap[referent.Item]{gone: now.items}), append(cases, swap[referent.Case]{gone: now.cases})
			decisions, voted = append(decisions, swap[referent.Decision]{gone: now.decisions}), append(voted, swap[referent.Vote]{gone: now.votes})
			movements = append(movements, swap[referent.Movement]{gone: now.movements})
			continue
		}
		u = d.b[q.other]
		in := pick(other.Items, u.items)
		to := d.place(q, len(out.Items), func(u unit) []int { return u.items })
		if u.list == Cases {
			to = d.between(out.Items, in, now.items, to)
		}
		items = append(items, swap[referent.Item]{now.items, in, to})
		cases = append(cases, swaps(now.cases, pick(other.Cases, u.cases), d.place(q, len(out.Cases), func(u unit) []int { return u.cases }))...)
		decisions = append(decisions, swaps(now.decisions, pick(other.Decisions, u.decisions), d.place(q, len(out.Decisions), func(u unit) []int { return u.decisions }))...)
		voted = append(voted, swaps(now.votes, votes[:len(u.votes)], d.place(q, len(out.Votes), func(u unit) []int { return u.votes }))...)
		movements = append(movements, swaps(now.movements, pick(other.Movements, u.movements), d.place(q, len(out.Movements), func(u unit) []int { return u.movements }))...)
		votes = votes[len(u.votes):]
	}
	out.Items, out.Decisions, out.Votes = swapped(out.Items, items), swapped(out.Decisions, decisions), swapped(out.Votes, voted)
	out.Cases, out.Movements = swapped(out.Cases, cases), swapped(out.Movements, movements)
}

// swaps is one swap, or one for each place where as many come as go: what stands between them stays there.
func swaps[T any](gone []int, in []T, at int) []swap[T] {
	if len(gone) != len(in) {
		return []swap[T]{{gone, in, at}}
	}
	var out []swap[T]
	for k, i := range gone {
		out = append(out, swap[T]{[]int{i}, in[k : k+1], i})
	}
	return out
}

// place is where a unit of the other version comes in a list of so many: where it was, else after what it comes after in
// the other version, else before what it comes before.
func (d *division) place(q pairing, count int, of func(unit) []int) int {
	here := func(k int) []int {
		if u := at(d.a, d.ofB[k]); u != nil {
			return of(*u)
		}
		return nil
	}
	if was := here(q.other); len(was) > 0 {
		return was[0]
	}
	for k := q.other - 1; k >= 0; k-- {
		if before := here(k); len(before) > 0 {
			return slices.Max(before) + 1
		}
	}
	for k := q.other + 1; k < len(d.b); k++ {
		if after := here(k); len(after) > 0 {
			return slices.Min(after)
		}
	}
	return count
}

// between keeps a case from coming between another and its parts. Parts that follow no case stand first in the
// document.
func (d *division) between(items, in []referent.Item, gone []int, to int) int {
	if len(in) > 0 && !d.names.starts(in[0].Heading) {
		return 0
	}
	for to < len(items) && !d.names.starts(items[to].Heading) && !slices.Contains(gone, to) {
		to++
	}
	return to
}

// holds reports whether the part is as it was to be, and every other as it was.
func (d *division) holds(out *referent.Minutes, p part) bool {
	if len(p.pairs) == 0 || p.List != Cases {
		return true
	}
	is := units(out, d.names)
	find := map[string]*unit{}
	for i := range is {
		find[is[i].key] = &is[i]
	}
	taken := map[pairing]bool{}
	for _, q := range p.pairs {
		taken[q] = true
	}
	want := 0
	for _, q := range d.pairs {
		from, u := d.from.Minutes, at(d.b, q.other)
		if !taken[q] {
			from, u = d.now, at(d.a, q.now)
		}
		if u == nil {
			continue
		}
		want++
		got := find[u.key]
		if got == nil || !says(got.only(out), u.only(from)) {
			return false
		}
		if !taken[q] && !reflect.DeepEqual(confirmedOf(got.only(out)), confirmedOf(u.only(from))) {
			return false
		}
	}
	return want == len(is)
}

func confirmedOf(m *referent.Minutes) []*referent.Approval {
	var out []*referent.Approval
	for _, v := range m.Votes {
		out = append(out, v.Confirmed)
	}
	return out
}

var (
	errClash = errors.New("another case has the same name")
	errAlone = errors.New("the part hangs together with another that stays")
)
