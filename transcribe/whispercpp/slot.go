package whispercpp

// #include <stdlib.h>
// #include "encoder.h"
// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/referent/referent"
)

// Params are the choices for one window. Start from DefaultParams.
type Params struct {
	Language string // Whisper's code ("no", "nn", "en"), or "auto"
	Prompt   string // vocabulary put before the text; empty: none
	Beam     int    // beam width; 0 or 1: greedy
	BestOf   int    // candidates at temperatures above zero

	Temperature     float32 // of the first attempt
	TemperatureStep float32 // raised by this until an attempt is good or 1.0 is reached; 0: one attempt

	EntropyThreshold  float32 // an attempt with less variety than this is a loop
	LogProbThreshold  float32 // an attempt with a lower mean log-probability has failed
	NoSpeechThreshold float32 // above it, and with low log-probability, the stretch is silent

	SuppressNonSpeech bool // no symbols such as music notes
	MaxTokens         int  // in a segment; 0: the model's own limit
}

// DefaultParams is greedy decoding as whisper-cli does it, with its fallback to higher temperatures.
func DefaultParams(language string) Params {
	return Params{
		Language: language, BestOf: 5, TemperatureStep: 0.2,
		EntropyThreshold: 2.4, LogProbThreshold: -1, NoSpeechThreshold: 0.6,
	}
}

// Token is one token of text. Bytes may hold a part of a UTF-8 character.
type Token struct {
	Bytes       []byte
	Probability float32
	LogProb     float32
	Start, End  time.Duration // in the window

	// Mark is where Whisper would most likely have put a time instead of this token; MarkProbability is its
	// share of all times, and MarksProbability what times had together beside all tokens.
	Mark                              time.Duration
	MarkProbability, MarksProbability float32
}

// Segment is about a sentence, as Whisper's own timestamps part them. Tokens are text only.
type Segment struct {
	Start, End time.Duration // in the window
	NoSpeech   float32       // probability that there is no speech here
	Tokens     []Token
}

// Result is what a window holds.
type Result struct {
	Language string // as given, or as found
	Segments []Segment
	Sampled  bool // some of it needed a second attempt
}

// Slot recognises one window at a time with one thread. Any number may run side by side on one Model;
// one Slot must not be used from two goroutines at once. While a slot is open its Model stays.
//
// What a slot hears does not depend on what it heard before: each window has a state of its own. In a
// used one the window before shows in the times, and after a fallback in the words, so that the text
// would depend on how many workers there were. A new state costs milliseconds.
//
// A slot has one OS thread for all its life. The C allocator and OpenVINO keep memory for every thread that
// ever came to them, and Go would bring a new one now and then: a worker would grow for hours.
type Slot struct {
	model   *Model
	request *C.struct_rf_encoder_request // nil: ggml encodes
	work    chan func()                  // done on the slot's thread
}

// NewSlot opens a slot.
func (m *Model) NewSlot() *Slot {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slots++
	s := &Slot{model: m, work: make(chan func())}
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the slot
		for f := range s.work {
			f()
		}
	}()
	return s
}

// do runs f on the slot's thread and waits for it. A panic of f is the caller's.
func (s *Slot) do(f func()) {
	var thrown any
	done := make(chan struct{})
	s.work <- func() {
		defer close(done)
		defer func() { thrown = recover() }()
		f()
	}
	<-done
	if thrown != nil {
		panic(thrown)
	}
}

// Close lets go of the model.
func (s *Slot) Close() {
	if s.model == nil {
		return
	}
	s.do(s.dropRequest)
	close(s.work)
	s.model.mu.Lock()
	s.model.slots--
	s.model.mu.Unlock()
	s.model = nil
}

// Transcribe recognises samples: one channel at referent.SampleRate, -1 to 1, at most 30 s. When ctx ends, the work stops between two steps of the network, well under
// a second, with CodeCancelled.
func (s *Slot) Transcribe(ctx context.Context, samples []float32, p Params) (r Result, err error) {
	const op = "whispercpp: recognise window"
	if len(samples) == 0 {
		return Result{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("no samples"))
	}
	if len(samples) > 30*referent.SampleRate {
		return Result{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("%d samples are more than 30 s", len(samples)))
	}
	if err := ctx.Err(); err != nil {
		return Result{}, referent.E(referent.CodeCancelled, op, err)
	}
	s.do(func() { r, err = s.transcribe(ctx, samples, p) })
	return r, err
}

