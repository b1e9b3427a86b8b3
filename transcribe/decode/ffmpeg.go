package decode

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
)

// containers are the formats that ffmpeg may open: those that hold sound and name no further file or
// address. Playlists (hls, dash, concat), descriptions of streams (sdp, rtsp), scripts and image
// sequences are left out on purpose. A new name belongs here only when that is known of it.
var containers = strings.Join([]string{
	"aac", "ac3", "adx", "aiff", "amr", "amrnb", "amrwb", "ape", "asf", "au", "avi", "caf", "dsf",
	"dss", "dts", "eac3", "flac", "flv", "g722", "gsm", "loas", "matroska", "webm", "mov", "mp4", "m4a",
	"3gp", "3g2", "mj2", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "mxf", "ogg", "rm", "sbc", "tak",
	"tta", "voc", "w64", "wav", "wv", "xwma",
}, ",")

// viaFFmpeg decodes by an ffmpeg process of its own. truncated says that some of it was missing.
func viaFFmpeg(ctx context.Context, in *source, out *meter, opt Options) (truncated bool, err error) {
	diag := &diagnosis{}
	output := []string{"-ar", fmt.Sprint(referent.SampleRate), "-threads", "1", "-f", "s16le"}
	// Asked for three channels or more, ffmpeg would mix what it has to the loudspeakers it thinks are meant.
	// As they are they come unasked.
	if opt.Channels <= 2 {
		output = append(output, "-ac", fmt.Sprint(opt.Channels))
	}
	from := limits(in.size, opt)
	exit, err := runFFmpeg(ctx, in, opt, diag, output, func(stdout io.Reader, cell *confine.Cell) error {
		return pump(stdout, out, func() {
			spend(cell, from, out.samples)
			in.last.Store(time.Now().UnixNano())
			opt.Progress(diag.progress(out.samples, in))
		})
	})
	if err != nil {
		return false, err
	}
	return diag.verdict(exit, out.samples)
}

// runFFmpeg has ffmpeg read the recording's first track with sound and hand what output asks for to take,
// which reads to the end. exit is how ffmpeg ended, err what came between.
func runFFmpeg(ctx context.Context, in *source, opt Options, diag *diagnosis, output []string, take func(io.Reader, *confine.Cell) error) (exit, err error) {
	const op = "decode: run ffmpeg"
	program := opt.FFmpeg
	if program == "" {
		program = "ffmpeg"
	}
	program, err = exec.LookPath(program)
	if err != nil {
		return nil, referent.E(referent.CodeFFmpegMissing, op, err).
			WithHint("install ffmpeg (Debian, Ubuntu: apt-get install ffmpeg) or set its path in the configuration")
	}
	cell, err := confine.New(opt.Confine, program, true)
	if err != nil {
		return nil, err
	}
	defer cell.Close()
	path := "/" + rand.Text()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// ffmpeg's output must be read to its end before Wait, which would close it; so the pipe is ours.
	stdout, w, err := os.Pipe()
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, err)
	}
	defer stdout.Close()
	cmd, l, err := cell.Start(func(addr string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, program, slices.Concat([]string{
			"-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-threads", "1",
			"-protocol_whitelist", "http,tcp", "-format_whitelist", containers,
			"-vn", "-sn", "-dn", "-i", "http://" + addr + path,
			"-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1",
		}, output, []string{"pipe:1"})...)
		cmd.Env = environment()
		cmd.WaitDelay = 5 * time.Second
		diag.forget()
		cmd.Stdout, cmd.Stderr = w, diag
		return cmd
	}, limits(in.size, opt))
	w.Close()
	if err != nil {
		return nil, err
	}
	srv := serve(in, l, path, cell.Shared())
	defer srv.close()

	var stalled func()
	watchdog := time.AfterFunc(math.MaxInt64, func() { stalled() }) // begins below
	stalled = func() {
		idle := time.Since(time.Unix(0, in.last.Load()))
		if idle >= opt.Stall {
			cancel(referent.E(referent.CodeTimeout, op, fmt.Errorf("ffmpeg stood still for %v", opt.Stall)))
			return
		}
		watchdog.Reset(opt.Stall - idle)
	}
	in.last.Store(time.Now().UnixNano())
	watchdog.Reset(opt.Stall)
	defer watchdog.Stop()

	terr := take(stdout, cell)
	if terr != nil {
		cancel(terr)
	}
	exit = cmd.Wait()
	if terr != nil {
		return nil, terr
	}
	// Before the clock on the wall, which may have come to its end at the same time.
	if cell.Overspent(cmd.ProcessState) {
		return nil, costly("more processor time")
	}
	if ctx.Err() != nil {
		return nil, ended(ctx, op)
	}
	return exit, machineFault(cell, cmd, diag)
}

