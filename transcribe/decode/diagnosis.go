package decode

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync"

	"github.com/referent/referent"
)

// diagnosis reads what ffmpeg says on its error output, line by line, and remembers only findings:
// the lines themselves can hold titles and names from the recording and are never kept.
type diagnosis struct {
	mu       sync.Mutex
	line     []byte
	duration float64 // seconds as the container says; 0: it does not
	finding
}

// finding is one set of things that lines can mean.
type finding struct {
	protected  bool // encrypted samples
	noTrack    bool
	notAllowed bool // a format outside containers
	guessed    bool // the duration is ffmpeg's guess from the bit rate
	noIndex    bool // an MP4 without its index: cut off, as the index comes last
	cutOff     bool // the input ended early
	starved    bool // it got no more memory
	damaged    int  // complaints about packets

	interrupted bool // a signal ended it, and it what it wrote
	noThread    bool // it got no more threads
	begun       bool // it has opened the recording
	noLibrary   bool // it never came so far as to read
}

var durationLine = regexp.MustCompile(`^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?),`)

// maxLine bounds what is kept of a line; no line that means something is longer.
const maxLine = 2048

// Write implements io.Writer for ffmpeg's error output.
func (d *diagnosis) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			d.keep(p)
			break
		}
		d.keep(p[:end])
		d.read(d.line)
		d.line = d.line[:0]
		p = p[end+1:]
	}
	return n, nil
}

func (d *diagnosis) keep(p []byte) {
	d.line = append(d.line, p[:min(len(p), maxLine-len(d.line))]...)
}

// read takes the meaning of one line. Lines of metadata are indented, and so are the two kinds that
// matter among them; a title cannot pass for either, since ffmpeg puts "title : " before it.
func (d *diagnosis) read(line []byte) {
	has := func(s string) bool { return bytes.Contains(line, []byte(s)) }
	if m := durationLine.FindSubmatch(line); m != nil {
		h, _ := strconv.ParseFloat(string(m[1]), 64) // digits only
		min, _ := strconv.ParseFloat(string(m[2]), 64)
		s, _ := strconv.ParseFloat(string(m[3]), 64)
		d.duration = h*3600 + min*60 + s
		return
	}
	if bytes.HasPrefix(line, []byte("  Stream #")) {
		d.protected = d.protected || has(": Audio:") && (has("(enca /") || has("(drms /"))
		return
	}
	if bytes.HasPrefix(line, []byte("  ")) {
		return
	}
	switch {
	case bytes.HasPrefix(line, []byte("Input #")):
		d.begun = true
	case has("DRM protected stream"), has("Audible AAX"):
		d.protected = true
	case has("matches no streams"), has("does not contain any stream"):
		d.noTrack = true
	case has("not on whitelist"):
		d.notAllowed = true
	case has("Estimating duration from bitrate"):
		d.guessed = true
	case bytes.HasPrefix(line, []byte("Exiting normally, received signal")), bytes.HasPrefix(line, []byte("Received > ")) && has("system signals"):
		d.interrupted = true
	case has("error while loading shared libraries"):
		d.noLibrary = true
	case has("Resource temporarily unavailable"), has("pthread_create"), has("failed to create thread"):
		d.noThread = true
	case has("annot allocate memory"):
		d.starved = true
	case has("moov atom not found"):
		d.noIndex = true
	case has("partial file"), has("File ended prematurely"), has("ended prematurely"), has("Packet corrupt"), has("Truncat"):
		d.cutOff = true
	case has("Error while decoding"), has("Invalid data found when processing"), has("Error submitting"), has("error decoding"):
		d.damaged++
	}
}

// found is what the lines meant so far.
func (d *diagnosis) found() finding {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.finding
}

// forget begins anew, for another process.
func (d *diagnosis) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.line, d.duration, d.finding = nil, 0, finding{}
}

// progress is how far decoding is: by the container's own duration, else by the bytes read.
func (d *diagnosis) progress(samples int64, in *source) float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.duration > 0 {
		return min(1, float64(samples)/referent.SampleRate/d.duration)
	}
	return in.share()
}

// verdict says what became of the recording, given how ffmpeg ended and what came out.
func (d *diagnosis) verdict(exit error, samples int64) (truncated bool, err error) {
	const op = "decode: read recording"
	d.mu.Lock()
	defer d.mu.Unlock()
	fail := func(code referent.Code, format string, args ...any) (bool, error) {
		return false, referent.E(code, op, fmt.Errorf(format, args...))
	}
	seconds := float64(samples) / referent.SampleRate
	switch {
	case d.protected:
		return fail(referent.CodeAudioDRM, "the sound is encrypted")
	case d.notAllowed:
		return fail(referent.CodeAudioUnreadable, "a format that is not accepted")
	case d.noIndex && samples == 0:
		return fail(referent.CodeAudioTruncated, "the index, which is written last, is missing")
	case d.noTrack:
		return fail(referent.CodeAudioNoTrack, "no track with sound")
	}
	if d.starved && exit != nil && samples < keepAtLeast {
		return false, costly("more memory")
	}
	// Containers round, and codecs add or drop a frame or two at the ends.
	short := d.duration > 0 && !d.guessed && seconds < 0.98*d.duration-1
	broken := exit != nil || d.cutOff || short
	switch {
	case samples == 0 && (d.cutOff || short) && d.duration > 0:
		return fail(referent.CodeAudioTruncated, "nothing of it could be decoded")
	case samples == 0:
		if exit == nil {
			exit = errors.New("nothing could be decoded")
		}
		return fail(referent.CodeAudioUnreadable, "ffmpeg: %w", exit)
	case exit != nil && samples < keepAtLeast && !d.cutOff:
		return fail(referent.CodeAudioUnreadable, "ffmpeg: %w", exit)
	}
	// A damaged packet here and there is heard as a click and no reason to alarm anybody; when a good
	// part of the sound is packets that could not be read, something is missing.
	return broken || float64(d.damaged) > max(10, seconds), nil
}