func (s *Slot) transcribe(ctx context.Context, samples []float32, p Params) (Result, error) {
	const op = "whispercpp: recognise window"
	state, err := s.state()
	if err != nil {
		return Result{}, err
	}
	defer C.whisper_free_state(state)

	lang := C.CString(p.Language)
	defer C.free(unsafe.Pointer(lang))
	if p.Language != "auto" && C.whisper_lang_id(lang) < 0 {
		return Result{}, referent.E(referent.CodeInvalid, op, fmt.Errorf("language %q is not one of Whisper's", p.Language))
	}
	var prompt *C.char
	if p.Prompt != "" {
		prompt = C.CString(p.Prompt)
		defer C.free(unsafe.Pointer(prompt))
	}

	run := C.rf_run_new()
	if run == nil {
		return Result{}, referent.E(referent.CodeInternal, op, fmt.Errorf("out of memory"))
	}
	defer C.rf_run_free(run)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(stopped); C.rf_stop(run) })
	C.rf_clear_error()
	rc := C.rf_full(s.model.c(), state, C.struct_rf_params{
		language: lang, prompt: prompt, threads: 1,
		beam: C.int(p.Beam), best_of: C.int(max(p.BestOf, 1)), max_tokens: C.int(p.MaxTokens),
		temperature: C.float(p.Temperature), temperature_inc: C.float(p.TemperatureStep),
		entropy_thold: C.float(p.EntropyThreshold), logprob_thold: C.float(p.LogProbThreshold),
		no_speech_thold: C.float(p.NoSpeechThreshold), suppress_nst: C.bool(p.SuppressNonSpeech),
	}, run, (*C.float)(unsafe.Pointer(&samples[0])), C.int(len(samples)))
	if !stop() {
		<-stopped // it holds run; which is freed when this returns
	}

	if err := ctx.Err(); err != nil {
		return Result{}, referent.E(referent.CodeCancelled, op, err)
	}
	if s.request != nil && bool(C.rf_encoder_request_failed(s.request)) {
		// whisper.cpp does not notice and decodes what it was left with: none of that may be used.
		s.model.loseEncoder()
		s.dropRequest()
		return s.transcribe(ctx, samples, p)
	}
	if rc != 0 {
		return Result{}, referent.E(referent.CodeRecognition, op, fmt.Errorf("code %d: %w", int(rc), lastError()))
	}
	return s.result(state, bool(run.sampled)), nil
}

// state makes a new state, which encodes through the slot's request if the model has another encoder.
// It is called on the slot's thread.
func (s *Slot) state() (*C.struct_whisper_state, error) {
	if e := s.model.otherEncoder(); e != nil && s.request == nil {
		r, err := e.request()
		if err != nil {
			s.model.loseEncoder()
		}
		s.request = r
	}
	C.rf_clear_error()
	state := C.rf_state_new(s.model.c(), s.request)
	if state == nil {
		return nil, referent.E(referent.CodeRecognition, "whispercpp: make state", lastError())
	}
	s.model.runs.Store(runsOn())
	return state, nil
}

func (s *Slot) dropRequest() {
	if s.request != nil {
		C.rf_encoder_request_free(s.request)
		s.request = nil
	}
}

// result copies the text out of the state.
func (s *Slot) result(state *C.struct_whisper_state, sampled bool) Result {
	r := Result{Sampled: sampled, Language: C.GoString(C.whisper_lang_str(C.whisper_full_lang_id_from_state(state)))}
	for i := range C.whisper_full_n_segments_from_state(state) {
		seg := Segment{
			Start:    ticks(C.whisper_full_get_segment_t0_from_state(state, i)),
			End:      ticks(C.whisper_full_get_segment_t1_from_state(state, i)),
			NoSpeech: float32(C.whisper_full_get_segment_no_speech_prob_from_state(state, i)),
		}
		for j := range C.whisper_full_n_tokens_from_state(state, i) {
			d := C.whisper_full_get_token_data_from_state(state, i, j)
			if int32(d.id) >= s.model.end {
				continue
			}
			text := C.whisper_full_get_token_text_from_state(s.model.c(), state, i, j)
			seg.Tokens = append(seg.Tokens, Token{
				Bytes:       []byte(C.GoString(text)),
				Probability: float32(d.p), LogProb: float32(d.plog),
				Start: ticks(d.t0), End: ticks(d.t1),
				Mark:            2 * ticks(C.int64_t(d.tid-C.whisper_token_beg(s.model.c()))),
				MarkProbability: float32(d.pt), MarksProbability: float32(d.ptsum),
			})
		}
		r.Segments = append(r.Segments, seg)
	}
	return r
}

// ticks converts whisper.cpp's unit of time, a hundredth of a second.
func ticks(t C.int64_t) time.Duration { return time.Duration(t) * 10 * time.Millisecond }
