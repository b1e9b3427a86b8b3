// Package referent holds the words of the domain: meetings, recordings, transcripts, minutes, jobs and
// the errors that a person can act on. Every other package speaks in these types.
//
// What is not here: anything that touches a disk, a network, a database or a model. This package
// imports the standard library only, so that everything may import it.
//
// Times inside a recording are seconds from its start as float64, or samples at [SampleRate] where a
// field says so. Times of day are time.Time.
package referent

// SampleRate is the rate, in samples a second, of all decoded audio inside Referent: one channel of
// 16-bit little-endian PCM. Whisper and Silero VAD both expect this rate.
const SampleRate = 16000

// DraftLabel stands on every output that a machine made, until a named person approves it.
// It is the same sentence in both language forms' documents; see package locale for its translations.
const DraftLabel = "Utkast laget ved hjelp av KI – må kontrolleres"
