package checkpoint

import (
	"io"
	"sort"
)

// Piece is one part of something that was cut up.
type Piece struct {
	At   io.ReaderAt
	Size int64
}

// Joined reads pieces one after another as if they had never been cut.
type Joined struct {
	pieces []Piece
	starts []int64 // of each piece, and the end of the last
}

// Join puts pieces together in the given order.
func Join(pieces ...Piece) *Joined {
	j := &Joined{pieces: pieces, starts: []int64{0}}
	for _, p := range pieces {
		j.starts = append(j.starts, j.starts[len(j.starts)-1]+p.Size)
	}
	return j
}

// Size is the sum of the pieces' sizes.
func (j *Joined) Size() int64 { return j.starts[len(j.starts)-1] }

// ReadAt implements io.ReaderAt.
func (j *Joined) ReadAt(b []byte, off int64) (int, error) {
	done := 0
	for done < len(b) {
		// The piece that off lies in is the last one that does not start after it.
		i := sort.Search(len(j.pieces), func(i int) bool { return j.starts[i+1] > off })
		if i == len(j.pieces) {
			return done, io.EOF
		}
		n := int(min(int64(len(b)-done), j.starts[i+1]-off))
		got, err := j.pieces[i].At.ReadAt(b[done:done+n], off-j.starts[i])
		done += got
		off += int64(got)
		if got < n {
			if err == io.EOF { // the piece is shorter than it was said to be
				err = io.ErrUnexpectedEOF
			}
			return done, err
		}
	}
	return done, nil
}
