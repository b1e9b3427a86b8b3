package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/corpus"
	"github.com/referent/referent/eval/report"
	"github.com/referent/referent/transcribe/whispercpp"
)

// evalSets are the sets in the order in which they are told of.
var evalSets = []string{corpus.SpeechNB, corpus.SpeechEN, corpus.Formats, corpus.Speakers, meetingSet, corpus.Noise, minutesSet}

func (a *app) evalAllCommand() *cobra.Command {
	e := &evaluation{app: a}
	c := &cobra.Command{Use: "all", Short: a.t("eval.all.short"), Long: a.t("eval.all.long"), Args: cobra.NoArgs}
	c.Flags().StringVar(&e.data, "data", filepath.Join("..", "shared", "eval"), a.t("eval.all.flag.data"))
	c.Flags().StringVar(&e.out, "out", filepath.Join("out", "eval"), a.t("eval.all.flag.out"))
	c.Flags().StringVar(&e.history, "history", "", a.t("eval.all.flag.history"))
	c.Flags().StringSliceVar(&e.only, "only", nil, a.t("eval.all.flag.only"))
	mode := c.Flags().String("mode", string(referent.ModeFast), a.t("eval.all.flag.mode"))
	a.settingFlags(c.Flags(), processSettings...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		const op = "eval all: read options"
		e.mode = referent.Mode(*mode)
		if e.mode != referent.ModeFast && e.mode != referent.ModeThorough {
			return &usageError{referent.E(referent.CodeInvalid, op, errors.New("--mode is rask or grundig"))}
		}
		for _, set := range e.only {
			if !slices.Contains(evalSets, set) {
				return &usageError{referent.E(referent.CodeInvalid, op, fmt.Errorf("--only knows %s", strings.Join(evalSets, ", ")))}
			}
		}
		e.process = &processing{app: a}
		if err := e.process.configure(c, "", "", ""); err != nil {
			return err
		}
		if e.history == "" {
			e.history = filepath.Join(e.out, "history")
		}
		return e.run(c.Context())
	}
	return c
}

// evaluation is one run of eval all.
type evaluation struct {
	app                *app
	process            *processing
	data, out, history string
	only               []string
	mode               referent.Mode

	report report.Report
	models map[referent.ModelUse]bool
}

// chosenSet is a set that is measured, with where its recordings begin among all.
type chosenSet struct {
	name       string
	note       string
	recordings []corpus.Recording
	first      int
}

func (e *evaluation) run(ctx context.Context) error {
	start := time.Now()
	if _, err := os.Stat(e.data); err != nil {
		return referent.E(referent.CodeNotFound, "eval all: find data", err).WithHint("name the folder with --data")
	}
	if err := os.MkdirAll(e.out, 0o755); err != nil {
		return referent.E(referent.CodeConfig, "eval all: make folder", err)
	}
	e.describe(start)
	sets, err := e.collect(ctx)
	if err != nil {
		return err
	}
	var tasks []task
	for i := range sets {
		sets[i].first = len(tasks)
		for _, rec := range sets[i].recordings {
			tasks = append(tasks, task{e.path(rec.Name), rec.Spoken})
		}
	}
	if e.report.Settings.Material, err = e.material(sets); err != nil {
		return err
	}
	var results []heard
	if len(tasks) > 0 {
		if results, err = e.app.recognize(ctx, e.process, e.mode, tasks); err != nil {
			return err
		}
	}
	for _, set := range sets {
		if err := e.measure(ctx, set, results[set.first:set.first+len(set.recordings)]); err != nil {
			return err
		}
	}
	if e.chose(minutesSet) {
		if err := e.minutes(ctx); err != nil {
			return err
		}
	}
	for use := range e.models {
		e.report.Models = append(e.report.Models, use)
	}
	slices.SortFunc(e.report.Models, func(a, b referent.ModelUse) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Name, b.Name), cmp.Compare(a.SHA256, b.SHA256))
	})
	e.report.Seconds = time.Since(start).Seconds()
	if err := e.write(); err != nil {
		return err
	}
	return e.tell()
}

// describe says what runs where.
func (e *evaluation) describe(now time.Time) {
	cfg := e.process.cfg
	e.models = map[referent.ModelUse]bool{}
	e.report = report.Report{
		Schema: report.Schema, Version: version, Made: now.UTC().Truncate(time.Second), Normalisation: eval.Normalisation,
		Machine: report.Machine{Platform: runtime.GOOS + "/" + runtime.GOARCH, Processor: processorName(), Cores: runtime.GOMAXPROCS(0),
			Native: whispercpp.BuildStamp(), Go: runtime.Version()},
		Settings: report.Settings{Model: cfg.Model, Mode: e.mode, Workers: cfg.Workers, Threads: cfg.ThreadsPerWorker()},
		Models:   []referent.ModelUse{}, Sets: []report.Set{}, Bars: []report.Bar{}, Skipped: []report.Skipped{},
	}
}

// processorName is what Linux calls the processor; elsewhere it is not told.
func processorName() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// path is where a recording lies: the made meeting in the report's folder, all else in the data.
func (e *evaluation) path(name string) string {
	if name == meetingName {
		return filepath.Join(e.out, filepath.FromSlash(meetingName))
	}
	return filepath.Join(e.data, filepath.FromSlash(name))
}

