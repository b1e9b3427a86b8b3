package norsk

import "strings"

// Word names a fixed word or sentence of a document.
type Word string

// Headings and reasons that the writers use. A reason says to a secretary what to check.
const (
	Opening          Word = "opening"
	Summary          Word = "summary"
	Recommendation   Word = "recommendation" // a case's Innstilling
	Treatment        Word = "treatment"      // Behandling
	Voting           Word = "voting"
	Resolution       Word = "resolution" // Vedtak
	AnyOther         Word = "any other business"
	Unanimous        Word = "unanimous"
	Adopted          Word = "adopted"
	Fell             Word = "fell"
	ForInformation   Word = "for information"
	ProposalFrom     Word = "proposal from"
	ByVotes          Word = "by votes"
	ReasonVote       Word = "reason vote"
	ReasonOwner      Word = "reason owner"
	ReasonTwoNames   Word = "reason two names"
	ReasonNoAnswer   Word = "reason no answer"
	ReasonTakenBack  Word = "reason taken back"
	ReasonDue        Word = "reason due"
	ReasonSilent     Word = "reason silent"
	ReasonAbsent     Word = "reason absent spoke"
	ReasonEvidence   Word = "reason evidence"
	ReasonUnfounded  Word = "reason unfounded"
	ReasonUnanswered Word = "reason unanswered"
	ReasonUndecided  Word = "reason undecided"
	ReasonDose       Word = "reason dose"
	ReasonSecret     Word = "reason secret"
	ReasonJoke       Word = "reason joke"
	ReasonRevoked    Word = "reason revoked"
	ReasonOthers     Word = "reason others"
	ReasonDeviation  Word = "reason deviation"
	FollowUp         Word = "follow up"
	CodeLeftOut      Word = "code left out"
	NumberLeftOut    Word = "number left out"
	MissingTime      Word = "missing time"
	MissingPlace     Word = "missing place"
	MissingPresent   Word = "missing present"
	MissingAbsent    Word = "missing absent"
	MissingChair     Word = "missing chair"
	MissingCases     Word = "missing cases"
	MissingResult    Word = "missing result"
	MissingNames     Word = "missing names"
	MissingProposer  Word = "missing proposer"

	Situation   Word = "situation"
	Observation Word = "observation"
	Measures    Word = "measures"
	Assessment  Word = "assessment"
	PlanAhead   Word = "plan"
	NextShift   Word = "next shift"
)

