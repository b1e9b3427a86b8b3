package norsk

import "maps"

// What is wrong with a vote or an attendance, said to a secretary, and what the law wants recorded.
const (
	FaultTotal       Word = "fault total"
	FaultTooMany     Word = "fault too many"
	FaultUnknownSum  Word = "fault unknown sum"
	FaultOutcome     Word = "fault outcome"
	FaultNoOutcome   Word = "fault no outcome"
	FaultUnanimous   Word = "fault unanimous"
	FaultTie         Word = "fault tie"
	FaultDouble      Word = "fault double"
	FaultChair       Word = "fault chair"
	FaultMembers     Word = "fault members"
	FaultNotEntitled Word = "fault not entitled"
	FaultBothSides   Word = "fault both sides"
	FaultCounts      Word = "fault counts"
	FaultCorrected   Word = "fault corrected"
	FaultSaid        Word = "fault said"
	FaultParty       Word = "fault party"
	FaultSomeOf      Word = "fault some of"
	FaultNearName    Word = "fault near name"
	FaultProposal    Word = "fault proposal"
	FaultQuality     Word = "fault quality"
	FaultUnheard     Word = "fault unheard"
	FaultOneSide     Word = "fault one side"
	FaultNoCount     Word = "fault no count"
	FaultWho         Word = "fault who"
	FaultUnread      Word = "fault unread"

	Alternative      Word = "alternative"
	ForSide          Word = "for side"
	AgainstSide      Word = "against side"
	BlankSide        Word = "blank side"
	DoubleVote       Word = "double vote"
	DisqualifiedMove Word = "disqualified move"
	ArrivedMove      Word = "arrived move"
	LeftMove         Word = "left move"
	SubstituteMove   Word = "substitute move"
	ReturnedMove     Word = "returned move"
	ClosedPart       Word = "closed part"
	ReasonHeadcount  Word = "reason headcount"
	ReasonInhabil    Word = "reason inhabil"
	ReasonNearName   Word = "reason near name"
	MissingBasis     Word = "missing basis"
	MissingProposals Word = "missing proposals"
	MissingOutcome   Word = "missing outcome"
	MissingMovement  Word = "missing movement"
)

