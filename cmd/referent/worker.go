package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/models"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/whispercpp"
	"github.com/referent/referent/worker"
	"github.com/referent/referent/worker/protocol"
)

var workerSettings = []string{"models_dir", "threads", "encoder", "ffmpeg", "confine", "log.level", "log.format"}

// localPrefix begins the name of every worker that a server on the same machine supervises.
const localPrefix = "local/"

func (a *app) workerCommand() *cobra.Command {
	var url, creds, ca, name, dir string
	var stages []string
	c := &cobra.Command{
		Use:   "worker",
		Short: a.t("worker.short"),
		Long:  a.t("worker.long"),
		Args:  cobra.NoArgs,
	}
	c.Flags().StringVar(&url, "nats", "", a.t("worker.flag.nats"))
	c.Flags().StringVar(&creds, "creds", "", a.t("worker.flag.creds"))
	c.Flags().StringVar(&ca, "ca", "", a.t("worker.flag.ca"))
	c.Flags().StringVar(&dir, "dir", "", a.t("worker.flag.dir"))
	c.Flags().StringVar(&name, "name", "", a.t("worker.flag.name"))
	c.Flags().StringSliceVar(&stages, "stages", []string{"prepare", "transcribe", "minutes", "live"}, a.t("worker.flag.stages"))
	a.settingFlags(c.Flags(), workerSettings...)
	c.AddCommand(a.enrolCommand())
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(c.Flags(), workerSettings...)
		if err != nil {
			return err
		}
		if url == "" && creds == "" {
			e, err := a.readEnrolment(c, dir)
			if err != nil {
				return err
			}
			url, creds, ca = e.url(), e.seed, cmp.Or(ca, e.ca)
			if len(e.Stages) > 0 && !c.Flags().Changed("stages") {
				stages = e.stages()
			}
		}
		if url == "" || creds == "" {
			return &usageError{errors.New("--nats and --creds must be given together")}
		}
		take, err := parseStages(stages)
		if err != nil {
			return &usageError{err}
		}
		if os.Getenv("GOGC") == "" {
			// What is worth keeping here lies outside Go's heap, which only sees audio pass: a small heap
			// costs next to no time and leaves memory to the machine.
			debug.SetGCPercent(50)
		}
		ctx := c.Context()
		if strings.HasPrefix(name, localPrefix) {
			// The supervisor holds the other end of standard input: when it is gone, so is this worker.
			var cancel context.CancelFunc
			ctx, cancel = worker.UntilParentDies(ctx, os.Stdin)
			defer cancel()
		}
		if name == "" {
			name = "worker/" + uuid.NewString()
		}
		log := a.logger(cfg.Log).With("worker", name)
		conn, err := queue.Connect(ctx, queue.DialConfig{URL: url, Creds: creds, CAFile: ca, Name: name, Log: log})
		if err != nil {
			return err
		}
		defer conn.Close()
		w, err := newWorker(cfg.Config, conn, name, take, log)
		if err != nil {
			return err
		}
		defer w.close()
		return w.Run(ctx)
	}
	return c
}

func parseStages(names []string) (stages []referent.Stage, err error) {
	for _, n := range names {
		s := referent.Stage(strings.TrimSpace(n))
		if s == referent.StageAssemble || !slices.Contains(referent.Stages, s) {
			return nil, fmt.Errorf("stage %q: must be prepare, transcribe, minutes or live", n)
		}
		stages = append(stages, s)
	}
	return stages, nil
}

// workerParts is the loop with the parts that do its stages.
type workerParts struct {
	*worker.Worker
	close func() error
}

func newWorker(cfg configs.Config, conn *nats.Conn, name string, stages []referent.Stage, log *slog.Logger) (*workerParts, error) {
	threads := cfg.ThreadsPerWorker()
	mode := confine.Mode(cfg.Confine)
	if slices.Contains(stages, referent.StagePrepare) || slices.Contains(stages, referent.StageLive) || len(stages) == 0 {
		if err := confine.Check(mode, cfg.FFmpeg, log); err != nil {
			return nil, err
		}
	}
	weights := &fetchedModels{store: models.Open(cfg.ModelsDir), conn: conn, log: log}
	tcfg := transcribe.Config{Models: weights, Threads: threads, FFmpeg: cfg.FFmpeg, Confine: mode, GPU: device() != whispercpp.Processor, Encoder: cfg.Encoder, Log: log}
	recognizer := transcribe.NewRecognizer(tcfg)
	wcfg := worker.Config{
		Conn: conn, Name: name, Stages: stages, Threads: threads, Device: device(), Version: version, Log: log,
		Describe:   describe(weights.store, recognizer, log),
		Preparer:   transcribe.NewPreparer(tcfg).With(recognizer),
		Recognizer: recognizer,
		Listener:   transcribe.NewLive(tcfg, recognizer),
		Minutes:    summarize.New(summarize.Config{APIKey: cfg.LLM.APIKey, Retries: llmRetries(cfg.LLM.Retries), Log: log}),
	}
	scaleDown(&wcfg, tcfg)
	w, err := worker.New(wcfg)
	if err != nil {
		return nil, err
	}
	weights.moved = w.Moved
	return &workerParts{w, recognizer.Close}, nil
}