// words holds bokmål and nynorsk, in this order.
var words = map[Word][2]string{
	Opening:          {"Innledning", "Innleiing"},
	Summary:          {"Oppsummering", "Oppsummering"},
	Recommendation:   {"Innstilling", "Tilråding"},
	Treatment:        {"Behandling", "Handsaming"},
	Voting:           {"Votering", "Røysting"},
	Resolution:       {"Vedtak", "Vedtak"},
	AnyOther:         {"Eventuelt", "Eventuelt"},
	Unanimous:        {"enstemmig vedtatt", "samrøystes vedteken"},
	Adopted:          {"vedtatt", "vedteken"},
	Fell:             {"falt", "fall"},
	ProposalFrom:     {"Forslag fra {name}: {text}", "Framlegg frå {name}: {text}"},
	ForInformation:   {"tatt til orientering", "teken til orientering"},
	ByVotes:          {"vedtatt med {for} mot {against} stemmer", "vedteken med {for} mot {against} røyster"},
	ReasonVote:       {"Voteringen skal bekreftes av sekretæren.", "Røystinga skal stadfestast av sekretæren."},
	ReasonOwner:      {"Det er ikke sagt hvem som har ansvaret.", "Det er ikkje sagt kven som har ansvaret."},
	ReasonTwoNames:   {"Flere deltakere heter dette.", "Fleire deltakarar heiter dette."},
	ReasonNoAnswer:   {"Oppgaven ble bedt om, men det høres ikke at noen tok den.", "Det vart spurt om oppgåva, men det høyrest ikkje at nokon tok ho."},
	ReasonTakenBack:  {"Oppgaven kan være trukket tilbake.", "Oppgåva kan vere trekt tilbake."},
	ReasonDue:        {"Fristen «{words}» gir ikke én bestemt dato.", "Fristen «{words}» gjev ikkje éin bestemt dato."},
	ReasonSilent:     {"Ført som til stede etter deltakerlisten, men ikke hørt i opptaket.", "Ført som til stades etter deltakarlista, men ikkje høyrd i opptaket."},
	ReasonAbsent:     {"Har meldt forfall, men høres i opptaket.", "Har meldt forfall, men høyrest i opptaket."},
	ReasonEvidence:   {"Modellen viste ikke til noe gyldig sted i opptaket.", "Modellen viste ikkje til nokon gyldig stad i opptaket."},
	ReasonUnfounded:  {"«{words}» finnes ikke på stedet det vises til.", "«{words}» finst ikkje på staden det vert vist til."},
	ReasonUnanswered: {"Språkmodellen kom ikke i mål med dette. Hør selv hva det skal stå.", "Språkmodellen kom ikkje i mål med dette. Høyr sjølv kva det skal stå."},
	ReasonUndecided:  {"Det høres ikke på stedet det vises til at dette ble bestemt.", "Det høyrest ikkje på staden det vert vist til at dette vart bestemt."},
	ReasonDose:       {"Legemiddel eller dose: kontroller mot opptaket.", "Legemiddel eller dose: kontroller mot opptaket."},
	ReasonSecret:     {"Kan være en kode eller et passord, som ikke hører hjemme i notatet.", "Kan vere ein kode eller eit passord, som ikkje høyrer heime i notatet."},
	ReasonJoke:       {"Det høres ut som det var sagt på spøk.", "Det høyrest ut som det var sagt på spøk."},
	ReasonRevoked:    {"Beslutningen ble trukket tilbake senere i møtet.", "Avgjerda vart trekt tilbake seinare i møtet."},
	ReasonOthers:     {"Opplysninger om andre enn brukeren hører ikke hjemme i notatet.", "Opplysningar om andre enn brukaren høyrer ikkje heime i notatet."},
	ReasonDeviation:  {"Avvik skal meldes i avvikssystemet, ikke bare stå i notatet.", "Avvik skal meldast i avvikssystemet, ikkje berre stå i notatet."},
	FollowUp:         {"Følge opp", "Følgje opp"},
	CodeLeftOut:      {"[kode utelatt]", "[kode utelaten]"},
	NumberLeftOut:    {"[nummer utelatt]", "[nummer utelate]"},
	MissingTime:      {"Møtets dato og tid", "Møtedato og møtetid"},
	MissingPlace:     {"Møtested", "Møtestad"},
	MissingPresent:   {"Hvem som møtte", "Kven som møtte"},
	MissingAbsent:    {"Hvem som hadde forfall", "Kven som hadde forfall"},
	MissingChair:     {"Møteleder", "Møteleiar"},
	MissingCases:     {"Hvilke saker som ble behandlet", "Kva saker som vart handsama"},
	MissingResult:    {"Resultat av votering i {case}", "Resultat av røysting i {case}"},
	MissingNames:     {"Hvem som stemte for og imot, med parti, i {case}", "Kven som røysta for og imot, med parti, i {case}"},
	MissingProposer:  {"Hvem som fremmet forslaget i {case}", "Kven som sette fram framlegget i {case}"},
	Situation:        {"Situasjon", "Situasjon"},
	Observation:      {"Observasjon", "Observasjon"},
	Measures:         {"Tiltak", "Tiltak"},
	Assessment:       {"Vurdering", "Vurdering"},
	PlanAhead:        {"Plan videre", "Plan vidare"},
	NextShift:        {"Beskjed til neste vakt", "Beskjed til neste vakt"},
}

// In returns the word in the language form "nb" or "nn"; pairs are placeholder names and values.
func (w Word) In(form string, pairs ...string) string {
	pair, ok := words[w]
	if !ok {
		panic("norsk: no such word: " + string(w))
	}
	s := pair[0]
	if form == "nn" {
		s = pair[1]
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, "{"+pairs[i]+"}", pairs[i+1])
	}
	return s
}

// Is reports whether a heading is this word in either form.
func (w Word) Is(heading string) bool {
	pair := words[w]
	return heading == pair[0] || heading == pair[1]
}
