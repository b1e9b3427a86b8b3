package export

import (
	"strconv"
	"strings"

	"github.com/referent/referent"
)

// document is the order of a document's parts, independent of the format it is written in. All text in
// it is plain.
type document struct {
	lang   string
	label  string
	name   string // "Møtereferat"
	title  string
	head   [][2]string // names and values
	parts  []part
	footer []string

	provenance referent.Provenance
}

// part is one heading with what stands under it: statements, then a table.
type part struct {
	heading string
	level   int // 2 or 3
	points  []statement
	prose   bool // statements are paragraphs, not a list
	columns []string
	cited   int // the column whose cells carry the evidence
	rows    []row
	alert   bool // a person must look at it
}

// statement is a sentence with the places it can be heard.
type statement struct {
	lead     string // who says it; may be empty
	text     string
	note     string   // why it must be checked; may be empty
	evidence []string // "s12 03:41", one for each place; may be empty
}

// row is a line of a table.
type row struct {
	cells    []string
	evidence []string
}

// layOut puts minutes in the order a secretary would.
func layOut(mi *referent.Minutes, t *referent.Transcript) *document {
	w := wordsOf(mi.Language)
	d := &document{lang: lang(mi.Language), label: mi.Label, name: w.heading(mi.Kind), title: oneLine(mi.Title), provenance: mi.Provenance}
	if d.title == "" {
		d.title = d.name
	}
	cite := citer(t)
	note := mi.Kind == referent.KindCareNote || mi.Kind == referent.KindDictate
	d.addHead(w, mi, note)
	for _, it := range mi.Items {
		if len(it.Points) == 0 && mi.Kind != referent.KindProtocol && mi.Kind != referent.KindCareNote {
			continue
		}
		p := part{heading: oneLine(it.Heading), level: 2, prose: mi.Kind == referent.KindDictate}
		if mi.Kind == referent.KindProtocol && caseParts[p.heading] {
			p.level = 3
		}
		for _, pt := range it.Points {
			p.points = append(p.points, statement{text: oneLine(pt.Text), evidence: cite(pt.Evidence)})
		}
		d.parts = append(d.parts, p)
	}
	if !note {
		d.addOutcomes(w, mi, cite)
	}
	d.addChecks(w, mi, cite)
	d.footer = []string{oneLine(w.provenanceText(mi.Provenance))}
	return d
}

// caseParts are the headings inside a case of a møteprotokoll, in both forms.
var caseParts = map[string]bool{"Innstilling": true, "Tilråding": true, "Behandling": true, "Handsaming": true,
	"Votering": true, "Røysting": true, "Vedtak": true}

func (d *document) addHead(w *words, mi *referent.Minutes, note bool) {
	add := func(name, value string) {
		if value = oneLine(value); value != "" {
			d.head = append(d.head, [2]string{name, value})
		}
	}
	if mi.Date != "" {
		add(w.date, w.day(mi.Date))
	}
	add(w.place, mi.Place)
	if note {
		return
	}
	present := w.present
	if mi.Kind == referent.KindProtocol {
		present = w.members
	}
	add(present, strings.Join(mi.Present, ", "))
	add(w.absent, strings.Join(mi.Absent, ", "))
}

