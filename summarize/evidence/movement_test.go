package evidence_test

import (
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/summarize/evidence"
)

func TestMovements(t *testing.T) {
	m := &referent.Meeting{Participants: []referent.Participant{{Name: "Kari Li"}, {Name: "Ola By"}, {Name: "Siv Moe"}}}
	for name, c := range map[string]struct {
		lines     []string
		who, what string
		stand     bool
	}{
		"arrived":                {[]string{"Siv Moe: Da kom Kari Li, velkommen."}, "Kari Li", referent.MovementArrived, true},
		"arrived, not left":      {[]string{"Siv Moe: Da kom Kari Li."}, "Kari Li", referent.MovementLeft, false},
		"left":                   {[]string{"Siv Moe: Kari forlot møtet klokka sju."}, "Kari Li", referent.MovementLeft, true},
		"left, not arrived":      {[]string{"Siv Moe: Kari forlot møtet klokka sju."}, "Kari Li", referent.MovementArrived, false},
		"disqualified":           {[]string{"Siv Moe: Ola By er inhabil."}, "Ola By", referent.MovementDisqualified, true},
		"by the person":          {[]string{"Ola By: Jeg er inhabil i saken."}, "Ola By", referent.MovementDisqualified, true},
		"in the next sentence":   {[]string{"Siv Moe: Ola er styreleder der. Da er han inhabil."}, "Ola By", referent.MovementDisqualified, true},
		"not disqualified":       {[]string{"Siv Moe: Ola By er ikke inhabil."}, "Ola By", referent.MovementDisqualified, false},
		"not habil":              {[]string{"Siv Moe: Ola By er ikke habil."}, "Ola By", referent.MovementDisqualified, true},
		"left, not disqualified": {[]string{"Siv Moe: Ola By forlater møtet."}, "Ola By", referent.MovementDisqualified, false},
		"asked":                  {[]string{"Siv Moe: Er Ola By inhabil?"}, "Ola By", referent.MovementDisqualified, false},
		"somebody else":          {[]string{"Siv Moe: Ola har ordet. Kari er inhabil."}, "Ola By", referent.MovementDisqualified, false},
		"nobody of that name":    {[]string{"Siv Moe: Kari er inhabil."}, "Ola By", referent.MovementDisqualified, false},
		"substitute":             {[]string{"Siv Moe: Ola By møter som vara for Kari."}, "Ola By", referent.MovementSubstitute, true},
		"returned":               {[]string{"Siv Moe: Ola By er tilbake i salen."}, "Ola By", referent.MovementReturned, true},
		"no such movement":       {[]string{"Siv Moe: Ola By er inhabil."}, "Ola By", "danced", false},
	} {
		faults := evidence.New(m, talk(c.lines...)).Movement(referent.Movement{Name: c.who, What: c.what, Evidence: []string{"s1"}})
		if (len(faults) == 0) != c.stand {
			t.Errorf("%s: %+v", name, faults)
		}
	}
}
