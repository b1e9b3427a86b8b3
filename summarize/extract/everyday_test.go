package extract_test

import (
	"testing"

	"github.com/referent/referent"
)

// People talking. Nothing is settled, taken on, moved or voted on in any of these, whoever hears them.
func TestEverydayTalk(t *testing.T) {
	for _, said := range []string{
		"Nå bruker vi altfor mye tid på dette systemet.",
		"Det blir nok regn i helga som vanlig.",
		"Så kjører vi hjem gjennom skogen, og der står det en elg.",
		"No brukar me meir pengar på straum enn på mat.",
		"Det vart kaldt på hytta, så me legg oss tidleg.",
		"Jeg går ut fra at alle har lest sakspapirene.",
		"Eg går ofte tur rundt vatnet før frukost.",
		"Sola går ned klokka fire nå i november.",
		"Broren min har permisjon fra Forsvaret i jula.",
		"Prisen på strøm falt med tre øre i går.",
		"Ungane mine vil heller ha pizza enn fisk, alle som ein.",
		"Når det gjelder været, er alle enige om at det er dårlig.",
		"Hun skal begynne på skolen til høsten, tenk det.",
		"Dei stengde vegen over fjellet i natt, så det tok fire timar.",
		"Jeg sender en tanke til bestemor når jeg hører den sangen.",
		"Kaffen smaker bedre her enn hjemme, det må jeg si.",
		"Vi har to katter og en hund, og hunden bestemmer.",
		"Han Erik kjem alltid for seint, men han er blid.",
		"Laget vant fire mot to på søndag, og jeg ropte meg hes.",
		"Det er seks for og tre bak i den nye bilen vår.",
		"Eg har aldri stemt på noko anna enn det bestefar gjorde.",
		"Bussen går fra torget, ikke fra stasjonen.",
	} {
		for _, kind := range []string{"referat", "protokoll"} {
			m := council(referent.Bokmal)
			m.Kind, m.Agenda = referent.Kind(kind), nil
			out := write(m, "Erik Holm: Hei, så hyggelig å se deg.", "Hanna Krog: "+said)
			for _, d := range out.Decisions {
				t.Errorf("%s: %q: a decision %q", kind, said, d.Text)
			}
			for _, a := range out.Actions {
				t.Errorf("%s: %q: a task of %s, %q", kind, said, a.Owner, a.Task)
			}
			for _, v := range out.Movements {
				t.Errorf("%s: %q: %s %s", kind, said, v.Name, v.What)
			}
			for _, v := range out.Votes {
				t.Errorf("%s: %q: a vote, %s", kind, said, v.Outcome)
			}
		}
	}
}
