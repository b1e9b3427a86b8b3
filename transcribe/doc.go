// Package transcribe turns a recording into words with times: it decodes, finds speech, plans windows,
// recognises them, doubts what it got, and joins the parts to a transcript.
//
// It has a door for each stage of a meeting. [Preparer] makes the plan from an upload, or reads an
// uploaded transcript. [Recognizer] hears one chunk of a plan; chunks know nothing of each other, so any
// number of workers share a meeting. [Assemble] joins the chunks. [Live] hears a recording while it is
// still arriving, for provisional text.
//
// What is not here: where bytes come from and go to (readers and writers are given), weights' names
// and digests (package models), who speaks (a part of its own), and anything on disk but weights.
package transcribe

import (
	"log/slog"
	"runtime"

	"github.com/referent/referent/transcribe/confine"
)

// Models finds weights on this machine.
type Models interface {
	// Path is where the file of a name in the catalogue lies. CodeModelMissing when it is not there.
	Path(name string) (string, error)
}

// The names in the catalogue of weights that this package asks for by itself.
const (
	ModelVoiceActivity = "silero-vad"
	ModelRuntime       = "onnxruntime"
	// ModelEncoderRuntime is OpenVINO's C library; the rest of OpenVINO lies beside it. It is optional.
	ModelEncoderRuntime = "openvino"
	ModelSegmentation   = "speaker-segmentation"
	ModelEmbedding      = "speaker-embedding"
)

// Config is what both Preparer and Recognizer need.
type Config struct {
	Models  Models
	Threads int          // windows heard at the same time, one thread each; 0: as many as the processors allow
	FFmpeg  string       // program; empty: "ffmpeg" from PATH
	Confine confine.Mode // how much ffmpeg must be confined; empty: as this machine can
	GPU     bool         // use a graphics processor when the build has one
	Encoder string       // EncoderAuto (which "" is too), EncoderGGML or EncoderOpenVINO
	Log     *slog.Logger // nil: none
}

func (c Config) withDefaults() Config {
	if c.Threads <= 0 {
		c.Threads = runtime.GOMAXPROCS(0) // follows the container's limit
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
