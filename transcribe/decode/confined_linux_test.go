package decode_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
	"github.com/referent/referent/transcribe/decode"
)

// What ffmpeg makes of a recording does not depend on how it is confined: every sample, warning and fault is the same.
func TestConfinedIsTheSame(t *testing.T) {
	modes := []confine.Mode{confine.Auto}
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	has := confine.Probe(path)
	t.Logf("has %s, lacks %v: %s", has, has.Missing(), has.Reason)
	if len(has.Missing()) == 0 {
		modes = append(modes, confine.Require)
	}
	m4a := ffmpeg(t, "x.m4a", "-c:a", "aac")
	flac := ffmpeg(t, "x.flac")
	flipped := bytes.Clone(flac)
	for i := len(flipped) / 3; i < len(flipped); i += 5000 {
		flipped[i] ^= 0x55
	}
	for name, file := range map[string][]byte{
		"m4a":           m4a,
		"m4a, cut":      m4a[:len(m4a)/2],
		"mp3":           ffmpeg(t, "x.mp3"),
		"opus":          ffmpeg(t, "x.opus"),
		"vorbis":        ffmpeg(t, "x.ogg", "-c:a", "libvorbis"),
		"flac":          flac,
		"flac, damaged": flipped,
		"six channels":  ffmpeg(t, "x.mka", "-c:a", "flac", "-ac", "6", "-ar", "48000"),
		"adpcm":         ffmpeg(t, "x.wav", "-c:a", "adpcm_ms"),
		"wma":           ffmpeg(t, "x.wma"),
		"mpegts":        ffmpeg(t, "x.ts", "-c:a", "aac"),
		"noise":         bytes.Repeat([]byte("\x00\x13\xff\x7eReferent"), 4096),
		"playlist":      []byte("#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n"),
	} {
		t.Run(name, func(t *testing.T) {
			plain := outcomes(t, file, confine.Off)
			for _, mode := range modes {
				if got := outcomes(t, file, mode); !slices.Equal(got, plain) {
					t.Errorf("%s: %v\noff: %v", mode, got, plain)
				}
			}
		})
	}
}

// outcomes is what each way of decoding makes of a recording, short enough to be compared and read.
func outcomes(t *testing.T, file []byte, mode confine.Mode) []string {
	t.Helper()
	say := func(how string, samples []int16, r decode.Result, err error) string {
		sum := uint64(14695981039346656037)
		for _, s := range samples {
			sum = (sum ^ uint64(uint16(s))) * 1099511628211
		}
		return how + " " + strconv.Itoa(len(samples)) + " " + strconv.FormatUint(sum, 16) + fmt.Sprint(r.Warnings) + string(referent.CodeOf(err))
	}
	opt := decode.Options{Confine: mode}
	n, err := decode.Channels(t.Context(), bytes.NewReader(file), int64(len(file)), opt)
	all := []string{say(fmt.Sprintf("%d channels", n), nil, decode.Result{}, err)}
	samples, r, err := run(t.Context(), file, opt)
	all = append(all, say("mixed", samples, r, err))
	if n > 1 {
		apart := opt
		apart.Channels = n
		samples, r, err = run(t.Context(), file, apart)
		all = append(all, say("apart", samples, r, err))
	}
	samples, err = arrive(t.Context(), file, opt)
	return append(all, say("arriving", samples, decode.Result{}, err))
}

// A build that has its libraries beside it, as its own header says, reads those, and nothing else of that folder.
func TestLibrariesBesideIt(t *testing.T) {
	dir := t.TempDir()
	beside := filepath.Join(dir, "notes")
	for name, text := range map[string]string{
		"notes":  "of somebody",
		"own.c":  "int own(void) { return 0; }",
		"main.c": "#include <fcntl.h>\nint own(void);\nint main(void) { return own() + (open(\"" + beside + "\", O_RDONLY) >= 0); }",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"-shared", "-fPIC", "-o", "libown.so.1", "-Wl,-soname,libown.so.1", "own.c"},
		{"-o", "program", "main.c", "./libown.so.1", "-Wl,-rpath,$ORIGIN"},
	} {
		cc := exec.CommandContext(t.Context(), "cc", args...)
		cc.Dir = dir
		if out, err := cc.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	program := filepath.Join(dir, "program")
	if out, err := exec.Command(program).CombinedOutput(); err == nil || len(out) > 0 {
		t.Fatalf("unconfined it finds its library and the notes: %v: %s", err, out)
	}
	if has := confine.Probe(program); len(has.Missing()) > 0 {
		t.Errorf("has %s, lacks %v: %s", has, has.Missing(), has.Reason)
	}
}
