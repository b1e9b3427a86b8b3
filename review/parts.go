package review

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/referent/referent"
)

// Part is something that can be taken from another version as a whole. Index is the theme or case of that version, from
// 0; all that was decided, and the parts that there is one of, have 0.
type Part struct {
	List  List `json:"list" enum:"head,items,cases,decisions,actions,next_meeting" doc:"What it is: the head, a theme, a case of a protocol with all that stands in its name, the decisions and votes, the tasks, the next meeting."`
	Index int  `json:"index" minimum:"0" doc:"The theme or case in the version that it is taken from."`
}

// Offer tells of a part of another version: what would come of taking it.
type Offer struct {
	Part
	Names     []string `json:"names" nullable:"false" doc:"The headings of the themes or cases; more than one where statements stand in several. Empty for what belongs to no case, and for the other parts."`
	Differs   bool     `json:"differs" doc:"The versions do not say the same in it."`
	Takes     bool     `json:"takes" doc:"It can be taken. Not what is the same, what the other version does not have, and what is refused."`
	New       bool     `json:"new" doc:"Only the other version has it: it is put in."`
	Kept      bool     `json:"kept" doc:"Only the version that is shown has it: it stays as it is."`
	Own       int      `json:"own" doc:"Statements that people have written, reworded or taken in, and that would go."`
	Confirmed int      `json:"confirmed" doc:"Confirmations of votes that would go."`
	Details   bool     `json:"details" doc:"Headings, or particulars such as the title, the place, those present, the next meeting or a legal basis, would be others. Nothing tells who wrote those: they are not among own."`
	Refused   bool     `json:"refused" doc:"It differs, and cannot be taken alone: the version can be restored as a whole."`
	Clash     bool     `json:"clash" doc:"It is refused since another case, that stays, has the same number or name."`

	now, other *referent.Minutes
}

// Compare tells the difference, from the other version to the one that is shown, or the other way.
func (o Offer) Compare(fromNow bool) []Line {
	if fromNow {
		return Compare(o.now, o.other)
	}
	return Compare(o.other, o.now)
}

// Parts lists what minutes and another version of them are made of, in the order of the document. CodeInvalid,
// CodeTooLarge: no part of the other can be put into them: see Mixes.
func Parts(now *referent.Minutes, from Source) ([]Offer, error) {
	d, err := divide(now, from)
	if err != nil {
		return nil, err
	}
	out := make([]Offer, len(d.parts))
	for i, p := range d.parts {
		out[i] = d.offer(p)
	}
	return out, nil
}

// Source is another version of the minutes, to take something from.
type Source struct {
	Version int
	Minutes *referent.Minutes
	Person  bool // a person made it: a vote that is confirmed there was confirmed by somebody
}

// Mixing is why nothing of a version can be put into another.
type Mixing string

const (
	MixesForms Mixing = "forms" // they are in different written forms
	MixesKinds Mixing = "kinds" // one is a protocol, with cases, and the other is not
	MixesSize  Mixing = "size"  // one is too large to be divided: only a program writes so much
)

// What can be divided: far more than any meeting needs.
const (
	mostUnits      = 500   // themes or headings, cases
	mostStatements = 5000  // with what is asked and settled
	mostCited      = 50000 // segments, each time that one is
)

func tooLarge(m *referent.Minutes) bool {
	said, heard := len(m.NeedsReview)+len(m.PossiblyMissed)+len(m.Missing)+len(m.Settled), 0
	for _, r := range m.NeedsReview {
		heard += len(r.Evidence)
	}
	for _, p := range m.PossiblyMissed {
		heard += len(p.Evidence)
	}
	for _, x := range m.Settled {
		heard += len(x.Evidence)
	}
	for _, s := range statements(m) {
		said++
		heard += len(s.evidence)
	}
	return len(m.Cases) > mostUnits || headed(m) > mostUnits || said > mostStatements || heard > mostCited
}

// headed counts what may become units of their own.
func headed(m *referent.Minutes) int {
	names := map[string]bool{}
	for _, c := range m.Cases {
		names[c.Name] = true
	}
	for _, d := range m.Decisions {
		names[d.Case] = true
	}
	for _, v := range m.Votes {
		names[v.Case] = true
	}
	for _, v := range m.Movements {
		names[v.Case] = true
	}
	n := len(names)
	for _, it := range m.Items {
		if !casePart(it.Heading) && !names[it.Heading] {
			n++
		}
	}
	return n
}

