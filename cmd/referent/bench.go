package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/eval"
	"github.com/referent/referent/eval/bench"
)

// benchmark is one call of `referent bench`.
type benchmark struct {
	app       *app
	peers     string // folder that setup/peers.sh made; empty: only our own
	page      string // Markdown file to write
	out       string // folder for the JSON report and what is made on the way
	rounds    int
	long      bool
	recording string // joined, WAV
	seconds   float64
	reference string
}

func (a *app) benchCommand() *cobra.Command {
	b := &benchmark{app: a}
	c := &cobra.Command{Use: "bench RECORDING …", Short: a.t("bench.short"), Long: a.t("bench.long"), Args: cobra.MinimumNArgs(1)}
	c.Flags().StringVar(&b.peers, "peers", "", a.t("bench.flag.peers"))
	c.Flags().StringVar(&b.page, "page", "", a.t("bench.flag.page"))
	c.Flags().StringVar(&b.out, "out", "out/bench", a.t("bench.flag.out"))
	c.Flags().IntVar(&b.rounds, "rounds", 3, a.t("bench.flag.rounds"))
	c.Flags().BoolVar(&b.long, "long", false, a.t("bench.flag.long"))
	c.RunE = func(c *cobra.Command, files []string) error {
		if b.rounds < 1 {
			return &usageError{referent.E(referent.CodeInvalid, "bench: at least one round", nil)}
		}
		return b.run(c.Context(), files)
	}
	c.AddCommand(a.busyCommand(), a.benchWorkersCommand())
	return c
}

// benchWorkersCommand is the part of bench that shares one long recording between workers, by itself.
func (a *app) benchWorkersCommand() *cobra.Command {
	b := &benchmark{app: a}
	c := &cobra.Command{Use: "workers RECORDING …", Short: a.t("bench.workers.short"), Args: cobra.MinimumNArgs(1)}
	c.Flags().StringVar(&b.out, "out", "out/bench", a.t("bench.flag.out"))
	c.RunE = func(c *cobra.Command, files []string) error {
		if err := os.MkdirAll(b.out, 0o755); err != nil {
			return referent.E(referent.CodeConfig, "bench: make result folder", err)
		}
		if err := b.join(c.Context(), files); err != nil {
			return err
		}
		_, err := b.workers(c.Context())
		return err
	}
	return c
}

// busyCommand is another program that takes a core, for measuring beside it.
func (a *app) busyCommand() *cobra.Command {
	return &cobra.Command{Use: "busy", Hidden: true, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		for n := 0; ; n++ {
			if n%(1<<20) == 0 && c.Context().Err() != nil {
				return nil
			}
		}
	}}
}

// benchReport is bench.json.
type benchReport struct {
	Schema  string       `json:"schema"`
	Created time.Time    `json:"created"`
	Machine benchMachine `json:"machine"`
	Audio   struct {
		Seconds float64 `json:"seconds"`
		Words   int     `json:"words"` // of the reference; 0: there is none
	} `json:"audio"`
	Rounds  int            `json:"rounds"`
	Speed   []benchSeries  `json:"speed"`
	Loaded  []benchSeries  `json:"loaded"`  // beside as many busy loops as there are cores
	Scaling []benchSeries  `json:"scaling"` // our own, by threads and by workers
	Long    []benchSeries  `json:"long,omitempty"`
	Workers []benchWorkers `json:"workers,omitempty"`
	Bars    []benchBar     `json:"bars"`
	Skipped []string       `json:"skipped,omitempty"`
	Engines map[string]any `json:"engines"`
}

// benchSeries is a series with what was recognised in it.
type benchSeries struct {
	bench.Series
	Seconds float64      `json:"seconds"` // of audio
	Errors  *eval.Errors `json:"errors,omitempty"`
}

type benchBar struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Limit  float64 `json:"limit"`
	AtMost bool    `json:"at_most"` // else at least
	Met    bool    `json:"met"`
}