// chose reports whether a set is to be measured.
func (e *evaluation) chose(set string) bool { return len(e.only) == 0 || slices.Contains(e.only, set) }

func (e *evaluation) skip(name string, reason corpus.Reason) {
	e.report.Skipped = append(e.report.Skipped, report.Skipped{Name: name, Reason: string(reason)})
}

// collect finds what is to be heard, and notes what is passed over.
func (e *evaluation) collect(ctx context.Context) (sets []chosenSet, err error) {
	folder := os.DirFS(e.data)
	for _, name := range evalSets {
		if !e.chose(name) {
			e.skip(name, corpus.NotChosen)
			continue
		}
		if name == minutesSet { // nothing of it is heard
			continue
		}
		if name == meetingSet {
			rec, err := e.app.makeMeeting(ctx, e.process.cfg.FFmpeg, e.data, folder, e.path(meetingName))
			if referent.CodeOf(err) == referent.CodeNotFound {
				e.skip(name, corpus.NoClips)
				continue
			}
			if err != nil {
				return nil, err
			}
			sets = append(sets, chosenSet{name: name, note: meetingNote, recordings: []corpus.Recording{rec}})
			continue
		}
		recordings, skipped, err := corpus.Read(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			e.skip(name, corpus.NoFolder)
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, s := range skipped {
			e.skip(s.Name, s.Reason)
		}
		if name == corpus.Noise {
			recordings = inEachLanguage(recordings)
		}
		sets = append(sets, chosenSet{name: name, recordings: recordings})
	}
	return sets, nil
}

// inEachLanguage repeats recordings for each language that noise is heard as.
func inEachLanguage(all []corpus.Recording) (each []corpus.Recording) {
	for _, rec := range all {
		for _, language := range corpus.NoiseLanguages {
			rec.Spoken = language
			each = append(each, rec)
		}
	}
	return each
}

// material is a digest of what is heard: names, sizes and languages.
func (e *evaluation) material(sets []chosenSet) (string, error) {
	sum := sha256.New()
	for _, set := range sets {
		for _, rec := range set.recordings {
			info, err := os.Stat(e.path(rec.Name))
			if err != nil {
				return "", referent.E(referent.CodeNotFound, "eval all: find recording", err)
			}
			fmt.Fprintf(sum, "%s\n%s\n%d\n%s\n", set.name, rec.Name, info.Size(), rec.Spoken)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// measure holds a set's transcripts against its references.
func (e *evaluation) measure(ctx context.Context, set chosenSet, results []heard) error {
	var all []*scored
	for i, rec := range set.recordings {
		if set.name == corpus.Formats && i > 0 && results[0].transcript != nil {
			rec.Text = transcriptText(results[0].transcript) // the first format is what the others are held against
		}
		all = append(all, score(rec, results[i]))
		t := results[i].transcript
		if t == nil {
			continue
		}
		for _, use := range t.Models {
			e.models[use] = true
		}
		if err := e.keep(rec, t); err != nil {
			return err
		}
	}
	s := total(set.name, set.note, all)
	s.Worst = worst(set.name, all)
	if err := writeClips(ctx, e.process.cfg.FFmpeg, e.out, &s, e.path); err != nil {
		return err
	}
	e.report.Sets = append(e.report.Sets, s)
	e.report.Bars = append(e.report.Bars, bars(&s, e.report.Settings)...)
	return nil
}

// keep writes a transcript beside the report, for a closer look and for other tools.
func (e *evaluation) keep(rec corpus.Recording, t *referent.Transcript) error {
	path := filepath.Join(e.out, "transcripts", filepath.FromSlash(rec.Name)+"."+rec.Spoken+".json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return referent.E(referent.CodeConfig, "eval all: make folder", err)
	}
	return writeFile(path, func(w io.Writer) error {
		if err := json.NewEncoder(w).Encode(t); err != nil {
			return referent.E(referent.CodeInternal, "eval all: write transcript", err)
		}
		return nil
	})
}

// write writes report.json, a copy for the history, and the page.
func (e *evaluation) write() error {
	const op = "eval all: write report"
	if err := os.MkdirAll(e.history, 0o755); err != nil {
		return referent.E(referent.CodeConfig, op, err)
	}
	earlier, err := e.earlier()
	if err != nil {
		return err
	}
	kept := e.report.Made.Format("20060102T150405Z") + ".json"
	for _, path := range []string{filepath.Join(e.out, "report.json"), filepath.Join(e.history, kept)} {
		if err := writeFile(path, e.report.Write); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(e.out, "report.html"), func(w io.Writer) error {
		return report.Page(w, e.app.lang, &e.report, earlier)
	})
}

// earlier reads the reports in the history folder. A file that is none stops the run: somebody put it there
// by mistake.
func (e *evaluation) earlier() (all []*report.Report, err error) {
	files, err := filepath.Glob(filepath.Join(e.history, "*.json"))
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "eval all: read history", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, referent.E(referent.CodeNotFound, "eval all: read history", err)
		}
		r, err := report.Read(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
