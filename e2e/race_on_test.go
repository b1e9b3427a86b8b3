//go:build race

package e2e_test

// raceDetector: these tests were built with the race detector, and so is the program.
const raceDetector = true
