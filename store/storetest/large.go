package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// What FillLarge makes.
const (
	LargeSegments    = 30 // of each meeting
	LargeDepartments = 40 // d0 to d39, to which nine of ten meetings belong
)

// Vocabulary is made of Norwegian words: the common ones first, as in speech, then made ones.
func Vocabulary(random *rand.Rand) []string {
	words := strings.Fields(`det er og i på vi som at en til har for ikke med av de kan så den et jeg om å skal men var fra
		noe må blir ville her når da bare også hva eller alle etter ut opp over mot kommunen saken møtet budsjettet skolen
		kommer mener tror vedtak forslag rådmannen ordføreren økonomi vei barnehage helse omsorg utvalget frist oppgave`)
	heads := strings.Fields("kommune skole barne vei vann helse bygg areal nærings økonomi miljø ungdoms eldre brann kultur idretts plan drifts sykehjems havne bolig trafikk")
	middles := []string{}
	for range 40 {
		var b strings.Builder
		for range 2 {
			b.WriteByte("bdfghklmnprstv"[random.IntN(14)])
			b.WriteString([]string{"a", "e", "i", "o", "u", "æ", "ø", "å", "y"}[random.IntN(9)])
		}
		middles = append(middles, b.String())
	}
	tails := strings.Fields("planen utvalget budsjettet saken møtet styret prosjektet tiltaket avgiften tilsynet rapporten ordningen bygget senteret")
	for _, h := range heads {
		for _, m := range middles {
			for _, t := range tails {
				words = append(words, h+m+t)
			}
		}
	}
	random.Shuffle(len(words)-80, func(i, k int) { i, k = i+80, k+80; words[i], words[k] = words[k], words[i] })
	return words
}

// FillLarge makes what a large municipality has after some years, in a database that is empty of meetings: so many,
// always the same for the same number. n is a multiple of 500. The owners and departments that they name are not made.
func FillLarge(t testing.TB, st store.Store, n int) {
	t.Helper()
	ctx, random := t.Context(), rand.New(rand.NewPCG(1, 2))
	words := Vocabulary(random)
	common := rand.NewZipf(random, 1.07, 2, uint64(len(words)-1))
	sentence := func(size int) string {
		out := make([]string, size)
		for i := range out {
			out[i] = words[common.Uint64()]
		}
		return strings.Join(out, " ")
	}
	var names []string
	for _, first := range strings.Fields("Kari Ola Åse Per Anne Nils Ingrid Odd Berit Ivar") {
		for _, last := range strings.Fields("Nordmann Hansen Ødegård Li Berg Dahl Ås Moen Lund Vik") {
			names = append(names, first+" "+last)
		}
	}
	day := time.Date(2024, 1, 1, 9, 0, 0, 0, time.UTC)
	for from := 0; from < n; from += 500 {
		err := st.Tx(ctx, func(tx store.Tx) error {
			for i := from; i < from+500; i++ {
				id := fmt.Sprintf("m%05d", i)
				m := &referent.Meeting{ID: id, Owner: fmt.Sprint("u", i%1000), Title: sentence(4), Body: fmt.Sprint("Utvalg ", i%25),
					Kind: referent.KindProtocol, Start: day.Add(time.Duration(i) * 2 * time.Hour), Created: day.Add(time.Duration(i) * 2 * time.Hour),
					State: []referent.State{referent.StateApproved, referent.StateDraft, referent.StateReviewed}[i%3]}
				if i%10 != 0 {
					m.Department = fmt.Sprint("d", i%LargeDepartments)
				}
				if err := tx.CreateMeeting(ctx, m, []byte("key")); err != nil {
					return err
				}
				said := &referent.Transcript{}
				for k := range 6 {
					said.Speakers = append(said.Speakers, referent.Speaker{ID: fmt.Sprint("S", k), Name: names[random.IntN(len(names))]})
				}
				for k := range LargeSegments {
					text := sentence(8 + random.IntN(12))
					if i%LargeDepartments == 3 {
						text += " særavdelingen"
					}
					said.Segments = append(said.Segments, referent.Segment{ID: fmt.Sprint("s", k), Start: float64(k * 10), Speaker: fmt.Sprint("S", random.IntN(6)), Text: text})
				}
				if i == 17 {
					said.Segments[0].Text += " enkeltfunnet"
				}
				if err := tx.IndexTranscript(ctx, id, said); err != nil {
					return err
				}
				decisions := []store.Statement{{Text: sentence(12), Evidence: []string{"s1"}}, {Text: sentence(12), Evidence: []string{"s2"}}}
				var tasks []store.Task
				for k := range 3 {
					task := store.Task{ID: fmt.Sprint("t", k), Place: k, Text: sentence(6), Owner: names[random.IntN(len(names))], Evidence: []string{"s3"}}
					if k > 0 {
						task.Due = m.Start.AddDate(0, 0, random.IntN(60)).Format(time.DateOnly)
					}
					if i < n*8/10 && random.IntN(10) > 0 {
						task.DoneBy, task.DoneAt = "u", m.Start
					}
					tasks = append(tasks, task)
				}
				if err := tx.IndexMinutes(ctx, id, decisions, tasks); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
