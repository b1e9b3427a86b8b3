// Package review is what people do with minutes before somebody answers for them: change, add, move and strike
// statements, settle what was to be checked or may have been forgotten, confirm votes, approve, and see what
// differs between two versions. Everything here is a function of its arguments: an [Edit] makes new minutes of
// minutes that it leaves as they are.
//
// What is not here: keeping versions and who may make them (packages pipeline and web), the first draft and what
// in it is to be checked (package summarize), and how a document looks (package export).
package review
