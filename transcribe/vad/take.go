package vad

// Take returns the probabilities of the blocks of half a second heard since the last Take or Finish, and forgets
// them; the network goes on remembering its stream. It is for streams without an end, whose numbers
// must not pile up. The slice is the caller's.
func (d *Detector) Take() []float32 {
	taken := d.probabilities
	d.probabilities = nil
	return taken
}