type benchMachine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	Device    string `json:"device"`
	System    string `json:"system"`
}

func (b *benchmark) run(ctx context.Context, files []string) error {
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return referent.E(referent.CodeConfig, "bench: make result folder", err)
	}
	if err := b.join(ctx, files); err != nil {
		return err
	}
	r := &benchReport{Schema: "referent/bench/1", Created: time.Now().UTC(), Rounds: b.rounds, Engines: b.engines(ctx)}
	r.Machine = benchMachine{Processor: processorName(), Cores: runtime.GOMAXPROCS(0), Device: device(), System: runtime.GOOS + "/" + runtime.GOARCH}
	r.Audio.Seconds, r.Audio.Words = b.seconds, len(eval.Words(b.reference))

	peers, skipped := b.peerCommands()
	r.Skipped = skipped
	ours := b.our("referent, rask", b.recording, "--mode", "rask")
	thorough := b.our("referent, grundig", b.recording, "--mode", "grundig")
	var err error
	if r.Speed, err = b.measure(ctx, append([]bench.Command{ours, thorough}, peers...)); err != nil {
		return err
	}
	if err := b.beside(ctx, r, ours, peers); err != nil {
		return err
	}
	n := runtime.GOMAXPROCS(0)
	scaling := []bench.Command{
		b.our("1 worker, 1 thread", b.recording, "--threads", "1", "--workers", "1"),
		b.our("1 worker, all cores", b.recording, "--workers", "1"),
	}
	if n > 1 {
		scaling = append(scaling, b.our("all cores, 1 worker each", b.recording, "--workers", itoa(n), "--threads", "1"))
	}
	scaling = append(scaling, b.ourWithSpeakers("1 worker, all cores, speakers"))
	if r.Scaling, err = b.measure(ctx, scaling); err != nil {
		return err
	}
	if b.long {
		if r.Long, err = b.growth(ctx); err != nil {
			return err
		}
		if r.Workers, err = b.workers(ctx); err != nil {
			return err
		}
	} else {
		r.Skipped = append(r.Skipped, b.app.t("bench.skipped.long"))
	}
	r.Bars = benchBars(r)
	return b.write(r)
}

// measure runs the commands in rounds and counts their errors against the reference.
func (b *benchmark) measure(ctx context.Context, commands []bench.Command) ([]benchSeries, error) {
	all, err := bench.Rounds(ctx, commands, b.rounds, func(round int, name string, run bench.Run) {
		b.app.printf("%d/%d  %-40s %7.1f s  CPU %7.1f s  %5.0f MB", round, b.rounds, name, run.Wall, run.CPU, float64(run.Peak)/1e6)
	})
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "bench: measure", err)
	}
	out := make([]benchSeries, len(all))
	for i, s := range all {
		out[i] = benchSeries{Series: s, Seconds: b.seconds}
		if b.reference != "" && len(s.Runs) > 0 && s.Runs[0].Words != "" {
			e := eval.WER(b.reference, s.Runs[0].Words)
			out[i].Errors = &e
		}
	}
	return out, nil
}