// Mixes reports why parts of two versions cannot stand in one document; "": they can.
func Mixes(now, other *referent.Minutes) Mixing {
	switch {
	case now.Language != other.Language:
		return MixesForms
	case now.Kind != other.Kind && grouped(now) != grouped(other):
		return MixesKinds
	case tooLarge(now) || tooLarge(other):
		return MixesSize
	}
	return ""
}

// part is what is taken at once. Only a part of themes, cases and decisions is a group.
type part struct {
	Part
	group
	now, other *referent.Minutes // nothing but the part
}

// division is two versions, part by part.
type division struct {
	now   *referent.Minutes
	from  Source
	names *naming // nil: they are not laid out by case
	a, b  []unit
	ofB   []int // the unit of the minutes that each of the other version is
	pairs []pairing
	parts []part
}

func divide(now *referent.Minutes, from Source) (*division, error) {
	switch other := from.Minutes; Mixes(now, other) {
	case MixesForms:
		return nil, referent.E(referent.CodeInvalid, op, errors.New("the versions are in different written forms")).WithHint("restore the version as a whole")
	case MixesKinds:
		return nil, referent.E(referent.CodeInvalid, op, errors.New("one version is a protocol and the other is not")).WithHint("restore the version as a whole")
	case MixesSize:
		return nil, referent.E(referent.CodeTooLarge, op, errors.New("a version has too many statements to be divided")).WithHint("restore the version as a whole")
	}
	d := &division{now: now, from: from}
	if grouped(now) || grouped(from.Minutes) {
		d.names = newNaming(now, from.Minutes)
	}
	d.a, d.b = units(now, d.names), units(from.Minutes, d.names)
	d.pairs = matched(now, from.Minutes, d.a, d.b)
	for _, q := range d.pairs[:len(d.b)] {
		d.ofB = append(d.ofB, q.now)
	}
	d.parts = []part{{Part: Part{List: Head}, now: headOf(now), other: headOf(from.Minutes)}}
	for _, g := range d.bound() {
		d.parts = append(d.parts, d.part(g))
	}
	d.parts = append(d.parts,
		part{Part: Part{List: Actions}, now: &referent.Minutes{Actions: now.Actions}, other: &referent.Minutes{Actions: from.Minutes.Actions}},
		part{Part: Part{List: NextMeeting}, now: &referent.Minutes{NextMeeting: now.NextMeeting}, other: &referent.Minutes{NextMeeting: from.Minutes.NextMeeting}})
	return d, nil
}

func headOf(m *referent.Minutes) *referent.Minutes {
	return &referent.Minutes{Title: m.Title, Date: m.Date, Place: m.Place, Present: m.Present, Absent: m.Absent}
}

// part is the part that a group is. It goes by the first unit of the other version; by the list of decisions where
// that is among them.
func (d *division) part(g group) part {
	p := part{group: g, now: &referent.Minutes{Language: d.now.Language}, other: &referent.Minutes{Language: d.now.Language}}
	var names *unit
	for _, q := range g.pairs {
		if u := at(d.a, q.now); u != nil {
			join(p.now, u.only(d.now))
		}
		u := at(d.b, q.other)
		if u == nil {
			continue
		}
		join(p.other, u.only(d.from.Minutes))
		if names == nil || u.list == Decisions {
			names = u
		}
	}
	if names == nil {
		names = &d.a[g.pairs[0].now]
	}
	p.List = names.list
	if p.List != Decisions {
		p.Index = names.index
	}
	return p
}

// comes reports whether the other version has anything of a group.
func (g group) comes() bool {
	return slices.ContainsFunc(g.pairs, func(q pairing) bool { return q.other >= 0 })
}

func join(to, m *referent.Minutes) {
	to.Items = append(to.Items, m.Items...)
	to.Cases = append(to.Cases, m.Cases...)
	to.Decisions = append(to.Decisions, m.Decisions...)
	to.Votes = append(to.Votes, m.Votes...)
	to.Movements = append(to.Movements, m.Movements...)
}

