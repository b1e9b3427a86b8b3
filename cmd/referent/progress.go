package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far something is: a bar with the time left on a terminal, a line every tenth
// elsewhere, JSON lines with --json.
type progress struct {
	mu    sync.Mutex
	app   *app
	label string
	start time.Time
	pool  *mpb.Progress
	bar   *mpb.Bar
	tenth int
	ended bool
}

// barSteps is the resolution of the bar.
const barSteps = 1000

func (a *app) newProgress(label string) *progress {
	p := &progress{app: a, label: label, start: time.Now(), tenth: -1}
	if f, ok := a.err.(*os.File); ok && !a.json && term.IsTerminal(int(f.Fd())) {
		p.pool = mpb.New(mpb.WithOutput(a.err), mpb.WithWidth(48), mpb.WithRefreshRate(200*time.Millisecond))
		p.bar = p.pool.AddBar(barSteps,
			mpb.PrependDecorators(decor.Name(label, decor.WC{C: decor.DindentRight | decor.DextraSpace}), decor.Percentage(decor.WC{W: 5})),
			mpb.AppendDecorators(decor.Name(" "+a.t("progress.left")+" "), decor.AverageETA(decor.ET_STYLE_GO)),
		)
	}
	return p
}

// set tells that a share of 0 to 1 is done, in the named step.
func (p *progress) set(share float64, step string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	share = min(max(share, 0), 1)
	switch {
	case p.app.json:
		_ = json.NewEncoder(p.app.out).Encode(map[string]any{"event": "progress", "label": p.label, "step": step, "progress": share})
	case p.bar != nil:
		p.bar.SetCurrent(int64(share * barSteps))
	default:
		tenth := int(share * 10)
		if tenth <= p.tenth {
			return
		}
		p.tenth = tenth
		fmt.Fprintf(p.app.err, "%s: %d %%%s\n", p.label, tenth*10, p.left(share))
	}
}

// left estimates the time left from the pace so far.
func (p *progress) left(share float64) string {
	elapsed := time.Since(p.start)
	if share < 0.05 || share >= 1 || elapsed < 2*time.Second {
		return ""
	}
	left := time.Duration(float64(elapsed) * (1 - share) / share).Round(time.Second)
	return ", " + p.app.t("progress.left") + " " + left.String()
}

// done ends the display; the bar stays as it was when the work did not finish.
func (p *progress) done(finished bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	if p.bar == nil {
		return
	}
	if finished {
		p.bar.SetCurrent(barSteps)
	} else {
		p.bar.Abort(false)
	}
	p.pool.Wait()
}
