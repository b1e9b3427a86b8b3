package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/web/patience"
)

// mediaTypes are the forms of the results.
var mediaTypes = map[string]string{
	"json": "application/json",
	"md":   "text/markdown; charset=utf-8",
	"vtt":  "text/vtt; charset=utf-8",
	"srt":  "application/x-subrip; charset=utf-8",
	"txt":  "text/plain; charset=utf-8",
	"rttm": "text/plain; charset=utf-8",
	"html": "text/html; charset=utf-8",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"pdf":  "application/pdf",
}

var (
	transcriptFormats = []string{"json", "md", "html", "docx", "pdf", "vtt", "srt", "txt", "rttm"}
	minutesFormats    = []string{"json", "md", "html", "docx", "pdf"}
)

// toRead is what a form needs: JSON is what pages and programs show content from, the others are documents that
// leave the application.
func toRead(format string) access.Permission {
	if format == "json" {
		return access.ReadContent
	}
	return access.Export
}

// documentPolicy is for results that a browser shows by themselves: they may style themselves, and
// cannot do anything else.
const documentPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (s *Server) registerResults() {
	for _, format := range transcriptFormats {
		register(s, operation{method: http.MethodGet, path: "/meetings/{id}/transcript." + format, id: "get-transcript-" + format, tag: "results", needs: toRead(format),
			summary: "The transcript as " + format, responses: binaryAnswer("The transcript.", mediaTypes[format])},
			func(ctx context.Context, in *MeetingPath) (*huma.StreamResponse, error) {
				m, err := s.meeting(ctx, in.ID)
				if err != nil {
					return nil, err
				}
				t, err := s.pipe.Transcript(ctx, in.ID)
				if err != nil {
					return nil, err
				}
				return document("transcript."+format, format, func(w io.Writer) error { return s.cfg.Render.Transcript(w, t, m, format) })
			})
	}
	for _, format := range minutesFormats {
		register(s, operation{method: http.MethodGet, path: "/meetings/{id}/minutes." + format, id: "get-minutes-" + format, tag: "results", needs: toRead(format),
			summary: "The minutes as " + format, responses: binaryAnswer("The minutes.", mediaTypes[format])},
			func(ctx context.Context, in *struct {
				MeetingPath
				Version int `query:"version" minimum:"0" doc:"0 or absent: the newest."`
			}) (*huma.StreamResponse, error) {
				m, err := s.meeting(ctx, in.ID)
				if err != nil {
					return nil, err
				}
				mi, err := s.pipe.Minutes(ctx, in.ID, in.Version)
				if err != nil {
					return nil, err
				}
				t, err := optional(s.pipe.Transcript(ctx, in.ID)) // minutes outlive it
				if err != nil {
					return nil, err
				}
				return document("minutes."+format, format, func(w io.Writer) error { return s.cfg.Render.Minutes(w, mi, t, m, format) })
			})
	}
	s.registerPartial()
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/recording", id: "get-recording", tag: "results", needs: access.Export,
		summary: "The recording as it was uploaded", text: "Range requests are answered.",
		responses: binaryAnswer("The recording.", "application/octet-stream")},
		func(ctx context.Context, in *MeetingPath) (*huma.StreamResponse, error) {
			return s.sound(ctx, in.ID, "recording", "application/octet-stream", s.pipe.Recording)
		})
	register(s, operation{method: http.MethodGet, path: "/meetings/{id}/audio", id: "get-audio", tag: "results", needs: access.ReadContent,
		summary: "The sound as it was heard", text: "WAV, 16 kHz: one channel, or one for each person where the recording has them so. Range requests are answered.",
		responses: binaryAnswer("The sound.", "audio/wav")},
		func(ctx context.Context, in *MeetingPath) (*huma.StreamResponse, error) {
			return s.sound(ctx, in.ID, "audio.wav", "audio/wav", func(ctx context.Context, id string) (blob.ReadAtCloser, error) {
				pcm, channels, err := s.pipe.Audio(ctx, id)
				if err != nil {
					return nil, err
				}
				return newWAV(pcm, channels), nil
			})
		})
}

// disposition is whether a browser shows a result or saves it. Browsers do not start their reader of PDF in the
// sandbox that results are shown in.
func disposition(format string) string {
	if format == "pdf" {
		return "attachment"
	}
	return "inline"
}

// document renders all of a result before the first byte is sent, so that a failure is an error and
// not half a file.
func document(name, format string, render func(io.Writer) error) (*huma.StreamResponse, error) {
	var buf bytes.Buffer
	if err := render(&buf); err != nil {
		return nil, err
	}
	return raw(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", mediaTypes[format])
		h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition(format), name))
		h.Set("Content-Length", strconv.Itoa(buf.Len()))
		h.Set("Content-Security-Policy", documentPolicy)
		w.Write(buf.Bytes())
	}), nil
}

// sound serves bytes of any length with ranges.
func (s *Server) sound(ctx context.Context, id, name, mediaType string, open func(context.Context, string) (blob.ReadAtCloser, error)) (*huma.StreamResponse, error) {
	m, err := s.meeting(ctx, id)
	if err != nil {
		return nil, err
	}
	b, err := open(ctx, id)
	if err != nil {
		return nil, err
	}
	return raw(func(w http.ResponseWriter, r *http.Request) {
		defer b.Close()
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
		h.Set("Content-Security-Policy", documentPolicy)
		if m.Recording != nil {
			h.Set("ETag", fmt.Sprintf("%q", m.Recording.SHA256))
		}
		http.ServeContent(&prolonging{ResponseWriter: w, rc: http.NewResponseController(w)}, r, "", time.Time{}, io.NewSectionReader(b, 0, b.Size()))
	}), nil
}

// prolonging lets a long download go on for as long as bytes get through, whatever the server's limit
// for a whole answer is.
type prolonging struct {
	http.ResponseWriter
	rc *http.ResponseController
}

func (w *prolonging) Write(p []byte) (int, error) {
	if err := patience.SetDeadline(w.rc.SetWriteDeadline, time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}

func (w *prolonging) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// wav puts a header before PCM without copying it.
type wav struct {
	pcm    blob.ReadAtCloser
	header []byte
}

func newWAV(pcm blob.ReadAtCloser, channels int) *wav {
	size := uint32(min(pcm.Size(), 1<<32-37)) // the format's own limit: 37 hours
	h := make([]byte, 0, 44)
	h = append(h, "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, 36+size)
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16) // length of this part
	h = binary.LittleEndian.AppendUint16(h, 1)  // PCM
	h = binary.LittleEndian.AppendUint16(h, uint16(channels))
	h = binary.LittleEndian.AppendUint32(h, referent.SampleRate)
	h = binary.LittleEndian.AppendUint32(h, uint32(referent.SampleRate*2*channels)) // bytes a second
	h = binary.LittleEndian.AppendUint16(h, uint16(2*channels))                     // bytes a frame
	h = binary.LittleEndian.AppendUint16(h, 16)                                     // bits a sample
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, size)
	return &wav{pcm, h}
}

func (f *wav) Size() int64  { return int64(len(f.header)) + f.pcm.Size() }
func (f *wav) Close() error { return f.pcm.Close() }

func (f *wav) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(f.header)) {
		if n = copy(p, f.header[off:]); n == len(p) {
			return n, nil
		}
	}
	m, err := f.pcm.ReadAt(p[n:], off+int64(n)-int64(len(f.header)))
	return n + m, err
}
