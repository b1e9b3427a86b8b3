package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
)

// words are the fixed words of a document in one language form that its template does not bring.
type words struct {
	draft, approvedBy                                        string // the label, before and after somebody answers for it
	transcript, date, note                                   string
	task, owner, due, status, open, unknownOwner             string
	caseHeading, proposal, proposalFrom, forVotes, against   string
	blank, outcome, forMembers, againstMembers, blankMembers string
	forParties, againstParties, alternative                  string // alternative: the proposal a vote set another up against
	doubleVote, closed, closedUnknown, during                string
	moves                                                    map[string]string // Movement.What -> what the member did
	caseParts                                                [lastPart]string
	notGiven, notSaid, nothing                               string
	builtin, model, noModel, made, page                      string
	partBuiltin, partModel                                   string // parts that were taken from a version that something else wrote
	lost                                                     string // characters that no font of a PDF has
	months                                                   [12]string
}

var bokmal = words{
	draft: referent.DraftLabel, approvedBy: "Godkjent av {name} {time}",
	transcript: "Transkripsjon", date: "Tid", note: "Merk",
	task: "Oppgave", owner: "Ansvarlig", due: "Frist", status: "Status", open: "Åpen", unknownOwner: "Ikke sagt",
	caseHeading: "Sak", proposal: "Forslag", proposalFrom: "Forslag fra {names}", forVotes: "For", against: "Mot",
	blank: "Blankt", outcome: "Resultat", forMembers: "For stemte", againstMembers: "Mot stemte", blankMembers: "Blankt stemte",
	forParties: "For stemte partigruppene", againstParties: "Mot stemte partigruppene", alternative: "Satt opp mot «{proposal}», som fikk stemmene mot",
	doubleVote: "Møtelederens dobbeltstemme avgjorde", closed: "Behandlet for lukkede dører, {basis}",
	closedUnknown: "Behandlet for lukkede dører. Hjemmelen ble ikke sagt", during: "under",
	moves: map[string]string{referent.MovementArrived: "kom til møtet", referent.MovementLeft: "forlot møtet",
		referent.MovementDisqualified: "ble kjent inhabil og fratrådte", referent.MovementSubstitute: "tok sete som vara",
		referent.MovementReturned: "kom tilbake til møtet"},
	caseParts: [lastPart]string{recommendation: "Innstilling", treatment: "Behandling", voting: "Votering", resolution: "Vedtak"},
	notGiven:  "Ikke oppgitt", notSaid: "Ikke nevnt.", nothing: "Ingen registrert.",
	builtin: "Laget av den innebygde regelbaserte skriveren.", model: "Laget med språkmodellen {model}.", noModel: "Ingen språkmodell er brukt.",
	partBuiltin: "Deler er laget av den innebygde regelbaserte skriveren.", partModel: "Deler er laget med språkmodellen {model}.",
	made: "Laget {time}.", page: "Side {page} av {pages}",
	lost:   "Noen tegn kan ikke vises med denne skrifttypen og står som □ ({characters}). De er bevart i filen, og følger med når teksten kopieres eller leses opp.",
	months: [12]string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"},
}

