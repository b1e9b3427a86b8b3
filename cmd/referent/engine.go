//go:build !failpoints

package main

import (
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/worker"
)

// scaleDown changes nothing but in the chaos suite's build.
func scaleDown(*worker.Config, transcribe.Config) {}
