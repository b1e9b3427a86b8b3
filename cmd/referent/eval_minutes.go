package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/minutes"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/summarize"
)

func (a *app) evalMinutesCommand() *cobra.Command {
	e := &minutesEvaluation{app: a}
	var llm, llmModel string
	c := &cobra.Command{Use: "minutes", Short: a.t("eval.minutes.short"), Long: a.t("eval.minutes.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&e.data, "data", filepath.Join("..", "shared", "eval", "minutes"), a.t("eval.minutes.flag.data"))
	c.Flags().StringVar(&e.out, "out", filepath.Join("out", "eval", "minutes"), a.t("eval.minutes.flag.out"))
	c.Flags().StringSliceVar(&e.only, "only", nil, a.t("eval.minutes.flag.only"))
	c.Flags().StringVar(&e.cases, "cases", "", a.t("eval.minutes.flag.cases"))
	c.Flags().IntVar(&e.limit, "limit", 0, a.t("eval.minutes.flag.limit"))
	c.Flags().StringVar(&llm, "llm", "", a.t("process.flag.llm"))
	c.Flags().StringVar(&llmModel, "llm-model", "", a.t("process.flag.llm_model"))
	c.RunE = func(c *cobra.Command, _ []string) error {
		for _, set := range e.only {
			if !slices.Contains(minutes.Sets, set) {
				return &usageError{referent.E(referent.CodeInvalid, "eval minutes: read options",
					fmt.Errorf("--only knows %s", strings.Join(minutes.Sets, ", ")))}
			}
		}
		cfg, err := a.llmConfig(c.Context(), llm, llmModel)
		if err != nil {
			return err
		}
		e.llm = cfg
		if err := e.run(c.Context()); err != nil {
			return err
		}
		return e.tell()
	}
	return c
}

// llmConfig reads the configuration of the endpoint, with what the command line says of it on top.
func (a *app) llmConfig(ctx context.Context, url, model string) (configs.LLM, error) {
	given := map[string]any{}
	if url != "" {
		given["llm.url"] = url
	}
	if model != "" {
		given["llm.model"] = model
	}
	eff, err := configs.Load(a.configFile, a.environ, given)
	if err != nil {
		return configs.LLM{}, err
	}
	cfg := eff.Config
	if cfg.LLM.Enabled() && cfg.LLM.Model == "" {
		if cfg.LLM.Model, err = onlyModel(ctx, cfg.LLM); err != nil {
			return configs.LLM{}, err
		}
	}
	return cfg.LLM, cfg.Validate()
}

// minutesEvaluation is one run of eval minutes.
type minutesEvaluation struct {
	app       *app
	llm       configs.LLM // not enabled: the built-in writer alone
	data, out string
	cases     string // a folder of one's own; empty: the sets
	only      []string
	limit     int

	report minutes.Report
}

// run has each writer write every chosen set, and writes the report.
func (e *minutesEvaluation) run(ctx context.Context) error {
	start := time.Now()
	if err := os.MkdirAll(e.out, 0o755); err != nil {
		return referent.E(referent.CodeConfig, "eval minutes: make folder", err)
	}
	e.report = minutes.Report{Schema: minutes.Schema, Version: version, Made: start.UTC().Truncate(time.Second),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Writers: []minutes.Writer{}, Skipped: []minutes.Skipped{}}
	sets := e.chosen()
	endpoints := []*referent.Endpoint{nil}
	if e.llm.Enabled() {
		endpoints = append(endpoints, endpoint(e.llm))
	}
	for _, at := range endpoints {
		w := minutes.Writer{Name: "builtin", Sets: []*minutes.Set{}}
		if at != nil {
			w.Name, w.Model = "llm", at.Model
		}
		e.report.Writers = append(e.report.Writers, w)
		for _, set := range sets {
			if err := e.measure(ctx, &e.report.Writers[len(e.report.Writers)-1], at, set); err != nil {
				return err
			}
			e.report.Seconds = time.Since(start).Seconds()
			if err := e.write(); err != nil { // what is done is not lost with what follows
				return err
			}
		}
	}
	return nil
}

// write judges what there is and writes the report and its page.
func (e *minutesEvaluation) write() error {
	e.report.Judge()
	if err := writeFile(filepath.Join(e.out, "report.json"), e.report.Write); err != nil {
		return err
	}
	return writeFile(filepath.Join(e.out, "report.html"), func(w io.Writer) error {
		return minutes.Page(w, e.app.lang, &e.report)
	})
}

// chosen are the sets to measure; the others are noted.
func (e *minutesEvaluation) chosen() (sets []string) {
	if e.cases != "" {
		return []string{minutes.SetFolder}
	}
	for _, set := range minutes.Sets {
		if len(e.only) > 0 && !slices.Contains(e.only, set) {
			e.skip(set, corpus.NotChosen)
			continue
		}
		sets = append(sets, set)
	}
	return sets
}

func (e *minutesEvaluation) skip(set string, reason corpus.Reason) {
	s := minutes.Skipped{Name: set, Reason: string(reason)}
	if !slices.Contains(e.report.Skipped, s) { // each writer finds a folder missing
		e.report.Skipped = append(e.report.Skipped, s)
	}
}

// measure has one writer write one set: the endpoint's model, or the built-in writer when there is none.
func (e *minutesEvaluation) measure(ctx context.Context, w *minutes.Writer, at *referent.Endpoint, name string) error {
	told, done := func(float64) {}, func(bool) {}
	if at != nil { // the built-in writer takes no time that anybody would watch pass
		bar := e.app.newProgress(locale.T(e.app.lang, "eval.minutes.set."+name))
		told, done = func(share float64) { bar.set(share, name) }, bar.done
	}
	writer := summarize.New(summarize.Config{APIKey: e.llm.APIKey, Retries: llmRetries(e.llm.Retries)})
	answers := keptAnswers{filepath.Join(e.out, "answers")}
	write := func(ctx context.Context, m *referent.Meeting, t *referent.Transcript) (*referent.Minutes, error) {
		got, err := writer.Resume(ctx, m, t, at, answers, nil)
		if err == nil && got.Provenance.Server != "" {
			w.Server = got.Provenance.Server
		}
		return got, err
	}
	set, err := e.set(ctx, name, write, told)
	done(err == nil)
	if errors.Is(err, fs.ErrNotExist) {
		e.skip(name, corpus.NoFolder)
		return nil
	}
	if err != nil {
		return err
	}
	w.Sets = append(w.Sets, set)
	return nil
}

// set runs one set, or the folder of cases.
func (e *minutesEvaluation) set(ctx context.Context, name string, write minutes.Write, told func(float64)) (*minutes.Set, error) {
	if name != minutes.SetFolder {
		return minutes.Run(ctx, name, write, os.DirFS(e.data), e.limit, told)
	}
	cases, err := minutes.ReadCases(os.DirFS(e.cases))
	if err == nil && len(cases) == 0 {
		err = fmt.Errorf("no .yaml file in %s", e.cases)
	}
	if err != nil {
		return nil, referent.E(referent.CodeInvalid, "eval minutes: read cases", err)
	}
	return minutes.RunCases(ctx, cases, write, e.limit, told)
}

// tell prints each writer's figures and bars. The error says only that a bar was missed.
func (e *minutesEvaluation) tell() error {
	if e.app.json {
		if err := json.NewEncoder(e.app.out).Encode(&e.report); err != nil {
			return referent.E(referent.CodeInternal, "eval minutes: print report", err)
		}
	} else {
		e.print()
	}
	if !e.report.Met() {
		return &reported{errFailedCheck}
	}
	return nil
}

func (e *minutesEvaluation) print() {
	a := e.app
	text := func(key string, args ...any) string { return locale.T(a.lang, "eval."+key, args...) }
	for _, w := range e.report.Writers {
		name := text("minutes.writer." + w.Name)
		if w.Model != "" {
			name += " " + w.Model
		}
		for _, set := range w.Sets {
			a.printf("%s", a.t("eval.minutes.writer", "writer", name, "set", text("minutes.set."+set.Name), "n", set.Cases))
			if len(set.Each) > 0 {
				e.table(minutes.Figures(a.lang, set))
			}
			for _, f := range set.Failed {
				a.printf("  %s", a.t("eval.minutes.failed", "name", f.Case, "message", locale.ErrorCode(a.lang, f.Code)))
			}
			for _, s := range set.Sittings {
				a.printf("  %s", text("minutes.sitting", "name", s.Name, "length", s.Length(), "words", s.Words,
					"parts", s.Parts, "tokens", s.Tokens, "tenths", s.Tenths.Right))
			}
			for _, t := range set.Trials {
				if t.Changed != "" {
					a.printf("  %s", a.t("eval.minutes.changed", "name", t.Name, "carrier", t.Carrier, "what", t.Changed))
				}
			}
		}
		for _, met := range []bool{true, false} {
			for _, b := range w.Bars {
				if b.Met == met {
					a.printBar(b, name+", "+text("minutes.set."+b.Set))
				}
			}
		}
	}
	for _, s := range e.report.Skipped {
		a.printf("%s", a.t("eval.all.skipped", "name", text("minutes.set."+s.Name), "reason", text("reason."+s.Reason)))
	}
	a.printf("%s", a.t("eval.all.written", "file", filepath.Join(e.out, "report.html")))
}

// table prints figures in columns.
func (e *minutesEvaluation) table(t minutes.Table) {
	line := func(cells []string, name string) {
		var b strings.Builder
		for i, cell := range cells {
			b.WriteString(pad(cell, len([]rune(t.Columns[i]))+3))
		}
		e.app.printf("%s   %s", b.String(), name)
	}
	line(t.Columns, "")
	for _, r := range t.Rows {
		line(r.Cells, r.Name)
	}
}
