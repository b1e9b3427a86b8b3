// Package names helps the recogniser with names: [Prompt] tells it beforehand which ones to expect, and
// [Correct] puts a name of the roster in the place of what was misheard, where all speaks for it:
// the two sound alike, the recogniser was unsure, and what it wrote is neither an ordinary word nor the
// name of somebody else. A change is recorded and [Revert] takes it back. When in doubt, what was heard
// stays: a name that is spelt wrong is seen by its reader, a name that was put in wrongly is not.
//
// What is not here: which names a meeting has (package pipeline), and who speaks (package speaker).
package names
