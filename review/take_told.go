package review

import (
	"errors"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// mostTaken bounds what minutes tell of where their parts came from.
const mostTaken = 1000

// tell notes where the part came from: once for each theme or case of it, in the place of what was told of that
// before. What the other version has taken was written as it tells itself.
func (d *division) tell(out *referent.Minutes, p part, who Person) error {
	other := d.from.Minutes.Provenance
	note := func(list List, name string) referent.Taken {
		t := referent.Taken{Part: string(list), Name: name, Version: d.from.Version, Writer: other.Writer, Model: other.Model, Template: other.Template, By: who.Name, At: who.At}
		for _, was := range other.Taken {
			if d.taken(was) == d.taken(t) {
				t.Writer, t.Model, t.Template = was.Writer, was.Model, was.Template
			}
		}
		return t
	}
	replaced, come := map[string]bool{}, []referent.Taken{}
	add := func(list List, name string) {
		t := note(list, name)
		if replaced[d.taken(t)] = true; !slices.Contains(come, t) {
			come = append(come, t)
		}
	}
	for _, q := range p.pairs {
		if u := at(d.a, q.now); u != nil {
			replaced[d.taken(referent.Taken{Part: string(u.list), Name: u.name})] = true
		}
		if u := at(d.b, q.other); u != nil {
			add(u.list, u.name)
		}
	}
	if len(p.pairs) == 0 {
		add(p.List, "")
	}
	kept := slices.DeleteFunc(slices.Clone(out.Provenance.Taken), func(t referent.Taken) bool { return replaced[d.taken(t)] })
	out.Provenance.Taken = append(kept, come...)
	if len(out.Provenance.Taken) > mostTaken {
		return referent.E(referent.CodeTooLarge, op, errors.New("too many parts were taken")).WithHint("restore the version as a whole")
	}
	return nil
}

// taken is the same for what tells of one part.
func (d *division) taken(t referent.Taken) string {
	if t.Part == string(Cases) && d.names != nil {
		return t.Part + " " + d.names.key(t.Name)
	}
	return t.Part + " " + norsk.Fold(t.Name)
}
