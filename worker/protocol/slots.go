package protocol

import "github.com/referent/referent"

// ChunkFills is how many threads the windows of one chunk keep busy (package window makes chunks of four, and of two at
// the end).
const ChunkFills = 4

// DefaultLive is how many recordings a worker listens to at once while they arrive, unless it is told otherwise.
const DefaultLive = 4

// Slots is how many jobs of a stage, not interactive, a worker with so many threads is at, at most.
func Slots(stage referent.Stage, threads int) int {
	switch stage {
	case referent.StageTranscribe:
		return 1 + (threads+ChunkFills-1)/ChunkFills
	case referent.StageLive:
		return DefaultLive
	}
	return 1
}
