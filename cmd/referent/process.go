package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/models"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/subtitle"
)

// results are the files that process writes: "what" is also the name of the result in the API.
var results = []string{
	"transcript.json", "transcript.md", "transcript.html", "transcript.docx", "transcript.pdf", "transcript.vtt", "transcript.srt", "transcript.txt", "transcript.rttm",
	"minutes.json", "minutes.md", "minutes.html", "minutes.docx", "minutes.pdf", "minutes.txt",
}

var processSettings = []string{"models_dir", "workers", "threads", "encoder", "ffmpeg", "confine", "model", "log.level"}

func (a *app) processCommand() *cobra.Command {
	var out, data, llm, llmModel string
	c := &cobra.Command{
		Use:   "process FILE …",
		Short: a.t("process.short"),
		Long:  a.t("process.long"),
		Args:  cobra.MinimumNArgs(1),
	}
	c.Flags().StringVar(&out, "out", ".", a.t("process.flag.out"))
	c.Flags().StringVar(&data, "data", "", a.t("process.flag.data"))
	c.Flags().StringVar(&llm, "llm", "", a.t("process.flag.llm"))
	c.Flags().StringVar(&llmModel, "llm-model", "", a.t("process.flag.llm_model"))
	meeting := a.meetingFlags(c.Flags())
	a.settingFlags(c.Flags(), processSettings...)
	c.RunE = func(c *cobra.Command, files []string) error {
		p := &processing{app: a, meeting: meeting, files: files, out: out}
		if err := p.configure(c, data, llm, llmModel); err != nil {
			return err
		}
		return p.run(c.Context(), data == "")
	}
	return c
}

// processing is one call of process: a whole system that lives as long as its files need.
type processing struct {
	app     *app
	cfg     configs.Config
	meeting *meetingFlags
	files   []string
	out     string
}

// configure reads the configuration and adapts it to a system of one's own: listeners on loopback with
// any free port, and only errors are logged unless asked for.
func (p *processing) configure(c *cobra.Command, data, llm, llmModel string) error {
	given := map[string]any{"listen": "127.0.0.1:0", "nats.listen": "127.0.0.1:0", "public_url": "", "tls_cert": "", "tls_key": "",
		"nats.tls_cert": "", "nats.tls_key": "", "log.level": "error"}
	for _, key := range processSettings {
		if f := c.Flags().Lookup(flagName(key)); f.Changed {
			given[key] = f.Value.String()
		}
	}
	if data != "" {
		given["data_dir"] = data
	} else {
		given["blobs.endpoint"] = "" // nobody could open what is left there when the keys are gone
	}
	if llm != "" {
		given["llm.url"] = llm
	}
	if llmModel != "" {
		given["llm.model"] = llmModel
	}
	eff, err := configs.Load(p.app.configFile, p.app.environ, given)
	if err != nil {
		return err
	}
	p.cfg = eff.Config
	if p.cfg.Workers == 0 {
		p.cfg.Workers = 1 // without workers nothing would ever be processed
	}
	if p.cfg.LLM.Enabled() && p.cfg.LLM.Model == "" {
		if p.cfg.LLM.Model, err = onlyModel(c.Context(), p.cfg.LLM); err != nil {
			return err
		}
	}
	return p.cfg.Validate()
}

// onlyModel asks an endpoint for the model it serves, for a person who did not name one. Where it cannot
// be asked the name stays empty, and validation says what is missing.
func onlyModel(ctx context.Context, llm configs.LLM) (string, error) {
	e := endpoint(llm)
	if err := summarize.Allowed(e); err != nil {
		return "", nil //nolint:nilerr // Validate tells of it, with the setting to change
	}
	info, err := summarize.Probe(ctx, e, llm.APIKey)
	if err != nil {
		return "", err
	}
	if len(info.Models) == 0 {
		return "", nil
	}
	return info.Models[0], nil
}

// check finds what is wrong with the files and options before anything is started.
func (p *processing) check() (meetings []*referent.Meeting, err error) {
	for _, file := range p.files {
		info, err := os.Stat(file)
		if err != nil {
			return nil, referent.E(referent.CodeNotFound, "referent: find recording", err)
		}
		if info.IsDir() {
			return nil, referent.E(referent.CodeInvalid, "referent: find recording", errors.New("a folder, not a recording"))
		}
		if err := p.recognizable(file, info.Size()); err != nil {
			return nil, err
		}
		m, err := p.meeting.meeting(file)
		if err != nil {
			return nil, err
		}
		meetings = append(meetings, m)
	}
	for _, dir := range p.folders() {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, referent.E(referent.CodeConfig, "referent: make result folder", err)
		}
	}
	return meetings, nil
}

// recognizable looks whether the weights that a recording needs are here: its own workers have nobody to fetch them from,
// and would wait for others that may have them.
func (p *processing) recognizable(file string, size int64) error {
	f, err := os.Open(file)
	if err != nil {
		return referent.E(referent.CodeInvalid, "referent: open recording", err)
	}
	defer f.Close()
	format, err := subtitle.Sniff(f, size)
	if err != nil {
		return referent.E(referent.CodeInvalid, "referent: read recording", err)
	}
	if format != subtitle.None {
		return nil // a transcript, which nobody needs to hear
	}
	weights := models.Open(p.cfg.ModelsDir)
	for _, name := range []string{transcribe.ModelVoiceActivity, p.cfg.Model} {
		if _, err := weights.Path(name); err != nil {
			return err
		}
	}
	return nil
}

