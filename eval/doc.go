// Package eval measures transcripts against references that people made: wrong words and characters,
// speakers confused or missed, words at the wrong time, words that nobody said. It reads the formats in
// which such references come (STM, CTM, RTTM, UEM, SegLST).
//
// Every measure is a plain function of two things to compare, and its result can be added to another's,
// so that a total weighs each recording by its length. [Bootstrap] says how far a total can be trusted.
//
// What is not here: anything that makes transcripts or minutes, and any file or folder; package corpus
// knows the folders of evaluation data, package report writes what was measured.
package eval
