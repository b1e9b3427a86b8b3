package decode

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/confine"
)

// Channels says how many channels the recording has: those of its first track with sound. 0: that cannot
// be told, and Decode says why. Errors carry the codes CodeFFmpegMissing, CodeTimeout or CodeCancelled;
// src's own errors come back as they are.
func Channels(ctx context.Context, src io.ReaderAt, size int64, opt Options) (int, error) {
	const op = "decode: count channels"
	if size <= 0 {
		return 0, nil
	}
	opt = opt.withDefaults()
	late := referent.E(referent.CodeTimeout, op, fmt.Errorf("not done in %v", opt.Timeout))
	ctx, cancel := context.WithTimeoutCause(ctx, opt.Timeout, late)
	defer cancel()
	in := &source{r: src, size: size}
	head := make([]byte, min(size, 64))
	if err := in.full(head, 0); err != nil {
		return 0, err
	}
	n := 0
	w, err := openWAV(in, head)
	switch {
	case err != nil: // broken, as Decode will find too
		err = nil
	case w != nil:
		n = w.channels
	default:
		n, err = channelsByFFmpeg(ctx, in, opt)
	}
	switch {
	case in.failure() != nil:
		return 0, in.failure()
	case ctx.Err() != nil:
		return 0, ended(ctx, op)
	}
	return n, err
}

// channelsByFFmpeg decodes a first frame to a file in Sun's format: its header, of fixed length, says how
// many channels ffmpeg made of the recording, which what a container claims does not.
func channelsByFFmpeg(ctx context.Context, in *source, opt Options) (int, error) {
	const length, at = 24, 20 // of the header, and where the channels stand in it
	n := 0
	_, err := runFFmpeg(ctx, in, opt, &diagnosis{}, []string{
		"-frames:a", "1", "-c:a", "pcm_s16be", "-threads", "1", "-f", "au",
	}, func(stdout io.Reader, _ *confine.Cell) error {
		header := make([]byte, length)
		if _, err := io.ReadFull(stdout, header); err == nil && string(header[:4]) == ".snd" {
			n = int(binary.BigEndian.Uint32(header[at:]))
		} else if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return referent.E(referent.CodeInternal, "decode: read from ffmpeg", err)
		}
		// It ends by itself, after a frame.
		if _, err := io.Copy(io.Discard, stdout); err != nil {
			return referent.E(referent.CodeInternal, "decode: read from ffmpeg", err)
		}
		return nil
	})
	return n, err
}
