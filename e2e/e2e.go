// Package e2e holds the tests that treat Referent as its users do: the real binary, real processes
// that are really killed, real speech and real weights. There is no code here but tests.
package e2e
