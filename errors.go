package referent

import (
	"errors"
	"fmt"
)

// Code names a kind of failure. It is stable: it is stored, sent over the API, counted in metrics and
// is the key of the sentence that a person reads (package locale, "error.<code>").
type Code string

// The kinds of failure. The first group is general; the others belong to one part of the product.
const (
	CodeInternal     Code = "internal"
	CodeInvalid      Code = "invalid"
	CodeNotFound     Code = "not_found"
	CodeConflict     Code = "conflict"
	CodeUnauthorized Code = "unauthorized" // no or wrong credentials
	CodeForbidden    Code = "forbidden"    // credentials are right but do not allow this
	CodeUnavailable  Code = "unavailable"  // a part of the system does not answer; try again
	CodeTooLarge     Code = "too_large"
	CodeTimeout      Code = "timeout"
	CodeCancelled    Code = "cancelled"
	CodeDiskFull     Code = "disk_full"
	CodeConfig       Code = "config"

	CodeAudioEmpty       Code = "audio_empty"      // zero bytes, or zero samples
	CodeAudioUnreadable  Code = "audio_unreadable" // not audio, or broken beyond reading
	CodeAudioTruncated   Code = "audio_truncated"  // starts well, stops early
	CodeAudioNoTrack     Code = "audio_no_track"   // a container with no sound in it
	CodeAudioDRM         Code = "audio_drm"        // protected against copying
	CodeAudioTooLong     Code = "audio_too_long"   // longer than the configured limit
	CodeAudioCostly      Code = "audio_costly"     // takes more memory or processor time than any recording needs
	CodeNoSpeech         Code = "no_speech"        // decoded well, nobody speaks
	CodeFFmpegMissing    Code = "ffmpeg_missing"
	CodeTranscriptBroken Code = "transcript_broken" // a VTT/SRT/... that cannot be read

	CodeModelMissing Code = "model_missing" // weights are not on this machine
	CodeModelCorrupt Code = "model_corrupt" // weights do not match their digest
	CodeRecognition  Code = "recognition"   // whisper.cpp refused the window

	CodeLanguage Code = "language" // spoken in a language that is not supported
	CodeSpeakers Code = "speakers" // speakers could not be told apart; the words are all there

	CodeOneVoice   Code = "one_voice"   // a speaker that was to be parted sounds like one person
	CodeVoicesGone Code = "voices_gone" // how the voices sound is deleted with the audio

	CodeLiveUpload Code = "live_upload" // a recording cannot be finished while its bytes are coming

	CodeUnchecked Code = "unchecked" // minutes hold statements that nobody has checked, so nobody can answer for them

	CodeHeld Code = "held" // a legal hold keeps it from being erased

	CodeLLMUnreachable Code = "llm_unreachable"
	CodeLLMForbidden   Code = "llm_forbidden" // endpoint not on the allow-list
	CodeLLMLeak        Code = "llm_leak"      // something that must not leave the machine was about to
	CodeLLMAnswer      Code = "llm_answer"    // the model's answer could not be used

	CodeWorkerLost    Code = "worker_lost"    // the worker died or stopped answering
	CodeLeaseLost     Code = "lease_lost"     // another worker holds the job now
	CodeAttemptsSpent Code = "attempts_spent" // tried as often as allowed
)

// Error is a failure with what was attempted, why it failed and what helps. It never carries spoken
// text, names of people or names of files: it is logged as it is.
type Error struct {
	Code Code   // the kind, also the key of the sentence shown to a person
	Op   string // what was attempted, as "package: verb object", e.g. "transcribe: decode recording"
	Hint string // what helps, for a technician, in English; may be empty
	Err  error  // the cause; may be nil
}

// E makes an *Error; err may be nil.
func E(code Code, op string, err error) *Error { return &Error{Code: code, Op: op, Err: err} }

// WithHint returns a copy of e that says what helps.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

func (e *Error) Error() string {
	s := e.Op
	if s == "" {
		s = string(e.Code)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	} else {
		s += ": " + string(e.Code)
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first *Error in err's chain, CodeInternal when there is none, and ""
// for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// HintOf returns the first non-empty hint in err's chain.
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// Permanent reports whether trying the same input again cannot help, so that a job that fails with
// this code goes to the dead letters at once instead of being tried again.
func (c Code) Permanent() bool {
	switch c {
	case CodeInvalid, CodeNotFound, CodeForbidden, CodeTooLarge, CodeCancelled,
		CodeAudioEmpty, CodeAudioUnreadable, CodeAudioTruncated, CodeAudioNoTrack, CodeAudioDRM,
		CodeAudioTooLong, CodeAudioCostly, CodeTranscriptBroken, CodeLanguage, CodeLLMForbidden, CodeLLMLeak:
		return true
	}
	return false
}

// OfMachine reports whether the fault lies with the machine that tried, which lacks something that
// another may have, and not with the input.
func (c Code) OfMachine() bool {
	return c == CodeFFmpegMissing || c == CodeModelMissing || c == CodeModelCorrupt
}
