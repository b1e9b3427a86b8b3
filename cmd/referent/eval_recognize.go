package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/transcribe/decode"
)

// task is one recording that is to be heard.
type task struct {
	path   string // of the file
	spoken string // Whisper's code
}

// heard is what became of a recording. Without a transcript, code says why.
type heard struct {
	transcript *referent.Transcript
	seconds    float64 // how long the recording is
	code       referent.Code
}

// recognize hears all tasks as `process` does, on a system of its own. All are sent before the first is
// waited for, so that the workers never idle. A recording that fails has a code and no transcript; the
// error is for what concerns them all.
func (a *app) recognize(ctx context.Context, p *processing, mode referent.Mode, tasks []task) ([]heard, error) {
	results := make([]heard, len(tasks))
	err := a.withSystem(ctx, p.cfg, true, func(ctx context.Context, api *client.Client) error {
		sent := make([]*referent.Meeting, len(tasks))
		for i, t := range tasks {
			m := &referent.Meeting{Title: baseName(t.path), Kind: referent.KindReferat,
				Options: referent.Options{Mode: mode, Spoken: t.spoken, Writer: "builtin"}}
			made, err := p.send(ctx, api, m, t.path)
			if err != nil {
				if ctx.Err() != nil {
					return err
				}
				results[i].code = referent.CodeOf(err)
				continue
			}
			sent[i] = made
		}
		bar := a.newProgress(a.t("eval.all.progress"))
		defer func() { bar.done(ctx.Err() == nil) }()
		for i, m := range sent {
			if m == nil {
				continue
			}
			m, err := follow(ctx, api, m.ID, func(m *referent.Meeting) {
				bar.set((float64(i)+m.Progress)/float64(len(sent)), string(m.State))
			})
			if err != nil {
				return err
			}
			if results[i], err = result(ctx, api, m); err != nil {
				return err
			}
		}
		return nil
	})
	return results, err
}

// result fetches the transcript of a meeting that is done. A recording without speech has one as well,
// with nothing in it.
func result(ctx context.Context, api *client.Client, m *referent.Meeting) (h heard, err error) {
	if m.Recording != nil {
		h.seconds = m.Recording.Duration
	}
	if m.Failure != nil {
		h.code = m.Failure.Code
	}
	var text strings.Builder
	err = api.Result(ctx, m.ID, "transcript.json", &text)
	switch {
	case referent.CodeOf(err) == referent.CodeNotFound:
		if h.code == "" {
			h.code = referent.CodeOf(meetingError(m))
		}
		return h, nil
	case err != nil:
		return h, err
	}
	h.transcript = &referent.Transcript{}
	if err := json.Unmarshal([]byte(text.String()), h.transcript); err != nil {
		return h, referent.E(referent.CodeInternal, "eval: read transcript", err)
	}
	h.code = ""
	return h, nil
}

// samples decodes a recording to 16 kHz, one channel.
func samples(ctx context.Context, ffmpeg, path string) ([]int16, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, referent.E(referent.CodeNotFound, "eval: open recording", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, referent.E(referent.CodeNotFound, "eval: open recording", err)
	}
	var all []int16
	_, err = decode.Decode(ctx, f, info.Size(), decode.Options{FFmpeg: ffmpeg}, func(block []int16) error {
		all = append(all, block...)
		return nil
	})
	return all, err
}

// writeWAV writes samples at 16 kHz, one channel, 16 bits.
func writeWAV(path string, all []int16) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return referent.E(referent.CodeConfig, "eval: make folder for sound", err)
	}
	return writeFile(path, func(w io.Writer) error { return encodeWAV(w, all) })
}
