// Package voice hears who speaks in a stretch of ten seconds: which of at most three voices are active
// when, and how each of them sounds. The voices are the stretch's own: that voice 0 here is voice 2 of the
// next stretch is for a later step to find out, over the whole meeting.
//
// Two networks do it. Segmentation (pyannote's segmentation-3.0) tells the voices of a stretch apart, also
// where two speak at once. Embedding (CAM++) turns the speech of one voice into a vector; the closer two
// vectors' directions, the more likely they are of one person.
//
// What is not here: which stretches are heard (package window), comparing voiceprints (package speaker),
// and where the networks lie. A voiceprint leaves this package only in what Hear returns.
package voice
