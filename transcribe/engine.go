package transcribe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/referent/referent"
	"github.com/referent/referent/models/encoder"
	"github.com/referent/referent/models/ggml"
	"github.com/referent/referent/transcribe/whispercpp"
)

// How a model's encoder may be run on a processor.
const (
	EncoderAuto     = "auto"     // OpenVINO where it is installed, else ggml
	EncoderGGML     = "ggml"     // whisper.cpp's own
	EncoderOpenVINO = "openvino" // nothing else: an error where it is not installed
)

// openModel loads the weights at path in the form that is fastest here, and says what runs them.
//
// On a processor the matrices are stored anew while they are loaded: eight bits where OpenVINO encodes or
// the processor has no bfloat16, since decoding is bound by how many bytes it reads, else bfloat16, which
// ggml's encoder is fastest with. Word error rates are those of the file as it is, within a third of a
// point (docs/benchmarks.md). A graphics processor gets the file as it is, and so do quantised files.
func openModel(cfg Config, path, name string) (*whispercpp.Model, referent.ModelUse, error) {
	const op = "transcribe: load model"
	use := referent.ModelUse{Role: "recognition", Name: name, Engine: whispercpp.Engine()}
	var err error
	if use.SHA256, err = digests.of(path); err != nil {
		return nil, use, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, use, referent.E(referent.CodeModelMissing, op, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, use, referent.E(referent.CodeInternal, op, err)
	}
	file, err := ggml.Open(f, info.Size())
	if err != nil {
		return nil, use, referent.E(referent.CodeModelCorrupt, op, err)
	}
	if cfg.GPU || file.Hyperparameters.FType > 1 {
		if cfg.Encoder == EncoderOpenVINO {
			return nil, use, referent.E(referent.CodeUnavailable, op, encoder.ErrUnsupported).
				WithHint("OpenVINO encodes for unquantised weights on a processor; set encoder to auto")
		}
		m, err := whispercpp.Load(path, whispercpp.Options{GPU: cfg.GPU})
		return m, use, err
	}
	opt := whispercpp.Options{}
	if opt.Encoder, err = openEncoder(cfg, file); err != nil {
		if cfg.Encoder == EncoderOpenVINO {
			return nil, use, err
		}
		level := slog.LevelWarn
		if referent.CodeOf(err) == referent.CodeModelMissing {
			level = slog.LevelInfo // nobody installed it, which is as good a choice
		}
		cfg.Log.Log(context.Background(), level, "whisper.cpp's own encoder is used, which is slower than OpenVINO", "error", err)
	}
	form, engine := ggml.Q8_0, "Q8_0"
	if opt.Encoder == nil && cpu.X86.HasAVX512BF16 {
		form, engine = ggml.BF16, "BF16"
	}
	var weights bytes.Buffer
	weights.Grow(int(ggml.RequantisedSize(file, form)))
	if err := ggml.Requantise(&weights, file, form); err != nil {
		opt.Encoder.Close()
		return nil, use, referent.E(referent.CodeModelCorrupt, op, err)
	}
	m, err := whispercpp.LoadBytes(weights.Bytes(), opt)
	weights = bytes.Buffer{}
	debug.FreeOSMemory() // a worker lives long; what loading took would stay its own for minutes
	if err != nil {
		opt.Encoder.Close()
		return nil, use, err
	}
	use.Engine += ", " + engine
	if opt.Encoder != nil {
		version, _, _ := strings.Cut(opt.Encoder.Version(), "-")
		use.Engine += ", OpenVINO " + version
	}
	return m, use, nil
}

// openEncoder is nil without an error when it was not asked for.
func openEncoder(cfg Config, file *ggml.File) (*whispercpp.Encoder, error) {
	const op = "transcribe: open encoder"
	if cfg.Encoder == EncoderGGML {
		return nil, nil
	}
	library, err := cfg.Models.Path(ModelEncoderRuntime)
	if err != nil {
		return nil, err
	}
	network, err := encoder.New(file)
	if err != nil {
		return nil, referent.E(referent.CodeUnavailable, op, err)
	}
	var onnx bytes.Buffer
	if _, err := network.Write(&onnx); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, referent.E(referent.CodeModelCorrupt, op, err)
		}
		return nil, referent.E(referent.CodeUnavailable, op, err)
	}
	e, err := whispercpp.NewEncoder(library, onnx.Bytes(), cfg.Threads, "")
	onnx = bytes.Buffer{}
	debug.FreeOSMemory()
	return e, err
}
