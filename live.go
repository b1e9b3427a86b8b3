package referent

// Partial is what has been heard of a recording while it arrived: provisional text for whoever waits.
// The transcript is made of the whole recording and owes nothing to it.
type Partial struct {
	Segments []PartialSegment `json:"segments"`
	Heard    float64          `json:"heard"` // seconds of the recording up to which no more text comes
}

// PartialSegment is a stretch of speech, about a sentence.
type PartialSegment struct {
	Start    float64 `json:"start"` // seconds
	End      float64 `json:"end"`
	Text     string  `json:"text"`
	Doubtful bool    `json:"doubtful,omitempty"` // the recogniser's gates found a fault
	Open     bool    `json:"open,omitempty"`     // the speech may go on: this text is replaced when it has
}
