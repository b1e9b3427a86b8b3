// Package speakers is what people do with the voices of a transcript: name them, join two that are one,
// part one that is two, give a segment to another, take a corrected name back. It also tells who speaks
// how long, and suggests names from what was said, with the words that say so.
//
// It stands beside package roster: both know what a person knows of a meeting. Every function is pure:
// it takes a transcript, and how its segments sound where that is needed, and returns a new transcript
// that shares what it did not change. No edit changes a segment's id, times, text or words; Revert
// alone, which takes a correction back, changes text and words. Nothing here gives a name to a voice
// by itself: suggestions are for a person to accept.
//
// What is not here: telling voices apart in the first place (package transcribe/speaker), versions and
// who may change them (package pipeline). Voices are compared within one meeting only.
package speakers
