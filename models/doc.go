// Package models is the catalogue of weights and of the other large files that Referent needs beside its
// own binary, and the folder they lie in: it pulls them from where they are published, verifies them,
// converts what others publish in another form, and packs them for a machine without a network.
//
// The catalogue ([Catalogue], catalogue.yaml) says what there is and where it can be had. The lock
// (lock.json) says what each file must weigh and hash to, and where that knowledge is from; what is not
// known there is learnt from the upstream's own metadata and written to a second lock beside the files.
// A [Store] is one such folder. Everything in it was written to a temporary file, synced, verified and
// then renamed, so what has its final name is whole.
//
// What is not here: loading weights (package transcribe), how checkpoints are read and converted
// (packages checkpoint and speakernet), and whether a machine is good enough for them (the doctor).
package models
