package report

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/locale"
)

// Page writes the report as one HTML page in a language of package locale. The page needs nothing but
// the sound files that stretches name, beside it. earlier are reports of earlier runs, in any order.
func Page(w io.Writer, lang string, r *Report, earlier []*Report) error {
	const op = "report: write page"
	v := &view{Report: r, Lang: lang, CSS: template.CSS(CSS())}
	v.Trends = trends(lang, r, earlier, v.T)
	for i := range r.Sets {
		v.Sets = append(v.Sets, v.set(&r.Sets[i]))
	}
	for _, b := range r.Bars {
		v.Bars = append(v.Bars, v.bar(b))
	}
	page, err := template.New("report.html.tmpl").ParseFS(files, "report.html.tmpl")
	if err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	if err := page.Execute(w, v); err != nil {
		return referent.E(referent.CodeInternal, op, err)
	}
	return nil
}

// view is what the template shows.
type view struct {
	*Report
	Lang   string
	CSS    template.CSS
	Trends []trend
	Sets   []setView
	Bars   []barView
}

// T is a text of the page.
func (v *view) T(key string, args ...any) string { return locale.T(v.Lang, "eval."+key, args...) }

// When is the time of the run.
func (v *view) When() string { return v.Made.Format("2006-01-02 15:04 MST") }

// Took is how long the run took.
func (v *view) Took() string { return v.duration(v.Seconds) }

// Lacks counts the bars that were missed.
func (v *view) Lacks() (n int) {
	for _, b := range v.Report.Bars {
		if !b.Met {
			n++
		}
	}
	return n
}

// Verdict says in a sentence whether the bars were met.
func (v *view) Verdict() string {
	switch n := v.Lacks(); {
	case len(v.Report.Bars) == 0:
		return v.T("page.no_bars")
	case n == 0:
		return v.T("page.all_met")
	default:
		return v.T("page.missed", "n", n, "of", len(v.Report.Bars))
	}
}

// Reason says why something was passed over.
func (v *view) Reason(reason string) string { return v.T("reason." + reason) }

// SkippedName is a set's name in words, or a recording's path.
func (v *view) SkippedName(name string) string {
	if !strings.Contains(name, "/") {
		return v.T("set." + name)
	}
	return name
}

type barView struct {
	Name, Limit, Value, Verdict string
	Met                         bool
}

func (v *view) bar(b Bar) barView {
	name := v.T("set."+b.Set) + ": " + v.T("measure."+b.Measure)
	if b.File != "" {
		name += ", " + shorten(b.File)
	}
	verdict := "bar.missed"
	if b.Met {
		verdict = "bar.met"
	}
	return barView{
		Name: name, Limit: v.T("bar."+b.Sign(), "limit", Format(v.Lang, b.Measure, b.Limit)),
		Value: Format(v.Lang, b.Measure, b.Value), Verdict: v.T(verdict), Met: b.Met,
	}
}

type setView struct {
	ID, Name, Facts, Note string
	Totals                []totalView
	Columns               []string // the measures of the files
	Files                 []fileView
	Charts                []bars
	Confusions            []confusionView
	Worst                 []stretchView
}

type totalView struct{ Name, Value, Interval string }

type fileView struct {
	Name, Failed string
	Beside       bool
	Cells        []string
}

type confusionView struct {
	Kind, From, To string
	Count          int
}

func (v *view) set(s *Set) setView {
	out := setView{ID: s.Name, Name: v.T("set." + s.Name), Note: s.Note,
		Facts: v.T("page.facts", "n", s.Recordings, "length", v.duration(s.Seconds))}
	if s.Seconds == 0 { // nothing of it was heard
		out.Facts = v.T("page.facts_meetings", "n", s.Recordings)
	}
	for _, m := range s.Measures {
		out.Totals = append(out.Totals, totalView{v.T("measure." + m.Name), Format(v.Lang, m.Name, m.Value), v.interval(m)})
	}
	var columns []string
	for i := range s.Files {
		for _, m := range s.Files[i].Measures {
			if !slices.Contains(columns, m.Name) {
				columns = append(columns, m.Name)
			}
		}
	}
	for _, name := range columns {
		out.Columns = append(out.Columns, v.T("measure."+name))
	}
	for i := range s.Files {
		out.Files = append(out.Files, v.file(&s.Files[i], columns))
	}
	out.Charts = v.charts(s)
	for _, c := range s.Confusions {
		kind := "kind.substitution"
		switch {
		case c.From == "":
			kind = "kind.insertion"
		case c.To == "":
			kind = "kind.deletion"
		}
		out.Confusions = append(out.Confusions, confusionView{v.T(kind), c.From, c.To, c.Count})
	}
	for i := range s.Worst {
		out.Worst = append(out.Worst, v.stretch(&s.Worst[i]))
	}
	return out
}

func (v *view) interval(m Measure) string {
	if m.Interval == nil {
		return ""
	}
	return v.T("page.interval", "low", Format(v.Lang, m.Name, m.Interval.Low), "high", Format(v.Lang, m.Name, m.Interval.High))
}

