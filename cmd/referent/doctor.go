package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/models"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/whispercpp"
)

// verdict is how a check came out.
type verdict string

const (
	good    verdict = "ok"
	warning verdict = "warning" // works, but worse than it could
	bad     verdict = "bad"     // the main job will not run
)

// finding is one line of the doctor's answer.
type finding struct {
	Check   string  `json:"check"` // stable name
	Verdict verdict `json:"verdict"`
	Detail  string  `json:"detail"`           // what was found
	Advice  string  `json:"advice,omitempty"` // what to do, as a sentence
}

func (a *app) doctorCommand() *cobra.Command {
	c := &cobra.Command{Use: "doctor", Short: a.t("doctor.short"), Long: a.t("doctor.long"), Args: cobra.NoArgs}
	keys := []string{"data_dir", "models_dir", "ffmpeg", "model", "llm.url", "llm.model"}
	a.settingFlags(c.Flags(), keys...)
	stored := c.Flags().Bool("stored", false, a.t("doctor.flag.stored"))
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(c.Flags(), keys...)
		if err != nil {
			return err
		}
		d := &doctor{app: a, cfg: cfg.Config}
		d.examine(c.Context())
		if *stored {
			d.stored(c.Context())
		}
		return d.tell()
	}
	return c
}

type doctor struct {
	app      *app
	cfg      configs.Config
	findings []finding
}

func (d *doctor) add(check string, v verdict, detail, advice string, args ...any) {
	if advice != "" {
		advice = d.app.t("doctor."+advice, args...)
	}
	d.findings = append(d.findings, finding{check, v, detail, advice})
}

func (d *doctor) examine(ctx context.Context) {
	d.processor()
	d.threads()
	d.memory()
	d.devices()
	d.ffmpeg(ctx)
	d.confinement()
	d.weights(ctx)
	d.disk()
	d.certificates(time.Now())
	d.database(ctx)
	d.blobs(ctx)
	d.server(ctx)
	d.llm(ctx)
}

func (d *doctor) processor() {
	var lacks []string
	for _, f := range []struct {
		name    string
		present bool
	}{{"AVX2", cpu.X86.HasAVX2}, {"FMA", cpu.X86.HasFMA}, {"BMI2", cpu.X86.HasBMI2}} {
		if !f.present {
			lacks = append(lacks, f.name)
		}
	}
	switch {
	case runtime.GOARCH != "amd64":
		d.add("cpu", good, runtime.GOARCH, "")
	case len(lacks) > 0:
		d.add("cpu", warning, "- "+strings.Join(lacks, " "), "cpu_old")
	default:
		detail := "AVX2 FMA BMI2"
		if cpu.X86.HasAVX512F {
			detail += " AVX-512"
		}
		d.add("cpu", good, detail, "")
	}
}

func (d *doctor) threads() {
	allowed, cores := runtime.GOMAXPROCS(0), runtime.NumCPU()
	detail := fmt.Sprintf("%d/%d", d.cfg.ThreadsPerWorker(), cores)
	if allowed < cores {
		d.add("threads", good, detail, "threads_limited", "allowed", allowed, "cores", cores)
		return
	}
	d.add("threads", good, detail, "")
}

// memory holds the container's limit against what recognition needs: the weights, about half as much
// again for each worker's states and buffers, and room for the server.
func (d *doctor) memory() {
	limit := memoryLimit("/sys/fs/cgroup/memory.max")
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err == nil {
		limit = min(limit, int64(info.Totalram)*int64(info.Unit))
	}
	entry, err := models.Lookup(d.cfg.Model)
	if err != nil {
		return // the weights' own check tells of an unknown name
	}
	need := 500<<20 + int64(max(d.cfg.Workers, 1))*(entry.Size*3/2+300<<20)
	detail := fmt.Sprintf("%.1f GB", float64(limit)/1e9)
	if limit < need {
		d.add("memory", warning, detail, "memory_low", "need", fmt.Sprintf("%.1f", float64(need)/1e9))
		return
	}
	d.add("memory", good, detail, "")
}

// memoryLimit is the limit in bytes in a control group's file; without one it is as large as can be.
func memoryLimit(path string) int64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return math.MaxInt64
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	if err != nil {
		return math.MaxInt64 // "max"
	}
	return limit
}

func (d *doctor) devices() {
	var names []string
	for _, dev := range whispercpp.Devices() {
		names = append(names, strings.TrimSpace(dev.Name+" "+dev.Description))
	}
	d.add("devices", good, strings.Join(names, ", "), "")
	if whispercpp.BuildStamp() == "unstamped" {
		d.add("native_build", warning, "-", "stamp_missing")
	} else {
		d.add("native_build", good, whispercpp.BuildStamp(), "")
	}
}

func (d *doctor) ffmpeg(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, d.cfg.FFmpeg, "-hide_banner", "-version").Output()
	if err != nil {
		d.add("ffmpeg", warning, d.cfg.FFmpeg, "ffmpeg_missing")
		return
	}
	line, _, _ := strings.Cut(string(out), "\n")
	d.add("ffmpeg", good, line, "")
}

