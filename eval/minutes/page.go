package minutes

import (
	"html/template"
	"io"

	"github.com/referent/referent"
	"github.com/referent/referent/eval/report"
	"github.com/referent/referent/locale"
)

// Page writes the report as one HTML page in a language of package locale: the writers beside each other,
// by set and kind, then each case with what it missed.
func Page(w io.Writer, lang string, r *Report) error {
	const op = "minutes: write page"
	page, err := template.New("page.html.tmpl").ParseFS(files, "page.html.tmpl")
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	if err := page.Execute(w, &view{Report: r, Lang: lang, CSS: template.CSS(report.CSS())}); err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	return nil
}

// view is what the template shows.
type view struct {
	*Report
	Lang string
	CSS  template.CSS
}

// T is a text of the page.
func (v *view) T(key string, args ...any) string { return locale.T(v.Lang, "eval."+key, args...) }

// When is the time of the run.
func (v *view) When() string { return v.Made.Format("2006-01-02 15:04 MST") }

// Took is how long the run took.
func (v *view) Took() string { return report.Format(v.Lang, report.WriteTime, v.Seconds) }

// WriterName is what a writer is called.
func (v *view) WriterName(w Writer) string {
	name := v.T("minutes.writer." + w.Name)
	if w.Model != "" {
		name += ": " + w.Model
	}
	return name
}

// barView is a bar in words.
type barView struct {
	Name, Limit, Value, Verdict string
	Met                         bool
}

// Bars are the bars of a writer.
func (v *view) Bars(w Writer) (all []barView) {
	for _, b := range w.Bars {
		verdict := "bar.missed"
		if b.Met {
			verdict = "bar.met"
		}
		all = append(all, barView{
			Name:  v.T("minutes.set."+b.Set) + ": " + v.T("measure."+b.Measure),
			Limit: v.T("bar."+b.Sign(), "limit", report.Format(v.Lang, b.Measure, b.Limit)),
			Value: report.Format(v.Lang, b.Measure, b.Value), Verdict: v.T(verdict), Met: b.Met,
		})
	}
	return all
}

// Missed counts the bars that were missed.
func (v *view) Missed() (n int) {
	for _, w := range v.Writers {
		for _, b := range w.Bars {
			if !b.Met {
				n++
			}
		}
	}
	return n
}

// Verdict says in a sentence whether the bars were met.
func (v *view) Verdict() string {
	of := 0
	for _, w := range v.Writers {
		of += len(w.Bars)
	}
	switch n := v.Missed(); {
	case of == 0:
		return v.T("page.no_bars")
	case n == 0:
		return v.T("page.all_met")
	default:
		return v.T("page.missed", "n", n, "of", of)
	}
}

// Figures is a set's table.
func (v *view) Figures(s *Set) Table { return Figures(v.Lang, s) }

// Table is figures side by side: a row for each measure, a column for each kind and one for all.
type Table struct {
	Columns []string
	Rows    []Row
}

// Row is one measure.
type Row struct {
	Name  string
	Cells []string // empty where a kind has nothing to measure
}

// Figures makes a set's table in a language of package locale.
func Figures(lang string, s *Set) (t Table) {
	text := func(key string, args ...any) string { return locale.T(lang, "eval."+key, args...) }
	var columns []Result
	if len(s.Kinds) > 1 {
		for _, k := range s.Kinds {
			t.Columns = append(t.Columns, text("minutes.column", "kind", text("minutes.kind."+string(k.Kind)), "n", k.Cases))
			columns = append(columns, k.Result)
		}
	}
	t.Columns = append(t.Columns, text("minutes.column", "kind", text("minutes.total"), "n", len(s.Each)))
	columns = append(columns, s.Total)
	for _, name := range report.MinutesMeasures {
		r := Row{Name: text("measure." + name), Cells: make([]string, len(columns))}
		some := false
		for i, c := range columns {
			for _, m := range Measures(c) {
				if m.Name == name {
					r.Cells[i], some = report.Format(lang, name, m.Value), true
				}
			}
		}
		if some {
			t.Rows = append(t.Rows, r)
		}
	}
	return t
}

// FaultName says which kind of fault it is.
func (v *view) FaultName(f Fault) string { return v.T("minutes.fault." + string(f.Kind)) }

// Failure says why there are no minutes.
func (v *view) Failure(code referent.Code) string { return locale.ErrorCode(v.Lang, code) }
