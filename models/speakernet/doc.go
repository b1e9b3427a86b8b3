// Package speakernet turns the PyTorch checkpoints of the two networks that tell speakers apart into ONNX
// files.
//
// [Segmentation] is pyannote's segmentation-3.0: a waveform in, for each frame of 16.875 ms the
// log-probabilities of seven classes out (nobody; speaker 1, 2, 3; 1+2, 1+3, 2+3). [Embedding] is
// 3D-Speaker's CAM++: filterbank features in, 192 numbers that are alike for the same voice out. The
// networks are written down here operator by operator, in the form that one thread of ONNX Runtime computes
// fastest; the numbers are those of the checkpoint, and a test holds both against PyTorch.
//
// What is not here: reading PyTorch's files (package checkpoint), ONNX's (package onnx), running the
// networks and the features that they are given (package transcribe/voice).
package speakernet
