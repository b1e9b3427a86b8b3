package norsk

// Reasons of the evidence check: what a person is to look at, beside those of words.go.
const (
	ReasonCited    Word = "reason cited"
	ReasonName     Word = "reason name"
	ReasonWho      Word = "reason who"
	ReasonNumber   Word = "reason number"
	ReasonAmount   Word = "reason amount"
	ReasonDate     Word = "reason date"
	ReasonClock    Word = "reason clock"
	ReasonNegated  Word = "reason negated"
	ReasonAffirmed Word = "reason affirmed"
	ReasonDecided  Word = "reason decided"
	ReasonModal    Word = "reason modal"
	ReasonContent  Word = "reason content"
	ReasonAmended  Word = "reason amended"
	ReasonHeading  Word = "reason heading"
	ReasonOutcome  Word = "reason outcome"
)

func init() {
	for w, pair := range map[Word][2]string{
		ReasonCited:    {"Det er ikke vist til noe gyldig sted i opptaket.", "Det er ikkje vist til nokon gyldig stad i opptaket."},
		ReasonName:     {"Navnet «{words}» finnes ikke på stedet det vises til.", "Namnet «{words}» finst ikkje på staden det vert vist til."},
		ReasonWho:      {"Det går ikke fram av opptaket at dette gjelder {words}.", "Det går ikkje fram av opptaket at dette gjeld {words}."},
		ReasonNumber:   {"Tallet «{words}» finnes ikke på stedet det vises til.", "Talet «{words}» finst ikkje på staden det vert vist til."},
		ReasonAmount:   {"«{words}»: tall og enhet står ikke sammen på stedet det vises til.", "«{words}»: tal og eining står ikkje saman på staden det vert vist til."},
		ReasonDate:     {"Datoen «{words}» finnes ikke på stedet det vises til.", "Datoen «{words}» finst ikkje på staden det vert vist til."},
		ReasonClock:    {"Klokkeslettet «{words}» finnes ikke på stedet det vises til.", "Klokkeslettet «{words}» finst ikkje på staden det vert vist til."},
		ReasonNegated:  {"Teksten nekter for noe («{words}») som ikke er nektet for i opptaket.", "Teksten nektar for noko («{words}») som ikkje er nekta for i opptaket."},
		ReasonAffirmed: {"I opptaket er dette nektet for («{words}»).", "I opptaket er dette nekta for («{words}»)."},
		ReasonDecided:  {"«{words}»: det høres ikke på stedet det vises til at dette ble bestemt.", "«{words}»: det høyrest ikkje på staden det vert vist til at dette vart bestemt."},
		ReasonModal:    {"I opptaket er dette bare et forslag, en mulighet eller et spørsmål («{words}»).", "I opptaket er dette berre eit framlegg, eit høve eller eit spørsmål («{words}»)."},
		ReasonContent:  {"Det meste av dette finnes ikke på stedet det vises til: «{words}».", "Det meste av dette finst ikkje på staden det vert vist til: «{words}»."},
		ReasonAmended:  {"«{words}» ble rettet senere i møtet.", "«{words}» vart retta seinare i møtet."},
		ReasonHeading:  {"Overskriften har ord som ikke finnes på saklisten eller i opptaket: «{words}».", "Overskrifta har ord som ikkje finst på saklista eller i opptaket: «{words}»."},
		ReasonOutcome:  {"Resultatet «{words}» stemmer ikke med det som ble sagt.", "Resultatet «{words}» stemmer ikkje med det som vart sagt."},
	} {
		words[w] = pair
	}
}
