package whispercpp

// #include <stdlib.h>
// #include "encoder.h"
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/referent/referent"
)

// Languages gives how likely samples are spoken in each of Whisper's languages, by its code; together
// they are 1. samples are as for Transcribe, and the cost is that of encoding a window: no text is made.
// A model that knows only English says so of everything. When ctx ends, the work stops before it begins
// or not at all: it takes no longer than encoding a window.
func (s *Slot) Languages(ctx context.Context, samples []float32) (all map[string]float32, err error) {
	const op = "whispercpp: find language"
	if len(samples) == 0 || len(samples) > 30*referent.SampleRate {
		return nil, referent.E(referent.CodeInvalid, op, fmt.Errorf("%d samples are no window", len(samples)))
	}
	if err := ctx.Err(); err != nil {
		return nil, referent.E(referent.CodeCancelled, op, err)
	}
	if !s.model.Multilingual() {
		return map[string]float32{"en": 1}, nil
	}
	s.do(func() { all, err = s.languages(ctx, samples) })
	return all, err
}

func (s *Slot) languages(ctx context.Context, samples []float32) (map[string]float32, error) {
	const op = "whispercpp: find language"
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	defer C.whisper_free_state(state)
	C.rf_clear_error()
	if rc := C.whisper_pcm_to_mel_with_state(s.model.c(), state, (*C.float)(unsafe.Pointer(&samples[0])), C.int(len(samples)), 1); rc != 0 {
		return nil, referent.E(referent.CodeRecognition, op, fmt.Errorf("spectrogram: code %d: %w", int(rc), lastError()))
	}
	probabilities := make([]float32, int(C.whisper_lang_max_id())+1)
	rc := C.whisper_lang_auto_detect_with_state(s.model.c(), state, 0, 1, (*C.float)(unsafe.Pointer(&probabilities[0])))
	if s.request != nil && bool(C.rf_encoder_request_failed(s.request)) {
		s.model.loseEncoder() // as in Transcribe
		s.dropRequest()
		return s.languages(ctx, samples)
	}
	if rc < 0 {
		return nil, referent.E(referent.CodeRecognition, op, fmt.Errorf("code %d: %w", int(rc), lastError()))
	}
	all := make(map[string]float32, len(probabilities))
	for id, p := range probabilities {
		if code := C.whisper_lang_str(C.int(id)); code != nil {
			all[C.GoString(code)] = p
		}
	}
	if len(all) == 0 {
		return nil, referent.E(referent.CodeRecognition, op, errors.New("the model names no language"))
	}
	return all, nil
}
