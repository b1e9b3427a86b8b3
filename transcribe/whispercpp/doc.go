// Package whispercpp runs Whisper models through whisper.cpp: one Model holds the weights, and any
// number of Slots, one for each core, recognise windows of at most 30 s side by side with it.
//
// It is the only package of Referent with cgo of its own. The upstream Go binding gives loading,
// linking and the vocabulary; the shim beside this file gives what the binding lacks: a state for each
// slot, every decoding parameter, an abort that watches a context, and logs kept off stderr.
//
// What is not here: which windows to hear (package window), what to make of doubtful text and how
// tokens become words (package transcribe).
//
// whisper.cpp aborts the whole process on some broken inputs. Weights are therefore checked from end to
// end in Go before C sees them; hostile audio cannot reach it, since it only ever sees samples.
package whispercpp