var nynorsk = words{
	draft: "Utkast laga ved hjelp av KI – må kontrollerast", approvedBy: "Godkjend av {name} {time}",
	transcript: "Transkripsjon", date: "Møtetid", note: "Merk",
	task: "Oppgåve", owner: "Ansvarleg", due: "Frist", status: "Status", open: "Open", unknownOwner: "Ikkje sagt",
	caseHeading: "Sak", proposal: "Framlegg", proposalFrom: "Framlegg frå {names}", forVotes: "For", against: "Mot",
	blank: "Blankt", outcome: "Resultat", forMembers: "For røysta", againstMembers: "Mot røysta", blankMembers: "Blankt røysta",
	forParties: "For røysta partigruppene", againstParties: "Mot røysta partigruppene", alternative: "Sett opp mot «{proposal}», som fekk røystene mot",
	doubleVote: "Dobbeltrøysta til møteleiaren avgjorde", closed: "Handsama for stengde dører, {basis}",
	closedUnknown: "Handsama for stengde dører. Heimelen vart ikkje sagd", during: "under",
	moves: map[string]string{referent.MovementArrived: "kom til møtet", referent.MovementLeft: "gjekk frå møtet",
		referent.MovementDisqualified: "vart kjend ugild og gjekk frå", referent.MovementSubstitute: "tok sete som vara",
		referent.MovementReturned: "kom tilbake til møtet"},
	caseParts: [lastPart]string{recommendation: "Tilråding", treatment: "Handsaming", voting: "Røysting", resolution: "Vedtak"},
	notGiven:  "Ikkje oppgitt", notSaid: "Ikkje nemnt.", nothing: "Ingen registrerte.",
	builtin: "Laga av den innebygde regelbaserte skrivaren.", model: "Laga med språkmodellen {model}.", noModel: "Ingen språkmodell er brukt.",
	partBuiltin: "Delar er laga av den innebygde regelbaserte skrivaren.", partModel: "Delar er laga med språkmodellen {model}.",
	made: "Laga {time}.", page: "Side {page} av {pages}",
	lost:   "Nokre teikn kan ikkje visast med denne skrifttypen og står som □ ({characters}). Dei er tekne vare på i fila, og følgjer med når teksten blir kopiert eller lesen opp.",
	months: bokmal.months,
}

func wordsOf(l referent.Language) *words {
	if l == referent.Nynorsk {
		return &nynorsk
	}
	return &bokmal
}

// lang is the form as HTML and DOCX name it.
func lang(l referent.Language) string {
	if l == referent.Nynorsk {
		return "nn"
	}
	return "nb"
}

// labelOf is what stands on every page: who answers for the document, and that nobody does until then.
func (w *words) labelOf(mi *referent.Minutes) string {
	if a := mi.Approval; a != nil {
		return oneLine(strings.NewReplacer("{name}", a.By, "{time}", w.day(a.At.Format(time.DateOnly))).Replace(w.approvedBy))
	}
	return w.draftLabel(mi.Label)
}

// draftLabel is the label in the document's form; a label of others' making stays as it is, and none is no way
// out.
func (w *words) draftLabel(label string) string {
	if label == "" || label == referent.DraftLabel {
		return w.draft
	}
	return oneLine(label)
}

// day writes an ISO date as "21. november 2026"; what is not one stays as it is.
func (w *words) day(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return oneLine(iso)
	}
	return fmt.Sprintf("%d.%s%s %d", t.Day(), hard, w.months[t.Month()-1], t.Year())
}

// shortDay writes an ISO date as 27.11.2026, for tables.
func shortDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format("02.01.2006")
}

// moment writes a time as "21. november 2026 kl. 10.30".
func (w *words) moment(t time.Time) string {
	return w.day(t.Format(time.DateOnly)) + " " + w.clock(t)
}

// clock writes a time of day as "kl. 10.30".
func (w *words) clock(t time.Time) string { return "kl." + hard + t.Format("15.04") }

// start writes when a meeting begins: midnight is a date whose time nobody gave.
func (w *words) start(t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 {
		return w.day(t.Format(time.DateOnly))
	}
	return w.moment(t)
}

func (w *words) provenanceText(p referent.Provenance) string {
	wrote := func(builtin, model, writer, name string) string {
		if writer == "builtin" {
			return builtin
		}
		return strings.ReplaceAll(model, "{model}", name)
	}
	told := []string{wrote(w.builtin, w.model, p.Writer, p.Model)}
	unmodelled := p.Writer == "builtin"
	for _, t := range p.Taken {
		unmodelled = unmodelled && t.Writer == "builtin"
		part := wrote(w.partBuiltin, w.partModel, t.Writer, t.Model)
		if (t.Writer != p.Writer || t.Model != p.Model) && !slices.Contains(told, part) {
			told = append(told, part)
		}
	}
	if unmodelled {
		told = append(told, w.noModel)
	}
	s := strings.Join(told, " ")
	if !p.Created.IsZero() {
		s += " " + strings.ReplaceAll(w.made, "{time}", w.moment(p.Created)+" UTC")
	}
	return s
}
