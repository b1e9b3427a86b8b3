// Package bench times whole programs against each other on the same recording, in the same minutes, and
// says what it found as ratios: the machines it runs on are shared, and an absolute time there proves
// nothing.
//
// A [Command] is anything that reads a recording and prints words; [Measure] runs it and watches its
// processes; [Rounds] runs several commands in turn, round by round, so that what disturbs one disturbs
// its neighbours too. What is not here: which programs are compared, and with what settings (cmd/referent),
// and whether the words are right (package eval).
package bench