// runWorkers keeps the local worker processes alive until ctx is done.
func (s *system) runWorkers(ctx context.Context) error {
	if s.cfg.Workers == 0 {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return referent.E(referent.CodeInternal, "referent: find own program", err)
	}
	name := func(i int) string { return localName(s.id, i) }
	sup, err := worker.NewSupervisor(worker.SupervisorConfig{
		Count: s.cfg.Workers,
		Log:   s.log,
		Name:  name,
		Command: func(i int) *exec.Cmd {
			args := []string{"worker", "--nats", s.nats.URL(), "--creds", s.dir.workerKey(), "--name", name(i),
				"--threads", strconv.Itoa(s.cfg.ThreadsPerWorker()), "--encoder", s.cfg.Encoder, "--ffmpeg", s.cfg.FFmpeg, "--confine", s.cfg.Confine,
				"--log-level", s.cfg.Log.Level, "--log-format", s.cfg.Log.Format}
			if s.cfg.ModelsDir != "" {
				args = append(args, "--models-dir", s.cfg.ModelsDir)
			}
			if ca := s.ownQueueCA(); ca != "" {
				args = append(args, "--ca", ca)
			}
			cmd := exec.Command(self, args...)
			// The environment carries the LLM key; settings that only the server knows stay out of it.
			cmd.Env = append(workerEnviron(os.Environ()), "REFERENT_LLM_API_KEY="+s.cfg.LLM.APIKey,
				"REFERENT_LLM_RETRIES="+strconv.Itoa(s.cfg.LLM.Retries))
			return cmd
		},
		OnExit: func(name string) {
			if err := s.pipeline.ReleaseWorker(context.WithoutCancel(ctx), name); err != nil {
				s.log.Warn("could not release the leases of a worker that ended", "error", err)
			}
		},
	})
	if err != nil {
		return err
	}
	sup.Run(ctx)
	return nil
}

// localName has a fixed width, so that no name is the beginning of another. server is the one of several, or "".
func localName(server string, i int) string {
	if server != "" {
		server += "/"
	}
	return fmt.Sprintf("%s%s%03d", localPrefix, server, i)
}

// llmRetries translates the setting, where 0 is none, to package summarize's, where 0 is its default.
func llmRetries(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// device names what the recogniser is to compute on: it was opened.
func device() string { return whispercpp.Opens() }

// describe puts into a presence what recognition was seen to run on, and which weights there are. Before a model has heard
// anything that is the device that could be opened.
func describe(weights *models.Store, r *transcribe.Recognizer, log *slog.Logger) func(*protocol.Presence) {
	warn := sync.OnceFunc(func() {
		log.Warn("recognition runs on the processor though a graphics processor could be opened", "device", device())
	})
	return func(p *protocol.Presence) {
		model, runs := r.Loaded()
		p.Model, p.Device = model, cmp.Or(runs, device())
		p.Class = protocol.GPU
		if p.Device == whispercpp.Processor {
			p.Class = protocol.CPU
			if device() != whispercpp.Processor {
				warn()
			}
		}
		all, err := weights.List()
		if err != nil {
			return // recognition tells of it when it needs them
		}
		for _, st := range all {
			if st.Present && st.Entry.Role == models.RoleRecognition {
				p.Models = append(p.Models, st.Entry.Name)
			}
		}
	}
}

// workerEnv are the variables of ours that a worker process needs.
var workerEnv = []string{"REFERENT_CACHE", "REFERENT_LANG", "REFERENT_MODELS_FROM"}

// workerEnviron leaves out what leads to the database (PGPASSWORD and its like), and every REFERENT_ variable but those that are not settings: a worker's
// settings come as flags.
func workerEnviron(environ []string) (kept []string) {
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, configs.EnvPrefix) || slices.Contains(workerEnv, name) {
			kept = append(kept, kv)
		}
	}
	return kept
}
