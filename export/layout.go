package export

import (
	"cmp"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/templates"
)

// document is the order of a document's parts, independent of the format it is written in. All text in
// it is plain.
type document struct {
	lang   string
	label  string // what stands on every page: that it is a machine's draft, or who approved it
	name   string // "Møtereferat"
	title  string
	head   [][2]string // names and values
	parts  []part
	footer []string

	numbered   bool // parts of level 2 are numbered, except what is to be checked
	provenance referent.Provenance
	approval   *referent.Approval
	brand      *Brand // nil: none
	version    string // of the program
}

// part is one heading with what stands under it: statements, then a table.
type part struct {
	heading string
	level   int // 2 to 4
	number  int // of the heading; 0: none
	points  []statement
	style   pointStyle
	columns []string
	cited   int // the column whose cells carry the evidence
	rows    []row
	alert   bool // a person must look at it
	last    bool // it ends the document
}

// pointStyle is how a part's statements follow each other.
type pointStyle int

const (
	bullets pointStyle = iota
	prose              // paragraphs
	ordered            // 1. 2. 3.
)

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
	note     string // why it must be checked, in the last cell; may be empty
	evidence []string
}

// layouter puts one document together.
type layouter struct {
	mi     *referent.Minutes
	m      *referent.Meeting
	tpl    *referent.Template
	form   referent.Language
	w      *words
	cite   func([]string) []string
	placed []bool // items that a section has taken up
	d      *document
}

// layOut puts minutes in the order of their template. A form that cannot show all of the template's layout adapts it.
func (r Renderer) layOut(mi *referent.Minutes, t *referent.Transcript, m *referent.Meeting, adapt ...func(*referent.TemplateLayout)) *document {
	if m == nil {
		m = &referent.Meeting{}
	}
	l := &layouter{mi: mi, m: m, form: referent.Bokmal, placed: make([]bool, len(mi.Items))}
	if mi.Language == referent.Nynorsk {
		l.form = referent.Nynorsk
	}
	tpl := *r.template(mi, l.form)
	for _, f := range adapt {
		f(&tpl.Layout)
	}
	l.tpl = &tpl
	l.w = wordsOf(l.form)
	l.cite = func([]string) []string { return nil }
	if l.tpl.Layout.Evidence {
		l.cite = citer(t)
	}
	l.d = &document{lang: lang(l.form), name: l.tpl.Name.In(l.form), title: oneLine(mi.Title), numbered: l.tpl.Layout.Numbered,
		label: l.w.labelOf(mi), provenance: mi.Provenance, approval: mi.Approval, version: r.Version}
	l.d.title = cmp.Or(l.d.title, l.d.name)
	if l.tpl.Layout.Logo {
		l.d.brand = r.Brand
	}
	l.head()
	l.sections()
	l.number()
	l.d.footer = []string{oneLine(l.w.provenanceText(mi.Provenance))}
	return l.d
}

// template is what the minutes were made for. One that is gone since, or lost the form, leaves the layout of
// the built-in kind that the minutes look most like: they must stay readable.
func (r Renderer) template(mi *referent.Minutes, form referent.Language) *referent.Template {
	if t := r.Templates.Find(mi.Kind); t != nil && t.Has(form) {
		return t
	}
	if mi.Kind == "" || len(mi.Cases) == 0 {
		return templates.Builtin(referent.KindReferat)
	}
	return templates.Builtin(referent.KindProtocol)
}

// underTitle is the line under the title: what kind of document it is, unless the title says so, between signs of
// emphasis, and whose. It may be empty.
func (d *document) underTitle(escape func(string) string, emphasis string) string {
	var list []string
	if d.name != d.title {
		list = append(list, emphasis+escape(d.name)+emphasis)
	}
	if brand := d.brandName(); brand != "" {
		list = append(list, escape(brand))
	}
	return strings.Join(list, " · ")
}

// number counts the sections, where the template wants it: not what a person must look at, which goes
// before the document is signed.
func (l *layouter) number() {
	if !l.d.numbered {
		return
	}
	n := 0
	for i := range l.d.parts {
		if p := &l.d.parts[i]; p.level == 2 && p.heading != "" && !p.alert {
			n++
			p.number = n
		}
	}
}

// add puts a part last.
func (l *layouter) add(p part) { l.d.parts = append(l.d.parts, p) }

// points are statements of the minutes as a document shows them.
func (l *layouter) points(list []referent.Point) []statement {
	var out []statement
	for _, p := range list {
		out = append(out, statement{text: typeset(p.Text), evidence: l.cite(p.Evidence)})
	}
	return out
}

// same reports whether two headings or names are one, however they are spaced and capitalised.
func same(a, b string) bool { return fold(a) == fold(b) }

func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.TrimRight(strings.TrimSpace(s), ".:")), " "))
}

// citer returns how evidence is written: "s12 03:41", and the id alone without a transcript.
func citer(t *referent.Transcript) func([]string) []string {
	at := map[string]string{}
	if t != nil {
		for _, s := range t.Segments {
			at[s.ID] = clock(s.Start)
			for _, id := range s.Joined {
				if at[id] == "" { // a half that was split off comes after what it was split from
					at[id] = clock(s.Start)
				}
			}
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