// beside measures ours and the best known peers with and without a load that wants every core.
func (b *benchmark) beside(ctx context.Context, r *benchReport, ours bench.Command, peers []bench.Command) error {
	commands := []bench.Command{ours}
	for _, p := range peers {
		if slices.Contains(loadPeers, p.Name) {
			commands = append(commands, p)
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return referent.E(referent.CodeInternal, "bench: find program", err)
	}
	stop, err := bench.Load(ctx, runtime.GOMAXPROCS(0), bench.Command{Name: "busy", Args: []string{executable, "bench", "busy"}})
	if err != nil {
		return referent.E(referent.CodeInternal, "bench: start load", err)
	}
	defer stop()
	r.Loaded, err = b.measure(ctx, commands)
	return err
}

// growth compares ten minutes with three hours: time for each second of audio, and memory.
func (b *benchmark) growth(ctx context.Context) ([]benchSeries, error) {
	var out []benchSeries
	for _, length := range []struct {
		name    string
		seconds float64
	}{{"10 minutes", 600}, {"3 hours", 3 * 3600}} {
		file := filepath.Join(b.out, strings.ReplaceAll(length.name, " ", "-")+".wav")
		if err := ffmpeg(ctx, "-stream_loop", "-1", "-i", b.recording, "-t", itoa(int(length.seconds)), "-c", "copy", file); err != nil {
			return nil, err
		}
		c := b.our(length.name, file, "--mode", "rask")
		s, err := bench.Rounds(ctx, []bench.Command{c}, 1, nil)
		if err := errors.Join(err, os.Remove(file)); err != nil {
			return nil, referent.E(referent.CodeInternal, "bench: measure long recording", err)
		}
		run := s[0].Runs[0]
		b.app.printf("%-45s %7.1f s  CPU %7.1f s  %5.0f MB", length.name, run.Wall, run.CPU, float64(run.Peak)/1e6)
		out = append(out, benchSeries{Series: s[0], Seconds: length.seconds})
	}
	return out, nil
}

// join makes one recording of all files, and one reference of the texts beside them.
func (b *benchmark) join(ctx context.Context, files []string) error {
	list, err := os.Create(filepath.Join(b.out, "parts.txt"))
	if err != nil {
		return referent.E(referent.CodeDiskFull, "bench: write list of recordings", err)
	}
	defer list.Close()
	var texts []string
	for i, file := range files {
		// Each is decoded by itself: files that are merely put together lose what their headers differ in.
		part := filepath.Join(b.out, "part-"+itoa(i)+".wav")
		if err := ffmpeg(ctx, "-i", file, "-ac", "1", "-ar", itoa(referent.SampleRate), "-c:a", "pcm_s16le", part); err != nil {
			return err
		}
		defer os.Remove(part)
		if _, err := list.WriteString("file '" + filepath.Base(part) + "'\n"); err != nil {
			return referent.E(referent.CodeDiskFull, "bench: write list of recordings", err)
		}
		text, err := os.ReadFile(strings.TrimSuffix(file, filepath.Ext(file)) + ".txt")
		if err == nil {
			texts = append(texts, string(text))
		}
	}
	if len(texts) == len(files) { // a reference with holes would count what is right as wrong
		b.reference = strings.Join(texts, "\n")
	}
	b.recording = filepath.Join(b.out, "recording.wav")
	if err := ffmpeg(ctx, "-f", "concat", "-safe", "0", "-i", list.Name(), "-c", "copy", b.recording); err != nil {
		return err
	}
	info, err := os.Stat(b.recording)
	if err != nil {
		return referent.E(referent.CodeInternal, "bench: join recordings", err)
	}
	b.seconds = float64(info.Size()) / 2 / referent.SampleRate
	return nil
}

func ffmpeg(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		return referent.E(referent.CodeAudioUnreadable, "bench: convert recording", err).WithHint("%.200s", out)
	}
	return nil
}

// write leaves bench.json in the folder, the page where it was asked for, and says which bars were missed.
func (b *benchmark) write(r *benchReport) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return referent.E(referent.CodeInternal, "bench: write report", err)
	}
	if err := os.WriteFile(filepath.Join(b.out, "bench.json"), append(data, '\n'), 0o644); err != nil {
		return referent.E(referent.CodeDiskFull, "bench: write report", err)
	}
	page := benchPage(r)
	if b.page != "" {
		if err := os.WriteFile(b.page, []byte(page), 0o644); err != nil {
			return referent.E(referent.CodeDiskFull, "bench: write page", err)
		}
	}
	b.app.printf("%s", page)
	for _, bar := range r.Bars {
		if !bar.Met {
			return &reported{errFailedCheck}
		}
	}
	return nil
}
