package export

import (
	"fmt"
	"strings"
	"time"

	"github.com/referent/referent"
)

// words are the fixed words of a document in one language form.
type words struct {
	minutes, protocol, careNote, dictation, transcript        string
	title, date, place, body, present, absent, members        string
	items, decisions, actions, task, owner, due, status, open string
	votes, caseHeading, proposal, forVotes, against, blank    string
	outcome, forMembers, againstMembers                       string
	next, review, missed, missing, provenance                 string
	builtin, model, made, nothing, unknownOwner, note         string
	months                                                    [12]string
}

var bokmal = words{
	minutes: "Møtereferat", protocol: "Møteprotokoll", careNote: "Notat fra hjemmetjenesten", dictation: "Diktat", transcript: "Transkripsjon",
	title: "Tittel", date: "Tid", place: "Sted", body: "Utvalg", present: "Til stede", absent: "Forfall", members: "Medlemmer",
	items: "Oppsummering", decisions: "Beslutninger", actions: "Aksjonspunkter", task: "Oppgave", owner: "Ansvarlig", due: "Frist", status: "Status", open: "Åpen",
	votes: "Voteringer", caseHeading: "Sak", proposal: "Forslag", forVotes: "For", against: "Mot", blank: "Blankt", outcome: "Resultat",
	forMembers: "For stemte", againstMembers: "Mot stemte",
	next: "Neste møte", review: "Må kontrolleres", missed: "Mulig glemt", missing: "Mangler etter kommuneloven § 11-4", provenance: "Om dokumentet",
	builtin: "Laget av den innebygde regelbaserte skriveren. Ingen språkmodell er brukt.", model: "Laget med språkmodellen {model}.",
	made: "Laget {time}.", nothing: "Ingen registrert.", unknownOwner: "Ikke sagt", note: "Merk",
	months: [12]string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"},
}

var nynorsk = words{
	minutes: "Møtereferat", protocol: "Møteprotokoll", careNote: "Notat frå heimetenesta", dictation: "Diktat", transcript: "Transkripsjon",
	title: "Tittel", date: "Møtetid", place: "Møtestad", body: "Utval", present: "Til stades", absent: "Forfall", members: "Følgjande medlemmer møtte",
	items: "Oppsummering", decisions: "Avgjerder", actions: "Aksjonspunkt", task: "Oppgåve", owner: "Ansvarleg", due: "Frist", status: "Status", open: "Open",
	votes: "Røystingar", caseHeading: "Sak", proposal: "Framlegg", forVotes: "For", against: "Mot", blank: "Blankt", outcome: "Resultat",
	forMembers: "For røysta", againstMembers: "Mot røysta",
	next: "Neste møte", review: "Må kontrollerast", missed: "Mogleg gløymt", missing: "Manglar etter kommunelova § 11-4", provenance: "Om dokumentet",
	builtin: "Laga av den innebygde regelbaserte skrivaren. Ingen språkmodell er brukt.", model: "Laga med språkmodellen {model}.",
	made: "Laga {time}.", nothing: "Ingen registrert.", unknownOwner: "Ikkje sagt", note: "Merk",
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

// heading is the document's own name.
func (w *words) heading(k referent.Kind) string {
	switch k {
	case referent.KindProtocol:
		return w.protocol
	case referent.KindCareNote:
		return w.careNote
	case referent.KindDictate:
		return w.dictation
	}
	return w.minutes
}

// day writes an ISO date as "21. november 2026"; what is not one stays as it is.
func (w *words) day(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return fmt.Sprintf("%d. %s %d", t.Day(), w.months[t.Month()-1], t.Year())
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
	return w.day(t.Format(time.DateOnly)) + " kl. " + t.Format("15.04")
}

// start writes when a meeting begins: midnight is a date whose time nobody gave.
func (w *words) start(t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 {
		return w.day(t.Format(time.DateOnly))
	}
	return w.moment(t)
}

func (w *words) provenanceText(p referent.Provenance) string {
	s := w.builtin
	if p.Writer != "builtin" {
		s = strings.ReplaceAll(w.model, "{model}", p.Model)
	}
	if !p.Created.IsZero() {
		s += " " + strings.ReplaceAll(w.made, "{time}", w.moment(p.Created)+" UTC")
	}
	return s
}