// addOutcomes adds what the meeting led to. A protocol has its decisions and votes under each case, so
// only a table of the votes follows there.
func (d *document) addOutcomes(w *words, mi *referent.Minutes, cite func([]string) []string) {
	if mi.Kind != referent.KindProtocol {
		p := part{heading: w.decisions, level: 2}
		for _, x := range mi.Decisions {
			text := oneLine(x.Text)
			if c := oneLine(x.Case); c != "" {
				text = c + ": " + text
			}
			p.points = append(p.points, statement{text: text, evidence: cite(x.Evidence)})
		}
		if len(p.points) == 0 {
			p.points, p.prose = []statement{{text: w.nothing}}, true
		}
		d.parts = append(d.parts, p)
	}
	if len(mi.Votes) > 0 {
		p := part{heading: w.votes, level: 2, cited: 1, columns: []string{w.caseHeading, w.proposal, w.forVotes, w.against, w.blank, w.outcome}}
		for _, v := range mi.Votes {
			p.rows = append(p.rows, row{[]string{oneLine(v.Case), oneLine(v.Proposal), number(v.For), number(v.Against), number(v.Blank), outcome(w, v)}, cite(v.Evidence)})
		}
		d.parts = append(d.parts, p)
	}
	p := part{heading: w.actions, level: 2}
	if len(mi.Actions) > 0 {
		p.columns = []string{w.task, w.owner, w.due, w.status}
		for _, a := range mi.Actions {
			due, owner := "–", oneLine(a.Owner)
			if a.Due != nil {
				due = shortDay(*a.Due)
			}
			if owner == "" {
				owner = w.unknownOwner
			}
			p.rows = append(p.rows, row{[]string{oneLine(a.Task), owner, due, w.open}, cite(a.Evidence)})
		}
		d.parts = append(d.parts, p)
	} else if mi.Kind != referent.KindProtocol {
		p.points, p.prose = []statement{{text: w.nothing}}, true
		d.parts = append(d.parts, p)
	}
	if n := mi.NextMeeting; n != nil {
		text := oneLine(n.Text)
		if n.Date != nil {
			when := w.day(*n.Date)
			if n.Time != "" {
				when += " kl. " + n.Time
			}
			if n.Place != "" {
				when += ", " + oneLine(n.Place)
			}
			text = when + "."
		}
		d.parts = append(d.parts, part{heading: w.next, level: 2, prose: true, points: []statement{{text: oneLine(text), evidence: cite(n.Evidence)}}})
	}
}

// addChecks adds what a person must look at before signing.
func (d *document) addChecks(w *words, mi *referent.Minutes, cite func([]string) []string) {
	if len(mi.Missing) > 0 {
		p := part{heading: w.missing, level: 2, alert: true}
		for _, s := range mi.Missing {
			p.points = append(p.points, statement{text: oneLine(s)})
		}
		d.parts = append(d.parts, p)
	}
	if len(mi.NeedsReview) > 0 {
		p := part{heading: w.review, level: 2, alert: true}
		for _, r := range mi.NeedsReview {
			p.points = append(p.points, statement{text: oneLine(r.Text), note: oneLine(r.Reason), evidence: cite(r.Evidence)})
		}
		d.parts = append(d.parts, p)
	}
	if len(mi.PossiblyMissed) > 0 {
		p := part{heading: w.missed, level: 2, alert: true}
		for _, x := range mi.PossiblyMissed {
			p.points = append(p.points, statement{text: oneLine(x.Text), evidence: cite(x.Evidence)})
		}
		d.parts = append(d.parts, p)
	}
}

func number(n *int) string {
	if n == nil {
		return "–"
	}
	return strconv.Itoa(*n)
}

func outcome(w *words, v referent.Vote) string {
	s := oneLine(v.Outcome)
	if len(v.ForMembers) > 0 {
		s += ". " + w.forMembers + ": " + oneLine(strings.Join(v.ForMembers, ", "))
	}
	if len(v.AgainstMembers) > 0 {
		s += ". " + w.againstMembers + ": " + oneLine(strings.Join(v.AgainstMembers, ", "))
	}
	return strings.TrimPrefix(s, ". ")
}

// citer returns how evidence is written: "s12 03:41", and the id alone without a transcript.
func citer(t *referent.Transcript) func([]string) []string {
	at := map[string]string{}
	if t != nil {
		for _, s := range t.Segments {
			at[s.ID] = clock(s.Start)
		}
	}
	return func(ids []string) []string {
		var out []string
		for _, id := range ids {
			place := oneLine(id)
			if when := at[id]; when != "" {
				place += " " + when
			}
			out = append(out, place)
		}
		return out
	}
}
