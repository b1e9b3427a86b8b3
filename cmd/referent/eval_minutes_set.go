package main

import (
	"context"
	"path/filepath"

	"github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/eval/report"
)

// minutesSet is the set of eval all that is not heard but written: what eval minutes measures of the
// built-in writer. Its own report stands in the folder minutes beside that of all sets.
const minutesSet = "minutes"

const minutesNote = "the built-in writer on the project's own meetings; the bars of the other sets of `eval minutes` stand with theirs"

// minutes measures the built-in writer and takes its figures into the report of all sets.
func (e *evaluation) minutes(ctx context.Context) error {
	m := &minutesEvaluation{app: e.app, data: filepath.Join(e.data, "minutes"), out: filepath.Join(e.out, "minutes")}
	if err := m.run(ctx); err != nil {
		return err
	}
	w := &m.report.Writers[0]
	own := w.Set(minutes.SetOwn)
	set := report.Set{Name: minutesSet, Note: minutesNote, Recordings: own.Cases, Measures: minutes.Measures(own.Total), Files: []report.File{}}
	for _, r := range own.Each {
		set.Files = append(set.Files, report.File{Name: r.Case, Measures: minutes.Measures(r)})
	}
	for _, b := range w.Bars {
		b.Set, b.File = minutesSet, b.Set
		e.report.Bars = append(e.report.Bars, b)
	}
	e.report.Sets = append(e.report.Sets, set)
	return nil
}
