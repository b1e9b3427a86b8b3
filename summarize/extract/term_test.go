package extract_test

import "testing"

// A deadline may stand outside the sentence that gives the task.
func TestDeadlinesBeside(t *testing.T) {
	testTaking(t, []taking{
		{"Kari Lie: Ola, kan du skrive til kommunen? / Ola Vik: Ja, det gjør jeg. / Siv Moe: Vis det til meg først. / Kari Lie: Når får du gjort det? / Ola Vik: Brevet skal være av gårde innen utgangen av måneden.",
			"Ola Vik: skrive kommunen: 2026-11-30"},
		{"Kari Lie: Så er det medisinkontrollen. Fristen er 15. desember. / Ola Vik: Jeg kan ta medisinkontrollen, jeg.", "Ola Vik: medisinkontrollen: 2026-12-15"},
		{"Kari Lie: Siv, kan du bestille skilt? / Siv Moe: Ja, jeg bestiller skilt, så de er på plass innen 1. juni.", "Siv Moe: bestille skilt: 2027-06-01"},
		{"Siv Moe: Jeg skal sjekke tillegget med tillitsvalgt, så sender jeg deg en e-post i morgen.", "Siv Moe: sjekke tillegget: 2026-11-25"},
		{"Per Dahl: Jeg trenger vikar torsdag 3. desember. / Ola Vik: Jeg kan ta gruppene dine.", "Ola Vik: gruppene: 2026-12-03"},
		{"Kari Lie: Ola, kan du bestille refleksene? / Ola Vik: Ja. Jeg gjør det i kveld når ungene har lagt seg.", "Ola Vik: bestille refleksene: 2026-11-24"},
		{"Kari Lie: Malin kommer ikke. Ola, hvor fort får du det ut? / Ola Vik: Jeg sender varselet innen et kvarter.", "Ola Vik: sende varselet: 2026-11-24"},
		// of another matter, or already done
		{"Kari Lie: Fristen for søknaden er 15. desember. / Per Dahl: Den sendte jeg i går. / Kari Lie: Fint. Siv, kan du vaske bilen? / Siv Moe: Ja.", "Siv Moe: vaske bilen"},
	})
}
