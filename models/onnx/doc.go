// Package onnx writes networks as ONNX files, which ONNX Runtime and OpenVINO read.
//
// A [Graph] is built from values: inputs, weights and what operators make of them. Nothing is named by
// hand but what a caller of the network must know, its inputs and outputs, and the weights. The graph
// keeps its first mistake and [Model.Write] returns it, so a network reads as one expression after another.
// Equal graphs give equal bytes.
//
// What is not here: the networks themselves (the packages that need them build them), reading
// ONNX files, inference of shapes, and what the operators mean: the runtime checks that when it loads.
package onnx