// confinement says what ffmpeg is kept from on this machine.
func (d *doctor) confinement() {
	if d.cfg.Confine == string(confine.Off) {
		d.add("confine", warning, d.cfg.Confine, "confine_off")
		return
	}
	path, err := exec.LookPath(d.cfg.FFmpeg)
	if err != nil {
		path = "" // which its own line tells
	}
	r := confine.Probe(path)
	var lacks []string
	for _, part := range r.Missing() {
		lacks = append(lacks, d.app.t("doctor.confine_"+part))
	}
	missing := strings.Join(lacks, "; ")
	switch {
	case missing == "":
		d.add("confine", good, r.String(), "")
	case d.cfg.Confine == string(confine.Require):
		d.add("confine", bad, r.String(), "confine_required", "missing", missing)
	default:
		d.add("confine", warning, r.String(), "confine_lacking", "missing", missing)
	}
}

func (d *doctor) weights(ctx context.Context) {
	dir := models.Open(d.cfg.ModelsDir)
	switch _, err := dir.Path(transcribe.ModelEncoderRuntime); {
	case device() != whispercpp.Processor:
		d.add("encoder", good, "ggml, "+device(), "")
	case d.cfg.Encoder == transcribe.EncoderGGML:
		d.add("encoder", good, transcribe.EncoderGGML, "")
	case err == nil:
		d.add("encoder", good, transcribe.EncoderOpenVINO, "")
	case d.cfg.Encoder == transcribe.EncoderOpenVINO:
		d.add("encoder", bad, locale.Error(d.app.lang, err), "weights_missing", "name", transcribe.ModelEncoderRuntime)
	default:
		d.add("encoder", warning, transcribe.EncoderGGML, "encoder_slow", "name", transcribe.ModelEncoderRuntime)
	}
	for _, name := range neededModels(d.cfg) {
		switch err := dir.Verify(ctx, name); {
		case err == nil:
			d.add("weights:"+name, good, dir.Dir(), "")
		default:
			d.add("weights:"+name, bad, locale.Error(d.app.lang, err), "weights_missing", "name", name)
		}
	}
}

// minimumFree is the disk space in bytes below which a long meeting may not fit: ten hours of decoded
// audio and a large recording.
const minimumFree = 4 << 30

func (d *doctor) disk() {
	space, err := spaceOf(existing(d.cfg.DataDir))
	if err != nil {
		d.add("disk", bad, err.Error(), "disk_unreadable")
		return
	}
	detail := fmt.Sprintf("%.1f GB", float64(space.Free)/1e9)
	if space.Free < minimumFree {
		d.add("disk", warning, detail, "disk_low")
		return
	}
	d.add("disk", good, detail, "")
}

// existing returns the nearest folder above path that exists.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

func (d *doctor) database(ctx context.Context) {
	dir := dataDir(d.cfg.DataDir)
	where, advice := dir.database(), "database_bad"
	if d.cfg.Database.Enabled() {
		where, advice = "PostgreSQL", "database_down"
	} else if _, err := os.Stat(where); errors.Is(err, os.ErrNotExist) {
		d.add("database", good, "-", "database_new")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	db, err := openStore(ctx, d.cfg, dir)
	if err != nil {
		d.add("database", bad, err.Error(), advice)
		return
	}
	defer db.Close()
	if err := db.Ping(ctx); err != nil {
		d.add("database", bad, err.Error(), advice)
		return
	}
	d.add("database", good, where, "")
}

// blobs checks the object store, where there is one.
func (d *doctor) blobs(ctx context.Context) {
	if !d.cfg.Blobs.Enabled() {
		d.add("blobs", good, "-", "blobs_folder")
		return
	}
	c, err := objectStore(d.cfg.Blobs)
	if err == nil {
		err = s3.Probe(ctx, c)
	}
	if err != nil {
		detail := locale.Error(d.app.lang, err)
		if hint := referent.HintOf(err); hint != "" {
			detail += " (" + hint + ")"
		}
		d.add("blobs", bad, detail, "blobs_down")
		return
	}
	detail := d.cfg.Blobs.Endpoint + " " + d.cfg.Blobs.Bucket
	if dir := dataDir(d.cfg.DataDir).blobs(); keeps(dir) {
		d.add("blobs", warning, detail, "blobs_both", "folder", dir)
		return
	}
	d.add("blobs", good, detail, "")
}

func (d *doctor) llm(ctx context.Context) {
	e := endpoint(d.cfg.LLM)
	if e == nil {
		d.add("llm", good, "-", "llm_none")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	info, err := summarize.Probe(ctx, e, d.cfg.LLM.APIKey)
	if err != nil {
		d.add("llm", bad, locale.Error(d.app.lang, err), "llm_down")
		return
	}
	d.add("llm", good, fmt.Sprintf("%s, %d", strings.Join(info.Models, ", "), info.ContextSize), "")
}

// tell prints the findings; the exit code says whether the main job can run.
func (d *doctor) tell() error {
	failed := false
	for _, f := range d.findings {
		failed = failed || f.Verdict == bad
		if d.app.json {
			if err := json.NewEncoder(d.app.out).Encode(f); err != nil {
				return err
			}
			continue
		}
		d.app.printf("%-8s %-22s %s", d.app.t("doctor."+string(f.Verdict)), f.Check, f.Detail)
		if f.Advice != "" {
			d.app.printf("%-8s → %s", "", f.Advice)
		}
	}
	if failed {
		return &reported{errFailedCheck}
	}
	return nil
}