// machineFault is the error of an ffmpeg that ended for a reason that the recording did not give it. Each is tried again
// a few times: what seems the machine's fault can be the recording's all the same.
func machineFault(cell *confine.Cell, cmd *exec.Cmd, diag *diagnosis) error {
	const op = "decode: run ffmpeg"
	found := diag.found()
	switch {
	case confine.Killed(cmd.ProcessState) || found.interrupted:
		return referent.E(referent.CodeWorkerLost, op, fmt.Errorf("ended by others: %v", cmd.ProcessState)).
			WithHint("somebody ended ffmpeg; the kernel does when memory runs out")
	case found.noLibrary, !found.begun && slices.Contains([]int{126, 127}, cmd.ProcessState.ExitCode()):
		return referent.E(referent.CodeFFmpegMissing, op, fmt.Errorf("it did not come to run: %v", cmd.ProcessState)).
			WithHint("ffmpeg is there, but a library that it needs is not, or cannot be read by the service")
	case cmd.ProcessState.Success():
	case found.noThread, found.starved && !cell.Starved(cmd.ProcessState):
		return referent.E(referent.CodeWorkerLost, op, errors.New("the machine has no more memory or threads")).
			WithHint("give the service more memory, or let it have more threads")
	}
	return nil
}

// limits are what decoding may take: ffmpeg makes hundreds of seconds of sound a second, and reads hundreds of megabytes.
// What it takes beside that is given as the sound comes (see spend).
func limits(size int64, opt Options) confine.Limits {
	start := cmp.Or(opt.CPU, time.Minute) + time.Duration(size/slowestRead)*time.Second
	longest := time.Duration(cmp.Or(opt.MaxDuration, unlimited) * float64(time.Second))
	memory := max(1<<30, uint64(longest.Hours()*(64<<20))) // an index grows with what it tells of
	return confine.Limits{Memory: memory, CPU: start, MostCPU: start + longest/soundPerCPU}
}

const (
	slowestRead = 10 << 20   // bytes a second of processor time
	soundPerCPU = 2          // seconds of sound a second of processor time
	unlimited   = 24 * 3600. // seconds of sound that the processor time suffices for where no limit is set
)

// spend lets ffmpeg go on for the sound that it has made.
func spend(cell *confine.Cell, from confine.Limits, samples int64) {
	cell.Extend(from.CPU + time.Duration(samples/referent.SampleRate)*time.Second/soundPerCPU)
}

// costly is the error of a recording that takes what no recording needs.
func costly(what string) error {
	return referent.E(referent.CodeAudioCostly, "decode: read recording", fmt.Errorf("decoding takes %s than any recording needs", what))
}

// environment is what ffmpeg needs of ours: where its libraries lie. No proxy may come between.
func environment() []string {
	// Libraries that are linked in would start a thread for each core, and need none.
	env := []string{"LC_ALL=C", "no_proxy=*", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// pump moves samples from ffmpeg to out until the end, in whole frames.
func pump(r io.Reader, out *meter, moved func()) error {
	frame := 2 * max(out.channels, 1)
	raw := make([]byte, 16<<10*frame)
	block := make([]int16, len(raw)/2)
	kept := 0 // bytes of a frame that is not whole yet
	for {
		n, err := r.Read(raw[kept:])
		n += kept
		whole := n - n%frame
		for i := range whole / 2 {
			block[i] = int16(uint16(raw[2*i]) | uint16(raw[2*i+1])<<8)
		}
		if whole > 0 {
			if err := out.write(block[:whole/2]); err != nil {
				return err
			}
			moved()
		}
		kept = copy(raw, raw[whole:n])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return referent.E(referent.CodeInternal, "decode: read from ffmpeg", err)
		}
	}
}
