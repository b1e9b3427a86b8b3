package main

import (
	"errors"

	"github.com/referent/referent"
)

// The exit codes, one for each kind of failure. They are part of the interface: `referent --help` lists
// them, and scripts rely on them.
const (
	exitOK          = 0
	exitInternal    = 1
	exitUsage       = 2
	exitConfig      = 3
	exitNotFound    = 4
	exitAccess      = 5
	exitUnavailable = 6
	exitRecording   = 7
	exitModel       = 8
	exitLLM         = 9
	exitCancelled   = 10
	exitDisk        = 11
	exitConflict    = 12
	exitFailedCheck = 13
)

// errFailedCheck is returned by commands whose answer is "no": doctor, models verify.
var errFailedCheck = errors.New("a check failed")

func exitCode(err error) int {
	var use *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &use):
		return exitUsage
	case errors.Is(err, errFailedCheck):
		return exitFailedCheck
	}
	switch referent.CodeOf(err) {
	case referent.CodeInvalid, referent.CodeTooLarge:
		return exitUsage
	case referent.CodeConfig:
		return exitConfig
	case referent.CodeNotFound:
		return exitNotFound
	case referent.CodeUnauthorized, referent.CodeForbidden:
		return exitAccess
	case referent.CodeUnavailable, referent.CodeTimeout, referent.CodeWorkerLost, referent.CodeAttemptsSpent, referent.CodeLeaseLost:
		return exitUnavailable
	case referent.CodeAudioEmpty, referent.CodeAudioUnreadable, referent.CodeAudioTruncated, referent.CodeAudioNoTrack,
		referent.CodeAudioDRM, referent.CodeAudioTooLong, referent.CodeAudioCostly, referent.CodeNoSpeech, referent.CodeFFmpegMissing, referent.CodeTranscriptBroken:
		return exitRecording
	case referent.CodeModelMissing, referent.CodeModelCorrupt, referent.CodeRecognition:
		return exitModel
	case referent.CodeLLMUnreachable, referent.CodeLLMForbidden, referent.CodeLLMLeak, referent.CodeLLMAnswer:
		return exitLLM
	case referent.CodeCancelled:
		return exitCancelled
	case referent.CodeDiskFull:
		return exitDisk
	case referent.CodeConflict, referent.CodeOneVoice, referent.CodeVoicesGone:
		return exitConflict
	}
	return exitInternal
}
