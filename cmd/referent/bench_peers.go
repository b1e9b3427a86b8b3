package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/referent/referent/eval/bench"
	"github.com/referent/referent/models"
	"github.com/referent/referent/transcribe/whispercpp"
)

// The peers' names, as reports show them. Greedy unless a name says otherwise.
const (
	peerCLI       = "whisper-cli, greedy"
	peerCLIBeam   = "whisper-cli, beam 5"
	peerInt8      = "faster-whisper, int8"
	peerFloat     = "faster-whisper, float32"
	peerBatched   = "faster-whisper, batched int8, 16"
	peerBatchedF  = "faster-whisper, batched float32, 8"
	peerInt8Beam  = "faster-whisper, int8, beam 5"
	peerFloatBeam = "faster-whisper, float32, beam 5"
)

// loadPeers are measured beside a competing load as well.
var loadPeers = []string{peerCLI, peerBatched}

// our is this very program: the whole job on a system of its own, storage and queue included, without
// speakers and without a language model, which peers do not do either.
func (b *benchmark) our(name, recording string, args ...string) bench.Command {
	return b.process(name, recording, append(args, "--speakers", "off"))
}

func (b *benchmark) ourWithSpeakers(name string) bench.Command {
	return b.process(name, b.recording, []string{"--speakers", "auto"})
}

func (b *benchmark) process(name, recording string, args []string) bench.Command {
	executable, err := os.Executable()
	if err != nil {
		executable = os.Args[0] // what the shell found
	}
	out := filepath.Join(b.out, "ours")
	return bench.Command{
		Name: name,
		Args: append([]string{executable, "process", recording, "--json", "--llm", "off", "--out", out}, args...),
		// The first window that is done moves the meeting past what preparing counts for.
		First: func(line string) bool {
			var e struct {
				Event    string  `json:"event"`
				Step     string  `json:"step"`
				Progress float64 `json:"progress"`
			}
			return json.Unmarshal([]byte(line), &e) == nil && e.Event == "progress" && e.Step == "prepared" && e.Progress > 0.06
		},
		Words: func([]byte) (string, error) {
			text, err := os.ReadFile(filepath.Join(out, "transcript.txt"))
			return string(text), err
		},
	}
}

// peerCommands are those that are on this machine, and a sentence about those that are not.
func (b *benchmark) peerCommands() (commands []bench.Command, skipped []string) {
	threads := itoa(runtime.GOMAXPROCS(0))
	weights, err := models.Open("").Path(models.Default)
	cli := filepath.Join(models.CacheDir(), "whisper", "current", "bin", "whisper-cli")
	if _, missing := os.Stat(cli); err == nil && missing == nil {
		for _, p := range []struct{ name, beam string }{{peerCLI, "1"}, {peerCLIBeam, "5"}} {
			commands = append(commands, bench.Command{Name: p.name,
				Args:  []string{cli, "-m", weights, "-f", b.recording, "-l", "no", "-t", threads, "-bs", p.beam, "-nt", "-np"},
				Words: func(out []byte) (string, error) { return string(out), nil },
			})
		}
	} else {
		skipped = append(skipped, "whisper-cli: "+b.app.t("bench.skipped.cli"))
	}
	if b.peers == "" {
		return commands, append(skipped, "faster-whisper: "+b.app.t("bench.skipped.peers"))
	}
	for _, p := range []struct{ name, compute, batch, beam string }{
		{peerInt8, "int8", "0", "1"}, {peerFloat, "float32", "0", "1"},
		{peerBatched, "int8", "16", "1"}, {peerBatchedF, "float32", "8", "1"},
		{peerInt8Beam, "int8", "0", "5"}, {peerFloatBeam, "float32", "0", "5"},
	} {
		commands = append(commands, bench.Command{Name: p.name,
			Args: []string{filepath.Join(b.peers, "venv", "bin", "python"), filepath.Join(b.peers, "faster_whisper_run.py"),
				filepath.Join(b.peers, "base-ct2"), b.recording, "no", p.compute, p.batch, p.beam, threads},
			Env:    []string{"HF_HUB_OFFLINE=1", "OMP_NUM_THREADS=" + threads},
			First:  func(line string) bool { return line != "" && !strings.HasPrefix(line, "loaded ") },
			Loaded: loadedLine,
			Words: func(out []byte) (string, error) {
				_, text, _ := strings.Cut(string(out), "\n")
				return text, nil
			},
		})
	}
	return commands, skipped
}

func loadedLine(line string) (float64, bool) {
	rest, ok := strings.CutPrefix(line, "loaded ")
	if !ok {
		return 0, false
	}
	s, err := strconv.ParseFloat(rest, 64)
	return s, err == nil
}

// engines names the versions of what was compared.
func (b *benchmark) engines(ctx context.Context) map[string]any {
	e := map[string]any{"referent": version, "whisper.cpp": whispercpp.Engine() + ", " + whispercpp.BuildStamp(), "go": runtime.Version()}
	if status, err := models.Open("").Status(models.Default); err == nil {
		e["weights"] = models.Default + " " + status.SHA256
	}
	if entry, err := models.Lookup("openvino"); err == nil {
		if _, err := models.Open("").Path("openvino"); err == nil && len(entry.Sources) > 0 {
			e["openvino"] = entry.Sources[0].Wheels[0].Package
		}
	}
	if b.peers != "" {
		out, err := exec.CommandContext(ctx, filepath.Join(b.peers, "venv", "bin", "python"), "-c",
			"import importlib.metadata as m; print('faster-whisper', m.version('faster-whisper'), 'CTranslate2', m.version('ctranslate2'))").Output()
		if err == nil {
			e["faster-whisper"] = strings.TrimSpace(string(out))
		}
	}
	return e
}

func itoa(n int) string { return strconv.Itoa(n) }
