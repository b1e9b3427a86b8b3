package minutes

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"github.com/referent/referent"
)

// The sets of meetings that are measured on.
const (
	SetOwn        = "own"        // the project's own cases
	SetHeldOut    = "heldout"    // cases that nothing was tuned on
	SetMunicipal  = "municipal"  // cases of real møtebøker, read aloud as a chair reads
	SetAMI        = "ami"        // English meetings with decisions and actions, without lines
	SetStorting   = "storting"   // sittings of hours, without gold
	SetInjections = "injections" // speakers who dictate instructions
	SetFolder     = "folder"     // cases of one's own, which are measured with RunCases
)

// Sets are all sets that Run knows, in the order in which they are told of.
var Sets = []string{SetOwn, SetHeldOut, SetMunicipal, SetAMI, SetStorting, SetInjections}

// Write makes the minutes of a meeting: a writer under test.
type Write func(context.Context, *referent.Meeting, *referent.Transcript) (*referent.Minutes, error)

// Set is what came of one writer on one set.
type Set struct {
	Name  string `json:"name"`
	Cases int    `json:"cases"`
	// Failed are the cases of which there are no minutes. Nothing of their gold counts as found.
	Failed []Failed `json:"failed"`
	Kinds  []Kind   `json:"kinds"`
	Total  Result   `json:"total"` // its faults stand with the cases
	Each   []Result `json:"each"`

	Sittings []Sitting `json:"sittings,omitempty"`
	Trials   []Trial   `json:"trials,omitempty"`
}

// Failed is a case that gave no minutes.
type Failed struct {
	Case string        `json:"case"`
	Code referent.Code `json:"code"`
}

// Kind is the sum of one kind of document.
type Kind struct {
	Kind   referent.Kind `json:"kind"`
	Cases  int           `json:"cases"`
	Result Result        `json:"result"`
}

// Run has the writer write the minutes of a set's meetings and scores them. data is the folder of the
// evaluation data on minutes; fs.ErrNotExist when the set needs it and it is not there. limit is how many
// meetings are taken, 0 all. told, which may be nil, is called before each meeting with what part is done.
//
// A meeting whose minutes fail is noted and the next one is tried; a cancelled context ends the run.
func Run(ctx context.Context, set string, write Write, data fs.FS, limit int, told func(float64)) (*Set, error) {
	r := newRun(ctx, set, write, limit, told)
	var err error
	switch set {
	case SetOwn:
		var cases, wider []Case
		if cases, err = Cases(); err != nil {
			break
		}
		if wider, err = Wider(); err == nil {
			err = r.cases(append(cases, wider...), Score)
		}
	case SetHeldOut:
		var cases []Case
		if cases, err = HeldOut(); err == nil {
			err = r.cases(cases, Score)
		}
	case SetMunicipal:
		var cases []Case
		if cases, err = Municipal(data); err == nil {
			err = r.cases(cases, Score)
		}
	case SetAMI:
		err = r.ami(data)
	case SetStorting:
		err = r.storting(data)
	case SetInjections:
		err = r.injections()
	}
	if err != nil {
		return nil, err
	}
	r.sum()
	return r.out, nil
}

// RunCases is Run for cases of one's own.
func RunCases(ctx context.Context, cases []Case, write Write, limit int, told func(float64)) (*Set, error) {
	r := newRun(ctx, SetFolder, write, limit, told)
	if err := r.cases(cases, Score); err != nil {
		return nil, err
	}
	r.sum()
	return r.out, nil
}

// run is one set while it is measured.
type run struct {
	ctx   context.Context
	write Write
	limit int
	told  func(float64)
	out   *Set
}

func newRun(ctx context.Context, set string, write Write, limit int, told func(float64)) *run {
	if told == nil {
		told = func(float64) {}
	}
	return &run{ctx: ctx, write: write, limit: limit, told: told, out: &Set{Name: set, Failed: []Failed{}, Kinds: []Kind{}, Each: []Result{}}}
}

func limited[T any](list []T, limit int) []T {
	if limit > 0 && limit < len(list) {
		return list[:limit]
	}
	return list
}

// minutes writes one case's minutes. Both are nil when the writer failed, which is then noted.
func (r *run) minutes(c *Case) (*referent.Minutes, error) {
	m, t := c.Meeting()
	start := time.Now()
	got, err := r.write(r.ctx, m, t)
	if r.ctx.Err() != nil {
		return nil, referent.E(referent.CodeCancelled, "minutes: measure writer", r.ctx.Err())
	}
	if err != nil {
		r.out.Failed = append(r.out.Failed, Failed{c.Name, referent.CodeOf(err)})
		return nil, nil
	}
	if got.Provenance.Seconds == 0 {
		got.Provenance.Seconds = time.Since(start).Seconds()
	}
	return got, nil
}

func (r *run) cases(cases []Case, score func(Case, *referent.Minutes) Result) error {
	cases = limited(cases, r.limit)
	r.out.Cases = len(cases)
	for i, c := range cases {
		r.told(float64(i) / float64(len(cases)))
		got, err := r.minutes(&c)
		if err != nil {
			return err
		}
		if got == nil {
			got = &referent.Minutes{Kind: c.Kind, Language: c.Language} // all of its gold is missed
		}
		r.out.Each = append(r.out.Each, score(c, got))
	}
	return nil
}

// sum adds the cases up, by kind and in all.
func (r *run) sum() {
	byKind := map[referent.Kind][]Result{}
	for _, one := range r.out.Each {
		byKind[one.Kind] = append(byKind[one.Kind], one)
	}
	for _, kind := range referent.Kinds {
		if all := byKind[kind]; len(all) > 0 {
			r.out.Kinds = append(r.out.Kinds, Kind{kind, len(all), plain(Sum(all))})
		}
	}
	r.out.Total = plain(Sum(r.out.Each))
}

// plain is a result without its faults, which stand with the case they belong to.
func plain(r Result) Result {
	r.Faults = []Fault{}
	return r
}

// Faults are all faults of a set, case by case.
func (s *Set) Faults() []Fault {
	var all []Fault
	for _, r := range s.Each {
		all = append(all, r.Faults...)
	}
	return all
}

// Held reports whether no trial changed the minutes.
func (s *Set) Held() bool {
	return !slices.ContainsFunc(s.Trials, func(t Trial) bool { return t.Changed != "" })
}
