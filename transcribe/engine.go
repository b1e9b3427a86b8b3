package transcribe

import (
	"bytes"
	"errors"
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
// ggml's encoder is fastest with. On ten minutes of read Norwegian the word error rate stays within half a
// point of the file's own. A graphics processor gets the file as it is, and so do quantised files.
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
	library, err := encoderLibrary(cfg)
	if err != nil {
		return nil, use, err
	}
	form, engine := ggml.Q8_0, "Q8_0"
	if library == "" && cpu.X86.HasAVX512BF16 {
		form, engine = ggml.BF16, "BF16"
	}
	// The weights come before the encoder: what loading them takes is given back before the encoder's
	// network is read, which takes more.
	m, err := loadAs(file, form)
	if err != nil {
		return nil, use, err
	}
	use.Engine += ", " + engine
	if library == "" {
		return m, use, nil
	}
	e, err := openEncoder(cfg, library, file)
	if err != nil && cfg.Encoder == EncoderOpenVINO {
		return nil, use, errors.Join(err, m.Close())
	}
	if err != nil {
		cfg.Log.Warn("OpenVINO cannot be used; whisper.cpp's own encoder is slower", "error", err)
		return m, use, nil
	}
	m.Use(e)
	whispercpp.Trim()
	version, _, _ := strings.Cut(e.Version(), "-")
	use.Engine += ", OpenVINO " + version
	return m, use, nil
}

// encoderLibrary is where OpenVINO lies; empty when ggml is to encode.
func encoderLibrary(cfg Config) (string, error) {
	if cfg.Encoder == EncoderGGML {
		return "", nil
	}
	path, err := cfg.Models.Path(ModelEncoderRuntime)
	if err == nil || cfg.Encoder == EncoderOpenVINO {
		return path, err
	}
	cfg.Log.Info("OpenVINO is not installed; whisper.cpp's own encoder is slower", "code", referent.CodeOf(err))
	return "", nil
}

// loadAs stores the matrices of file anew and loads them.
func loadAs(file *ggml.File, form ggml.Type) (*whispercpp.Model, error) {
	defer debug.FreeOSMemory() // a worker lives long; what loading took would stay its own for minutes
	var weights bytes.Buffer
	weights.Grow(int(ggml.RequantisedSize(file, form)))
	if err := ggml.Requantise(&weights, file, form); err != nil {
		return nil, referent.E(referent.CodeModelCorrupt, "transcribe: load model", err)
	}
	return whispercpp.LoadBytes(weights.Bytes(), whispercpp.Options{})
}

func openEncoder(cfg Config, library string, file *ggml.File) (*whispercpp.Encoder, error) {
	const op = "transcribe: open encoder"
	defer debug.FreeOSMemory()
	network, err := encoder.New(file)
	if err != nil {
		return nil, referent.E(referent.CodeUnavailable, op, err)
	}
	var onnx bytes.Buffer
	onnx.Grow(int(encoder.Size(file)))
	if _, err := network.Write(&onnx); err != nil {
		return nil, referent.E(referent.CodeUnavailable, op, err)
	}
	return whispercpp.NewEncoder(library, onnx.Bytes(), cfg.Threads, "")
}
