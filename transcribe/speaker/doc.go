// Package speaker finds out who spoke in a whole meeting, from what was heard of the voices stretch by
// stretch, and gives each word to a person.
//
// Three steps. The voiceprints are joined to speakers by how much likelier they are to come from one
// person than from two (agglomerate.go). Each stretch's local voices then get a speaker frame by frame,
// so that two people whom the segmentation network took for one are parted (label.go), and the stretches
// together say who is active when (turns.go). Words follow the exclusive turns, in which one speaks at a
// time; a word whose times are uncertain does not change hands alone (assign.go).
//
// Everything is a pure function of its arguments. What is not here: hearing the voices (package voice),
// where to listen (package window), names (people give them), and comparing meetings: nothing does.
package speaker