func (v *view) file(f *File, columns []string) fileView {
	out := fileView{Name: label(f), Beside: f.Beside}
	if f.Failed != "" {
		out.Failed = locale.ErrorCode(v.Lang, referent.Code(f.Failed))
	}
	for _, name := range columns {
		cell := ""
		if m, ok := f.Measure(name); ok {
			cell = Format(v.Lang, m.Name, m.Value)
		}
		out.Cells = append(out.Cells, cell)
	}
	return out
}

// label is a file's name with the language where the same file is heard in several.
func label(f *File) string {
	if strings.HasPrefix(f.Name, "noise/") {
		return f.Name + " (" + f.Spoken + ")"
	}
	return f.Name
}

// charts are the errors by kind, for words and for speakers.
func (v *view) charts(s *Set) (all []bars) {
	var words, speakers []share
	for i := range s.Files {
		f := &s.Files[i]
		if e := f.Words; e != nil && e.Reference > 0 {
			n := float64(e.Reference)
			row := share{label: shorten(f.Name), value: Format(v.Lang, WER, e.Rate()),
				kinds:  [3]float64{float64(e.Substitutions) / n, float64(e.Deletions) / n, float64(e.Insertions) / n},
				titles: [3]string{v.kind("substitution", e.Substitutions), v.kind("deletion", e.Deletions), v.kind("insertion", e.Insertions)}}
			if m, ok := f.Measure(WER); ok {
				row.within = m.Interval
			}
			words = append(words, row)
		}
		if e := f.Speakers; e != nil && e.Reference > 0 {
			row := share{label: shorten(f.Name), value: Format(v.Lang, DER, e.Rate()),
				kinds:  [3]float64{e.Confusion / e.Reference, e.Missed / e.Reference, e.FalseAlarm / e.Reference},
				titles: [3]string{v.kindSeconds("confusion", e.Confusion), v.kindSeconds("missed", e.Missed), v.kindSeconds("false_alarm", e.FalseAlarm)}}
			if m, ok := f.Measure(DER); ok {
				row.within = m.Interval
			}
			speakers = append(speakers, row)
		}
	}
	if len(words) > 0 {
		all = append(all, newBars("words-"+s.Name, v.T("page.chart_words"),
			[]string{v.T("kind.substitution"), v.T("kind.deletion"), v.T("kind.insertion")}, words))
	}
	if len(speakers) > 0 {
		all = append(all, newBars("speakers-"+s.Name, v.T("page.chart_speakers"),
			[]string{v.T("kind.confusion"), v.T("kind.missed"), v.T("kind.false_alarm")}, speakers))
	}
	return all
}

func (v *view) kind(kind string, n int) string { return fmt.Sprintf("%s: %d", v.T("kind."+kind), n) }

func (v *view) kindSeconds(kind string, seconds float64) string {
	return v.T("kind."+kind) + ": " + number(v.Lang, seconds, 1) + " s"
}

type stretchView struct {
	Title, Audio, Sound string
	Pieces              []Piece
	Tracks              []trackView
	Height              float64
}

type trackView struct {
	Label     string
	Reference bool
	Y, Text   float64
	Bars      []segment
}

func (v *view) stretch(w *Stretch) stretchView {
	key := "page.wrong_words"
	wrong := number(v.Lang, w.Wrong, 0)
	if w.Turns != nil {
		key, wrong = "page.wrong_seconds", number(v.Lang, w.Wrong, 1)
	}
	out := stretchView{Audio: w.Audio, Pieces: w.Pieces,
		Title: v.T(key, "file", w.File, "start", v.duration(w.Start), "end", v.duration(w.End), "n", wrong)}
	out.Sound = v.T("page.listen", "file", w.File, "start", v.duration(w.Start))
	scale := (chartWidth - labelWidth) / max(w.End-w.Start, 0.1)
	for i, t := range w.Turns {
		who := "page.found"
		if t.Reference {
			who = "page.reference"
		}
		track := trackView{Label: v.T(who, "speaker", t.Speaker), Reference: t.Reference, Y: rowHeight*float64(i) + 4, Text: rowHeight*float64(i) + 16.5}
		for _, r := range eval.Intersect(t.Regions, []eval.Region{{Start: w.Start, End: w.End}}) {
			track.Bars = append(track.Bars, segment{X: round2(labelWidth + (r.Start-w.Start)*scale), Width: round2(r.Len() * scale),
				Title: v.duration(r.Start) + " – " + v.duration(r.End)})
		}
		out.Tracks = append(out.Tracks, track)
	}
	out.Height = rowHeight * float64(len(w.Turns))
	return out
}

// duration is seconds as a person reads them: 12.3 s, 4:05, 1:02:03.
func (v *view) duration(seconds float64) string {
	if seconds < 60 {
		return number(v.Lang, seconds, 1) + " s"
	}
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%d:%02d", m, s)
}
