package whispercpp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/internal/sample"
	"github.com/referent/referent/transcribe/whispercpp"
)

func load(t *testing.T) *whispercpp.Model {
	t.Helper()
	m, err := whispercpp.Load(sample.Weights(t, "base"), whispercpp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func slot(t *testing.T, m *whispercpp.Model) *whispercpp.Slot {
	t.Helper()
	s := m.NewSlot()
	t.Cleanup(s.Close)
	return s
}

// words is a result's text in lower case without punctuation.
func words(r whispercpp.Result) string {
	var b []byte
	for _, s := range r.Segments {
		for _, t := range s.Tokens {
			b = append(b, t.Bytes...)
		}
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(string(b)), func(r rune) bool { return !unicode.IsLetter(r) }), " ")
}

// One model, every way to hear it: loading is the slow part.
func TestTranscribe(t *testing.T) {
	m := load(t)
	if !m.Multilingual() || m.Type() != "base" {
		t.Errorf("multilingual %v, type %q", m.Multilingual(), m.Type())
	}
	if at := m.Device(); at != "" {
		t.Errorf("it runs on %q before it has heard anything", at)
	}
	jfk := sample.Float(t)
	greedy := whispercpp.DefaultParams("en")
	var alone whispercpp.Result

	t.Run("greedy", func(t *testing.T) {
		var err error
		if alone, err = slot(t, m).Transcribe(t.Context(), jfk, greedy); err != nil {
			t.Fatal(err)
		}
		if got := words(alone); got != sample.Words {
			t.Errorf("heard %q", got)
		}
		if at := m.Device(); at != whispercpp.Processor {
			t.Errorf("it runs on %q", at) // whisper.cpp may say it in other words than the shim reads
		}
		if alone.Language != "en" {
			t.Errorf("language %q", alone.Language)
		}
		var last time.Duration
		for _, s := range alone.Segments {
			for _, tok := range s.Tokens {
				if tok.Start < last || tok.End < tok.Start || tok.End > 12*time.Second || tok.Probability <= 0 || tok.Probability > 1 {
					t.Errorf("token %q at %v-%v with %v after %v", tok.Bytes, tok.Start, tok.End, tok.Probability, last)
				}
				last = tok.Start
			}
		}
	})
	t.Run("the language is found", func(t *testing.T) {
		p := greedy
		p.Language = "auto"
		r, err := slot(t, m).Transcribe(t.Context(), jfk, p)
		if err != nil || r.Language != "en" || words(r) != sample.Words {
			t.Errorf("%q in %q, %v", words(r), r.Language, err)
		}
	})
	t.Run("two slots side by side, after a fallback, and the same text", func(t *testing.T) {
		// A threshold no attempt can meet forces every temperature, which draws random numbers.
		restless := greedy
		restless.LogProbThreshold, restless.BestOf, restless.TemperatureStep = 0, 1, 0.5
		a, b := slot(t, m), slot(t, m)
		r, err := a.Transcribe(t.Context(), jfk[:3*referent.SampleRate], restless)
		if err != nil || !r.Sampled {
			t.Fatalf("sampled %v, %v", r.Sampled, err)
		}
		var wg sync.WaitGroup
		for _, s := range []*whispercpp.Slot{a, b} {
			wg.Go(func() {
				if r, err := s.Transcribe(t.Context(), jfk, greedy); err != nil || !reflect.DeepEqual(r, alone) {
					t.Errorf("heard %q, %v", words(r), err)
				}
			})
		}
		wg.Wait()
		again, err := b.Transcribe(t.Context(), jfk[:3*referent.SampleRate], restless)
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("the fallback heard %q, then %q, %v", words(r), words(again), err)
		}
	})
	t.Run("cancel", func(t *testing.T) {
		s := slot(t, m)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := s.Transcribe(ctx, jfk, greedy); referent.CodeOf(err) != referent.CodeCancelled {
			t.Fatalf("got %v", err)
		}
		if r, err := s.Transcribe(t.Context(), jfk, greedy); err != nil || !reflect.DeepEqual(r, alone) {
			t.Errorf("after it: %q, %v", words(r), err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		s := slot(t, m)
		for name, c := range map[string]struct {
			samples  []float32
			language string
		}{
			"no samples":       {nil, "en"},
			"more than 30 s":   {make([]float32, 31*referent.SampleRate), "en"},
			"no such language": {jfk, "xx"},
		} {
			if _, err := s.Transcribe(t.Context(), c.samples, whispercpp.DefaultParams(c.language)); referent.CodeOf(err) != referent.CodeInvalid {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
	t.Run("close with open slots", func(t *testing.T) {
		s := m.NewSlot()
		if err := m.Close(); err == nil {
			t.Fatal("the weights were freed under a slot")
		}
		s.Close()
	})
}

func TestLoadBytes(t *testing.T) {
	b, err := os.ReadFile(sample.Weights(t, "base"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := whispercpp.LoadBytes(b, whispercpp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// whisper.cpp must never see any of these: some would end the process.
func TestBrokenWeights(t *testing.T) {
	good, err := os.ReadFile(sample.Weights(t, "base"))
	if err != nil {
		t.Fatal(err)
	}
	const filters, vocabulary = 4 * 12, 4*14 + 80*201*4
	at := func(offset int, v uint32) []byte {
		b := bytes.Clone(good)
		binary.LittleEndian.PutUint32(b[offset:], v)
		return b
	}
	for name, b := range map[string][]byte{
		"empty":                       {},
		"other magic":                 at(0, 0x46554747),
		"gguf":                        []byte("GGUF\x03\x00\x00\x00 and so on"),
		"only the header":             good[:44],
		"half":                        good[:len(good)/2],
		"one byte short":              good[:len(good)-1],
		"one byte more":               append(bytes.Clone(good), 0),
		"no layers":                   at(4*5, 0),
		"a size nobody knows":         at(4*5, 7),
		"huge state":                  at(4*3, 1<<30),
		"negative heads":              at(4*4, 1<<31),
		"filters of four gigabytes":   at(filters, 1<<30),
		"a vocabulary of two billion": at(vocabulary, 1<<31-1),
		"a word of four gigabytes":    at(vocabulary+4, 1<<32-1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := whispercpp.LoadBytes(b, whispercpp.Options{}); referent.CodeOf(err) != referent.CodeModelCorrupt {
				t.Errorf("from memory: %v", err)
			}
			path := filepath.Join(t.TempDir(), "weights.bin")
			if len(b) > 1<<20 {
				return // the same check, and 150 MB to write
			}
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := whispercpp.Load(path, whispercpp.Options{}); referent.CodeOf(err) != referent.CodeModelCorrupt {
				t.Errorf("from a file: %v", err)
			}
		})
	}
	if _, err := whispercpp.Load(filepath.Join(t.TempDir(), "none"), whispercpp.Options{}); referent.CodeOf(err) != referent.CodeModelMissing {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestSystem(t *testing.T) {
	if whispercpp.BuildStamp() == "" || !strings.HasPrefix(whispercpp.Engine(), "whisper.cpp v") {
		t.Errorf("stamp %q, engine %q", whispercpp.BuildStamp(), whispercpp.Engine())
	}
	if !strings.Contains(whispercpp.SystemInfo(), "CPU") {
		t.Errorf("system info %q", whispercpp.SystemInfo())
	}
	d := whispercpp.Devices()
	if len(d) == 0 || d[0].Name == "" {
		t.Errorf("devices %+v", d)
	}
	graphics := slices.ContainsFunc(d, func(d whispercpp.Device) bool { return d.GPU })
	if opens := whispercpp.Opens(); (opens == whispercpp.Processor) == graphics {
		t.Errorf("%q opens, of %+v", opens, d)
	}
}

// Where a graphics processor is wanted and none can be opened whisper.cpp goes on without a word, and is seen to.
func TestGraphicsProcessorIsSeenToBeLacking(t *testing.T) {
	m, err := whispercpp.Load(sample.Weights(t, "base"), whispercpp.Options{GPU: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s := m.NewSlot()
	defer s.Close()
	if _, err := s.Transcribe(t.Context(), sample.Float(t)[:referent.SampleRate], whispercpp.DefaultParams("en")); err != nil {
		t.Fatal(err)
	}
	if m.Device() != whispercpp.Opens() {
		t.Errorf("it runs on %q, and %q can be opened", m.Device(), whispercpp.Opens())
	}
}
