// Package chaos holds the suite that kills, fills, cuts and falsifies while people work, and then counts: what was
// accepted against what came out. The program, its queue, its database, its sealing and its workers are the real ones,
// built with the tag failpoints; only the recogniser is a scaled one (failpoint/scaled). docs/chaos.md tells what is
// done and how a run is repeated. There is no code here but tests.
package chaos
