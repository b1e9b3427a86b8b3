package report

import (
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent/eval"
)

// Charts are laid out in these units and scaled by the page.
const (
	chartWidth  = 720.0
	labelWidth  = 230.0
	valueWidth  = 90.0
	rowHeight   = 24.0
	trendWidth  = 320.0
	trendHeight = 150.0
	trendLeft   = 52.0
	trendRight  = 14.0
	trendTop    = 14.0
	trendBottom = 30.0
)

// bars is a chart of errors by kind: one row a recording.
type bars struct {
	ID, Title string
	Height    float64
	Rows      []barRow
	Kinds     []string // their names, in the order of the segments
}

type barRow struct {
	Y, Text  float64 // of the bar's upper edge and of the label's baseline
	Label    string
	Value    string
	Segments []segment
	Low      float64 // the interval, as x
	High     float64
	HasRange bool
}

type segment struct {
	X, Width float64
	Kind     int // 1, 2, 3: the same colour and pattern everywhere
	Title    string
}

// share is one row's figures before they are drawn.
type share struct {
	label  string
	value  string
	kinds  [3]float64 // each a share of the reference
	titles [3]string
	within *eval.Interval
}

// newBars draws rows beside one another on one scale, from nothing to the largest row.
func newBars(id, title string, kinds []string, rows []share) bars {
	top := 0.01
	for _, r := range rows {
		top = max(top, r.kinds[0]+r.kinds[1]+r.kinds[2])
		if r.within != nil {
			top = max(top, r.within.High)
		}
	}
	scale := (chartWidth - labelWidth - valueWidth) / top
	b := bars{ID: id, Title: title, Kinds: kinds, Height: rowHeight * float64(len(rows))}
	for i, r := range rows {
		row := barRow{Y: rowHeight*float64(i) + 4, Text: rowHeight*float64(i) + 16.5, Label: r.label, Value: r.value}
		x := labelWidth
		for k, v := range r.kinds {
			if v <= 0 {
				continue
			}
			row.Segments = append(row.Segments, segment{x, round2(v * scale), k + 1, r.titles[k]})
			x = round2(x + v*scale)
		}
		if r.within != nil {
			row.HasRange, row.Low, row.High = true, round2(labelWidth+r.within.Low*scale), round2(labelWidth+r.within.High*scale)
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

// trend is a measure over the runs of the same material, oldest first.
type trend struct {
	ID, Title string
	Points    []trendPoint
	Line      string // of a polyline
	Ticks     []tick
	Versions  []tick // the first and the last
}

type trendPoint struct {
	X, Y, Low, High float64
	HasRange        bool
	Text            string // version, time, figure
	Last            bool
}

type tick struct {
	X, Y   float64
	Text   string
	Anchor string
}

// run is one point of a trend.
type run struct {
	version string
	made    time.Time
	measure Measure
}

func newTrend(lang, id, title string, runs []run) trend {
	t := trend{ID: id, Title: title}
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range runs {
		low, high = min(low, r.measure.Value), max(high, r.measure.Value)
		if r.measure.Interval != nil {
			low, high = min(low, r.measure.Interval.Low), max(high, r.measure.Interval.High)
		}
	}
	if low > 0 && low < high/2 || low == high {
		low = min(0, low)
	}
	if high == low {
		high = low + 1
	}
	x := func(i int) float64 {
		if len(runs) == 1 {
			return (trendLeft + trendWidth - trendRight) / 2
		}
		return round2(trendLeft + float64(i)*(trendWidth-trendLeft-trendRight)/float64(len(runs)-1))
	}
	y := func(v float64) float64 {
		return round2(trendTop + (high-v)/(high-low)*(trendHeight-trendTop-trendBottom))
	}
	var line []string
	for i, r := range runs {
		p := trendPoint{X: x(i), Y: y(r.measure.Value), Last: i == len(runs)-1,
			Text: r.version + " · " + r.made.Format("2006-01-02 15:04") + " · " + Format(lang, r.measure.Name, r.measure.Value)}
		if in := r.measure.Interval; in != nil {
			p.HasRange, p.Low, p.High = true, y(in.Low), y(in.High)
		}
		t.Points = append(t.Points, p)
		line = append(line, number("en", p.X, 2)+","+number("en", p.Y, 2))
	}
	t.Line = strings.Join(line, " ")
	marks := []float64{low, (low + high) / 2, high}
	if UnitOf(runs[0].measure.Name) == Count {
		marks = []float64{low, high} // there is no half
	}
	for _, v := range marks {
		t.Ticks = append(t.Ticks, tick{trendLeft - 6, y(v), Format(lang, runs[0].measure.Name, v), "end"})
	}
	t.Versions = []tick{{x(0), trendHeight - 8, short(runs[0].version), "middle"}}
	if len(runs) > 1 {
		t.Versions = []tick{
			{x(0), trendHeight - 8, short(runs[0].version), "start"},
			{x(len(runs) - 1), trendHeight - 8, short(runs[len(runs)-1].version), "end"},
		}
	}
	return t
}

// short keeps the end of a long version, which tells commits apart.
func short(version string) string {
	if r := []rune(version); len(r) > 18 {
		return "…" + string(r[len(r)-17:])
	}
	return version
}

func round2(v float64) float64 { return math.Round(100*v) / 100 }

// shorten is the end of a recording's path, enough to know it by.
func shorten(name string) string {
	base := path.Base(name)
	if dir := path.Base(path.Dir(name)); dir != "." {
		base = dir + "/" + base
	}
	if r := []rune(base); len(r) > 30 {
		return "…" + string(r[len(r)-29:])
	}
	return base
}

// trends finds the totals of this run in the earlier ones: those on the same material with the same model
// and mode. A measure that was never taken before has one point.
func trends(lang string, now *Report, earlier []*Report, text func(key string, args ...any) string) (all []trend) {
	runs := slices.DeleteFunc(slices.Clone(earlier), func(r *Report) bool {
		return r.Made.Equal(now.Made) || r.Settings.Model != now.Settings.Model || r.Settings.Mode != now.Settings.Mode || r.Settings.Material != now.Settings.Material
	})
	slices.SortFunc(runs, func(a, b *Report) int { return a.Made.Compare(b.Made) })
	runs = append(runs, now)
	for i := range now.Sets {
		set := &now.Sets[i]
		for _, m := range set.Measures {
			if !slices.Contains(followed, m.Name) {
				continue
			}
			var points []run
			for _, r := range runs {
				for j := range r.Sets {
					if r.Sets[j].Name != set.Name {
						continue
					}
					if total, ok := r.Sets[j].Total(m.Name); ok {
						points = append(points, run{r.Version, r.Made, total})
					}
				}
			}
			title := text("set."+set.Name) + ": " + text("measure."+m.Name)
			all = append(all, newTrend(lang, "trend-"+set.Name+"-"+m.Name, title, points))
		}
	}
	return all
}

// followed are the measures whose course is drawn.
var followed = []string{WER, CPWER, DER, TimeP95, Coverage, Invented}
