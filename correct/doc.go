// Package correct is what people do with a transcript's words: small edits that name the segment, and what the person
// saw in it. So two people in different segments never disturb each other, and in the same one the second is told what
// stands there now. Every edit makes a new transcript and leaves the old one as it is; a batch is done whole or not at
// all. What changed between two transcripts is told by segment.
//
// What is not here: versions, who may do it, and what people do with voices as a whole (package speakers).
package correct
