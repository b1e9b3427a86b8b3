package minutes

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/norsk"
)

// What a person wrote as gold must agree with itself and with the roster; reading alone does not find
// a slip of the pen in hundreds of lines.
func TestGoldAgreesWithItself(t *testing.T) {
	var cases []Case
	for _, read := range []func() ([]Case, error){Cases, Wider, HeldOut} {
		some, err := read()
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, some...)
	}
	for _, c := range cases {
		for _, fault := range c.slips() {
			t.Errorf("%s: %s", c.Name, fault)
		}
	}
}

func TestSlipsAreFound(t *testing.T) {
	good := func() Case {
		return Case{
			Kind: referent.KindReferat, Date: "2026-11-19",
			Participants: []Participant{{Name: "Kari Lunde"}, {Name: "Per Dahl", Absent: true}},
			Lines:        []Line{{"Kari Lunde", "Da selger vi bilen, og drift vasker den innen fredag."}},
			Gold: Gold{
				Decisions: []GoldDecision{{Text: "Bilen selges.", Lines: []int{1}, Keys: []string{"bil"}}},
				Actions:   []GoldAction{{Task: "Vaske bilen.", Owner: "drift", Due: "2026-11-20", Lines: []int{1}, Keys: []string{"bil"}}},
				Present:   []string{"Kari Lunde"}, Absent: []string{"Per Dahl"},
				Next: &GoldNext{Date: "2026-12-03", Time: "10.00", Lines: []int{1}},
			},
		}
	}
	if c := good(); len(c.slips()) > 0 {
		t.Errorf("good: %q", c.slips())
	}
	for name, spoil := range map[string]func(*Case){
		"an owner nobody named":   func(c *Case) { c.Gold.Actions[0].Owner = "økonomi" },
		"a first name only":       func(c *Case) { c.Gold.Actions[0].Owner = "Kari" },
		"a deadline gone by":      func(c *Case) { c.Gold.Actions[0].Due = "2026-11-13" },
		"a wording without a key": func(c *Case) { c.Gold.Decisions[0].Keys = []string{"selger"} },
		"both here and away":      func(c *Case) { c.Gold.Present = append(c.Gold.Present, "Per Dahl") },
		"nobody of the roster":    func(c *Case) { c.Gold.Absent = []string{"Siv Moe"} },
		"a speaker who is away":   func(c *Case) { c.Gold.Present, c.Gold.Absent = nil, []string{"Per Dahl", "Kari Lunde"} },
		"forbids what is gold":    func(c *Case) { c.Gold.Never = []string{"selges"} },
		"a next meeting before":   func(c *Case) { c.Gold.Next.Date = "2026-11-12" },
		"a clock of another kind": func(c *Case) { c.Gold.Next.Time = "10:00" },
	} {
		c := good()
		spoil(&c)
		if len(c.slips()) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

// slips are the places where the gold contradicts itself, the roster, or the day of the meeting.
func (c *Case) slips() (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	var roster, spoke []string
	for _, p := range c.Participants {
		roster = append(roster, p.Name)
	}
	for _, l := range c.Lines {
		if l.Speaker != "?" {
			spoke = append(spoke, l.Speaker)
		}
	}
	known := slices.Concat(roster, spoke)
	keys := func(text string, keys []string) {
		for _, k := range keys {
			if !holds(norsk.Fold(text), k) {
				fault("%q lacks its own key %q", text, k)
			}
		}
		for _, w := range c.Gold.Never {
			if holds(norsk.Fold(text), w) {
				fault("%q holds %q, which is forbidden", text, w)
			}
		}
	}
	for _, d := range c.Gold.Decisions {
		keys(d.Text, d.Keys)
	}
	for _, a := range c.Gold.Actions {
		keys(a.Task, a.Keys)
		if a.Due != "" && a.Due < c.Date {
			fault("%q: due %s, before the meeting", a.Task, a.Due)
		}
		both := strings.Split(a.Owner, " og ")
		if a.Owner == "" || !slices.ContainsFunc(both, func(n string) bool { return !slices.Contains(known, n) }) {
			continue
		}
		said := ""
		for _, n := range a.Lines {
			said += " " + c.Lines[n-1].Text
		}
		first := slices.ContainsFunc(known, func(n string) bool { return strings.HasPrefix(n, a.Owner+" ") })
		if first || !holds(norsk.Fold(said), a.Owner) {
			fault("%q: owner %q is neither on the roster nor a group that its lines name", a.Task, a.Owner)
		}
	}
	for _, n := range slices.Concat(c.Gold.Present, c.Gold.Absent) {
		if !slices.Contains(known, n) {
			fault("%q is neither on the roster nor speaks", n)
		}
	}
	for _, n := range c.Gold.Absent {
		if slices.Contains(c.Gold.Present, n) {
			fault("%q is both present and absent", n)
		}
		if c.Kind == referent.KindReferat && slices.Contains(spoke, n) {
			fault("%q is absent and speaks", n)
		}
	}
	if n := c.Gold.Next; n != nil {
		if n.Date != "" && n.Date <= c.Date {
			fault("next meeting %s is not after this one", n.Date)
		}
		if _, err := time.Parse("15.04", n.Time); n.Time != "" && err != nil {
			fault("next meeting at %q", n.Time)
		}
	}
	return faults
}