func (d *division) offer(p part) Offer {
	o := Offer{Part: p.Part, Names: []string{}, Differs: !says(p.now, p.other), now: p.now, other: p.other}
	there, had := !empty(p.other), !empty(p.now)
	if len(p.pairs) > 0 { // a theme without a word is one all the same
		there = p.comes()
		had = slices.ContainsFunc(p.pairs, func(q pairing) bool { return q.now >= 0 })
	}
	for _, q := range p.pairs {
		u := at(d.b, q.other)
		if u == nil {
			u = at(d.a, q.now)
		}
		if u.name != "" {
			o.Names = append(o.Names, u.name)
		}
	}
	o.New, o.Kept = there && !had, had && !there
	o.Clash = o.Differs && there && d.clashes(p)
	o.Refused = o.Clash || o.Differs && there && d.refuses(p)
	o.Takes = o.Differs && there && !o.Refused
	if o.Takes {
		o.Own, o.Confirmed, o.Details = len(d.own(p)), d.unconfirmed(p), had && detailed(p)
	}
	return o
}

// clashes reports whether a case of the part has the name of another case that stays: afterwards nothing could tell
// what belongs to which.
func (d *division) clashes(p part) bool {
	if p.List != Cases {
		return false
	}
	goes, come := map[int]bool{}, map[string]bool{}
	for _, q := range p.pairs {
		goes[q.now] = true
		if q.other >= 0 {
			come[d.b[q.other].key] = true
		}
	}
	for i, u := range d.a {
		if !goes[i] && come[u.key] {
			return true
		}
	}
	return false
}

// own are the statements of the part that people wrote, reworded or took in, and that the other version does not have
// as they are.
func (d *division) own(p part) []statement { return own(d.now.Settled, p.now, p.other) }

func own(settled []referent.Settled, now, other *referent.Minutes) []statement {
	stays := byKey(other)
	var out []statement
	for _, s := range statements(now) {
		if _, same := stays[s.key]; same {
			continue
		}
		accepted := slices.ContainsFunc(settled, func(x referent.Settled) bool { return acceptedAs(x, s) })
		if *s.added || *s.reworded || accepted {
			out = append(out, s)
		}
	}
	return out
}

// Lost counts what people have done with the minutes that goes where all of another version comes: statements that they
// wrote, reworded or took in, and votes that they confirmed.
func Lost(now, other *referent.Minutes) (statements, confirmed int) {
	for _, v := range now.Votes {
		if v.Confirmed != nil && !slices.ContainsFunc(other.Votes, func(w referent.Vote) bool { return sameVote(v, w) }) {
			confirmed++
		}
	}
	return len(own(now.Settled, now, other)), confirmed
}

// unconfirmed counts the votes that somebody has confirmed, and that are gone or must be confirmed again.
func (d *division) unconfirmed(p part) int {
	n, left := 0, slices.DeleteFunc(d.takenVotes(p).Votes, func(v referent.Vote) bool { return v.Confirmed == nil })
	for _, v := range p.now.Votes {
		if v.Confirmed == nil {
			continue
		}
		if k := slices.IndexFunc(left, func(w referent.Vote) bool { return d.sameVoting(v, w) }); k >= 0 {
			left = slices.Delete(left, k, k+1)
		} else {
			n++
		}
	}
	return n
}

// detailed reports whether something would go that bears no mark of who wrote it.
func detailed(p part) bool {
	details := func(m *referent.Minutes) string {
		x := referent.Minutes{Title: m.Title, Date: m.Date, Place: m.Place, Present: m.Present, Absent: m.Absent, NextMeeting: m.NextMeeting}
		for _, it := range m.Items {
			x.Items = append(x.Items, referent.Item{Heading: it.Heading})
		}
		for _, c := range m.Cases {
			x.Cases = append(x.Cases, referent.Case{Name: c.Name, Closed: c.Closed})
		}
		return string(plain(&x))
	}
	return details(p.now) != details(p.other)
}

// says reports whether two parts say the same, whoever wrote it and whoever has looked at it.
func says(a, b *referent.Minutes) bool { return bytes.Equal(plain(a), plain(b)) }

func plain(m *referent.Minutes) []byte {
	out, err := clone(m)
	if err != nil {
		return nil
	}
	for _, s := range statements(out) {
		*s.added, *s.reworded = false, false
	}
	for i := range out.Items {
		present(&out.Items[i].Points)
	}
	for i := range out.Votes {
		out.Votes[i].Confirmed, out.Votes[i].Faults = nil, nil
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil
	}
	return data
}

// empty reports whether a part holds nothing.
func empty(m *referent.Minutes) bool {
	none := &referent.Minutes{Language: m.Language}
	return says(m, none)
}
