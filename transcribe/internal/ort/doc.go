// Package ort runs networks in the ONNX format. It is the one place that opens ONNX Runtime, which is one
// library for a whole process: the first Open or Load decides which file that is.
//
// A [Session] is a network in memory; a [Tensor] is memory that a network reads or writes, made once and
// used for any number of runs. Runs have one thread each unless asked otherwise, and that thread is the
// caller's: nothing spins, nothing outlives a run, and what a network answers depends on its input alone,
// never on how many run beside it.
//
// What is not here: what the numbers mean, and where library and networks lie.
package ort
