// Package pipeline holds the rules of a meeting's life on the server: what may follow what, whose turn
// it is, who holds the lease, what a result sets in motion, and how everything of a meeting is erased.
// It composes the store (the truth), the blob vault (the bytes) and the queue (transport of ids), and
// answers workers over NATS as package protocol says.
//
// What is not here: SQL and encryption (packages store/sqldb and store/blob), the streams and their
// consumers (package queue), the work itself (packages transcribe and summarize, run by package
// worker), and who may ask for what (package web).
//
// One Pipeline serves one store. Every change to a meeting is one transaction (see step), and what must
// happen outside the database afterwards is found again by the reconciler should the server die first.
package pipeline