// folders gives each file its result folder: --out itself for a single file, else one below it that is
// called as the file is; a number is added where two files have one name.
func (p *processing) folders() (dirs []string) {
	if len(p.files) == 1 {
		return []string{p.out}
	}
	taken := map[string]bool{}
	for _, file := range p.files {
		base := baseName(file)
		name := base
		for i := 2; taken[name]; i++ {
			name = fmt.Sprintf("%s-%d", base, i)
		}
		taken[name] = true
		dirs = append(dirs, filepath.Join(p.out, name))
	}
	return dirs
}

func (p *processing) run(ctx context.Context, temporary bool) error {
	meetings, err := p.check()
	if err != nil {
		return err
	}
	return p.app.withSystem(ctx, p.cfg, temporary, func(ctx context.Context, api *client.Client) error {
		return p.all(ctx, api, meetings)
	})
}

// withSystem runs a whole system of one's own for as long as work takes. With temporary, what it stores is
// deleted afterwards.
func (a *app) withSystem(ctx context.Context, cfg configs.Config, temporary bool, work func(context.Context, *client.Client) error) (err error) {
	if temporary {
		dir, failure := os.MkdirTemp("", "referent-")
		if failure != nil {
			return referent.E(referent.CodeDiskFull, "referent: make temporary data folder", failure)
		}
		// What lies here is encrypted, and its key goes with it.
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		cfg.DataDir, cfg.Database = dir, configs.Database{}
	}
	sys, err := openSystem(ctx, cfg, a.logger(cfg.Log))
	if err != nil {
		return err
	}
	defer sys.close()

	group, groupCtx := errgroup.WithContext(ctx)
	serving, stop := context.WithCancel(groupCtx)
	group.Go(func() error { return sys.run(serving) })
	var failed error
	group.Go(func() error {
		defer stop()
		failed = work(serving, client.New(sys.url, sys.token))
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return failed
}

// all sends every file before it waits for the first, so that the workers never idle, and goes on past
// a file that fails.
func (p *processing) all(ctx context.Context, api *client.Client, meetings []*referent.Meeting) error {
	var errs []error
	dirs := p.folders()
	sent := make([]*referent.Meeting, len(meetings))
	for i, m := range meetings {
		made, err := p.send(ctx, api, m, p.files[i])
		if err != nil {
			errs = append(errs, p.failed(p.files[i], err))
			continue
		}
		sent[i] = made
	}
	for i, m := range sent {
		if m == nil {
			continue
		}
		if err := p.finish(ctx, api, m, p.files[i], dirs[i]); err != nil {
			errs = append(errs, p.failed(p.files[i], err))
		}
	}
	if len(errs) > 0 {
		return &reported{errs[0]}
	}
	return nil
}

func (p *processing) send(ctx context.Context, api *client.Client, m *referent.Meeting, file string) (*referent.Meeting, error) {
	made, err := api.Create(ctx, m)
	if err != nil {
		return nil, err
	}
	return made, api.UploadFile(ctx, made.ID, file, nil)
}

// finish waits for one meeting and writes its results. A meeting that failed at the minutes still has
// a transcript, which is written.
func (p *processing) finish(ctx context.Context, api *client.Client, m *referent.Meeting, file, dir string) error {
	bar := p.app.newProgress(baseName(file))
	m, err := follow(ctx, api, m.ID, func(m *referent.Meeting) { bar.set(m.Progress, string(m.State)) })
	bar.done(err == nil && m.State == referent.StateDraft)
	if err != nil {
		return err
	}
	written := 0
	for _, name := range results {
		err := writeFile(filepath.Join(dir, name), func(w io.Writer) error { return api.Result(ctx, m.ID, name, w) })
		if referent.CodeOf(err) == referent.CodeNotFound && m.State != referent.StateDraft {
			continue
		}
		if err != nil {
			return err
		}
		written++
	}
	if m.State != referent.StateDraft {
		return meetingError(m)
	}
	return p.app.say(map[string]any{"event": "done", "file": file, "meeting": m.ID, "out": dir, "files": written},
		"process.written", "file", file, "count", written, "dir", dir)
}

// failed tells of one file's failure at once; the others go on.
func (p *processing) failed(file string, err error) error {
	message := locale.Error(p.app.lang, err)
	if p.app.json {
		_ = p.app.say(map[string]any{"event": "failed", "file": file, "code": referent.CodeOf(err), "message": message, "hint": referent.HintOf(err)}, "")
	} else {
		fmt.Fprintln(p.app.err, p.app.t("error", "message", p.app.t("process.failed", "file", file, "message", message)))
		if hint := referent.HintOf(err); hint != "" {
			fmt.Fprintln(p.app.err, "  "+p.app.t("detail", "detail", hint))
		}
	}
	return err
}

// meetingError is the failure of a meeting that ended without minutes.
func meetingError(m *referent.Meeting) error {
	const op = "referent: process recording"
	if m.State == referent.StateCancelled {
		return referent.E(referent.CodeCancelled, op, nil)
	}
	if m.Failure != nil {
		return referent.E(m.Failure.Code, op, nil)
	}
	return referent.E(referent.CodeInternal, op, fmt.Errorf("ended in state %s", m.State))
}