var votingWords = map[Word][2]string{
	FaultTotal: {"For, imot og blanke er til sammen {sum}, men {entitled} var til stede og kunne stemme.",
		"For, imot og blanke er til saman {sum}, men {entitled} var til stades og kunne røyste."},
	FaultTooMany:    {"{sum} stemmer er flere enn de {entitled} som kunne stemme.", "{sum} røyster er fleire enn dei {entitled} som kunne røyste."},
	FaultUnknownSum: {"Tallet kan ikke kontrolleres: det er uklart hvem som kunne stemme.", "Talet kan ikkje kontrollerast: det er uklart kven som kunne røyste."},
	FaultOutcome:    {"Utfallet «{outcome}» passer ikke med {for} for og {against} imot.", "Utfallet «{outcome}» passar ikkje med {for} for og {against} imot."},
	FaultNoOutcome:  {"Det er ikke hørt om forslaget ble vedtatt.", "Det er ikkje høyrt om framlegget vart vedteke."},
	FaultUnanimous:  {"Sagt å være enstemmig, men noen stemte imot.", "Sagt å vere samrøystes, men nokon røysta imot."},
	FaultTie:        {"Like mange for og imot: det er ikke hørt hva møtelederens dobbeltstemme ble.", "Like mange for og imot: det er ikkje høyrt kva dobbeltrøysta til møteleiaren vart."},
	FaultDouble:     {"Dobbeltstemme gjelder bare når like mange stemmer for og imot.", "Dobbeltrøyst gjeld berre når like mange røystar for og imot."},
	FaultChair:      {"Utfallet passer ikke med hva møtelederen stemte.", "Utfallet passar ikkje med kva møteleiaren røysta."},
	FaultMembers:    {"{count} stemte {side}, men {named} er nevnt: {names}.", "{count} røysta {side}, men {named} er nemnde: {names}."},
	FaultNotEntitled: {"{names} kunne ikke stemme her etter det som er sagt og deltakerlisten.",
		"{names} kunne ikkje røyste her etter det som er sagt og deltakarlista."},
	FaultBothSides: {"{names} er nevnt på flere sider.", "{names} er nemnd på fleire sider."},
	FaultCounts:    {"Det er sagt ulike tall: {words}.", "Det er sagt ulike tal: {words}."},
	FaultCorrected: {"Tallet ble rettet underveis.", "Talet vart retta undervegs."},
	FaultSaid:      {"I opptaket høres {words}.", "I opptaket høyrest {words}."},
	FaultParty:     {"{party} har ingen på deltakerlisten.", "{party} har ingen på deltakarlista."},
	FaultSomeOf:    {"Noen fra {party}, men ikke hvem.", "Nokon frå {party}, men ikkje kven."},
	FaultNearName:  {"«{words}» er lest som {name}.", "«{words}» er lese som {name}."},
	FaultProposal:  {"Det er uklart hvilket forslag det ble stemt over.", "Det er uklart kva framlegg det vart røysta over."},
	FaultOneSide:   {"Bare den ene siden er talt i det som er hørt.", "Berre den eine sida er talt i det som er høyrt."},
	FaultNoCount:   {"Stemmetallet er ikke hørt.", "Røystetalet er ikkje høyrt."},
	FaultWho:       {"Det er uklart hva {names} stemte.", "Det er uklart kva {names} røysta."},
	FaultUnread:    {"Her høres det ut som det ble stemt, men voteringen er ikke forstått.", "Her høyrest det ut som det vart røysta, men røystinga er ikkje forstått."},
	FaultUnheard:   {"Det høres ingen votering på stedet det vises til.", "Det høyrest inga røysting på staden det vert vist til."},
	FaultQuality:   {"Tallet er usikkert hørt.", "Talet er usikkert høyrt."},

	Alternative:      {"satt opp mot «{text}»", "sett opp mot «{text}»"},
	ForSide:          {"For stemte {names}.", "For røysta {names}."},
	AgainstSide:      {"Imot stemte {names}.", "Imot røysta {names}."},
	BlankSide:        {"Blankt stemte {names}.", "Blankt røysta {names}."},
	DoubleVote:       {"med møtelederens dobbeltstemme", "med dobbeltrøysta til møteleiaren"},
	DisqualifiedMove: {"{name}: kjent inhabil og fratrådte.", "{name}: kjend ugild og gjekk frå."},
	ArrivedMove:      {"{name}: kom til møtet{clock}.", "{name}: kom til møtet{clock}."},
	LeftMove:         {"{name}: forlot møtet{clock}.", "{name}: gjekk frå møtet{clock}."},
	SubstituteMove:   {"{name}: tok sete som vara{clock}.", "{name}: tok sete som vara{clock}."},
	ReturnedMove:     {"{name}: tok sete igjen{clock}.", "{name}: tok sete att{clock}."},
	ClosedPart:       {"Møtet ble lukket. Hjemmel: {basis}.", "Møtet vart lukka. Heimel: {basis}."},
	ReasonHeadcount:  {"{said} er sagt å være til stede, men deltakerlisten og det som er sagt, gir {counted}.", "{said} er sagt å vere til stades, men deltakarlista og det som er sagt, gjev {counted}."},
	ReasonInhabil:    {"Habiliteten er tatt opp, men det høres ikke hva som ble avgjort.", "Habiliteten er teken opp, men det høyrest ikkje kva som vart avgjort."},
	ReasonNearName:   {"Navnet er lest som {name}.", "Namnet er lese som {name}."},
	MissingBasis:     {"Hjemmel for å lukke møtet i {case}", "Heimel for å lukke møtet i {case}"},
	MissingProposals: {"Hva forslagene gikk ut på i {case}", "Kva framlegga gjekk ut på i {case}"},
	MissingOutcome:   {"Utfall av votering i {case}", "Utfall av røysting i {case}"},
	MissingMovement:  {"Når {name} kom eller gikk", "Når {name} kom eller gjekk"},
}

func init() { maps.Copy(words, votingWords) }
