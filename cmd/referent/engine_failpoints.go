//go:build failpoints

package main

import (
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/failpoint/scaled"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/worker"
)

// scaleDown puts the chaos suite's recogniser in the place of the real one, when it is asked for: whole recordings are
// prepared as ever, and heard while they arrive only when that is asked for as well.
func scaleDown(c *worker.Config, t transcribe.Config) {
	if e, ok := scaled.FromEnviron(); ok {
		c.Recognizer, c.Preparer, c.Listener = e, transcribe.NewPreparer(t), transcribe.NewLive(t, e)
		if e.Live {
			return
		}
		c.Stages = slices.DeleteFunc(slices.Clone(c.Stages), func(s referent.Stage) bool { return s == referent.StageLive })
	}
}
