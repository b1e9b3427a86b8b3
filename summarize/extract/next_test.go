package extract_test

import (
	"testing"

	"github.com/referent/referent"
)

// The day and hour of the next meeting, as people part.
func TestPartingUntilNext(t *testing.T) {
	for said, want := range map[string]string{
		"Neste møte e sjette januar, klokka sju om kvelden.":                       "2027-01-06 19.00",
		"Då ses vi att fyrste desember, same tid, det er halv fire.":               "2026-12-01 15.30",
		"Neste avdelingsmøte blir tirsdag den åttende desember, halv tre.":         "2026-12-08 14.30",
		"Vi møtes på nytt 3. desember, klokka ni.":                                 "2026-12-03 09.00",
		"Neste møte er flytta, det blir ikke 3. desember, men 10. desember kl 17.": "2026-12-10 17.00",
		"Da sees vi torsdag 3. desember klokka åtte på kvelden.":                   "2026-12-03 20.00",
		"Då møtest me onsdag 2. desember, kvart over ni.":                          "2026-12-02 09.15",
		"Neste møte er onsdag 2. desember, fem på halv ni om morgenen.":            "2026-12-02 08.25",
		"Vi har nytt møte om to uker, klokka fire om ettermiddagen.":               "2026-12-08 16.00",
		"Neste gong møtest me 9. desember klokka seks.":                            "2026-12-09 18.00",
	} {
		n := write(referent.Meeting{}, "A: "+said).NextMeeting
		if n == nil || n.Date == nil || *n.Date+" "+n.Time != want {
			t.Errorf("%q: %+v, want %s", said, n, want)
		}
	}
	for _, said := range []string{"Vi møttes forrige fredag klokka ti.", "Skal vi møtes på fredag?", "Vi tar det på neste møte fredag klokka ti."} {
		if n := write(referent.Meeting{}, "A: "+said).NextMeeting; n != nil {
			t.Errorf("%q: %+v", said, n)
		}
	}
}
