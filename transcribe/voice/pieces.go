package voice

import (
	"math"

	"github.com/referent/referent"
)

// A voiceprint is taken from a piece of about two seconds, not from all that a local voice says in a
// stretch: the segmentation network now and then takes two people for one, and a print of both would be
// nobody's. All are seconds.
const (
	pieceSeconds = 2.0  // a longer run of speech is cut evenly in pieces of about this length
	pieceGap     = 1.0  // runs with a longer gap between them are not joined in a piece
	pieceLeast   = 0.4  // less gives no print worth comparing
	mixedLeast   = 0.25 // of a voice that is nowhere alone for that long; less gives none at all
	mixedMost    = 4.0
)

// frameSeconds is how long a frame of the segmentation network lasts: they divide the stretch evenly.
const frameSeconds = float64(stretch) / referent.SampleRate / networkFrames

// piece is the frames of a stretch that one voiceprint is taken from, in order.
type piece struct {
	frames []int
	mixed  bool // others may speak in them
}

func seconds(frames []int) float64 { return float64(len(frames)) * frameSeconds }

// pieces cuts what a local voice says in the first so many frames. A voice that is nowhere alone long
// enough gives one mixed piece, or none.
func (v *voices) pieces(local, frames int) []piece {
	var all []int
	var runs [][]int // of consecutive frames in which it is alone
	for i := range frames {
		active, alone := v.active(local, i)
		if active {
			all = append(all, i)
		}
		switch n := len(runs); {
		case !alone:
		case n > 0 && runs[n-1][len(runs[n-1])-1] == i-1:
			runs[n-1] = append(runs[n-1], i)
		default:
			runs = append(runs, []int{i})
		}
	}
	var groups [][]int
	for _, run := range runs {
		for _, part := range split(run) {
			if n := len(groups); n > 0 && joins(groups[n-1], part) {
				groups[n-1] = append(groups[n-1], part...)
			} else {
				groups = append(groups, part)
			}
		}
	}
	var out []piece
	for _, g := range groups {
		if seconds(g) >= pieceLeast {
			out = append(out, piece{frames: g})
		}
	}
	if len(out) == 0 && seconds(all) >= mixedLeast {
		for seconds(all) > mixedMost {
			all = all[:len(all)-1]
		}
		out = append(out, piece{all, true})
	}
	return out
}

// split cuts a run into parts of about pieceSeconds whose lengths differ by one frame at most.
func split(run []int) [][]int {
	n := max(1, int(math.Round(seconds(run)/pieceSeconds)))
	parts := make([][]int, n)
	for i := range parts {
		from, to := i*len(run)/n, (i+1)*len(run)/n
		parts[i] = run[from:to:to]
	}
	return parts
}

// joins reports whether a part belongs to the group before it.
func joins(group, part []int) bool {
	gap := float64(part[0]-group[len(group)-1]) * frameSeconds
	return gap <= pieceGap && seconds(group)+seconds(part) <= pieceSeconds
}
