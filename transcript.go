package referent

// TranscriptSchema names the version of transcript.json.
const TranscriptSchema = "referent/transcript/1"

// Span is a half-open stretch of samples [Start, End) at SampleRate on the recording's own timeline.
type Span struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
}

// Len is the span's length in samples.
func (s Span) Len() int64 { return s.End - s.Start }

// Window is what one call of the recogniser hears: stretches of speech, in order, that together last
// at most 30 s. The recogniser hears them joined; Spans map its times back to the recording.
type Window struct {
	Spans []Span `json:"spans"`
}

// Samples is the number of samples the recogniser hears.
func (w Window) Samples() int64 {
	var n int64
	for _, s := range w.Spans {
		n += s.Len()
	}
	return n
}

// Chunk is a run of windows that one job recognises.
type Chunk struct {
	Windows []Window `json:"windows"`
}

// Plan is how a recording is cut: it depends on the audio alone, never on the workers, so that the
// transcript does not either.
type Plan struct {
	Samples int64   `json:"samples"` // length of the recording
	Speech  int64   `json:"speech"`  // samples that hold speech, the sum of all windows' spans
	Chunks  []Chunk `json:"chunks"`
}

// Word is one word as recognised.
type Word struct {
	Text        string  `json:"text"` // without surrounding space, punctuation included
	Start       float64 `json:"start"`
	End         float64 `json:"end"`
	Probability float64 `json:"probability"` // 0 to 1
}

// Quality says whether a segment can be trusted, and why not.
type Quality struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons,omitempty"`
}

// Segment is a stretch of speech, about a sentence, by one speaker.
type Segment struct {
	ID      string  `json:"id"` // unique in the transcript, e.g. "s12"
	Start   float64 `json:"start"`
	End     float64 `json:"end"`
	Speaker string  `json:"speaker,omitempty"` // Speaker.ID
	Text    string  `json:"text"`
	Words   []Word  `json:"words"`
	Quality Quality `json:"quality"`
}

// Speaker is a voice of the transcript.
type Speaker struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"` // empty until a person, or the transcript's own source, named it
}

// ModelUse says which weights made a result.
type ModelUse struct {
	Role   string `json:"role"` // "recognition", "voice-activity"
	Name   string `json:"name"`
	SHA256 string `json:"sha256,omitempty"`
	Engine string `json:"engine,omitempty"` // e.g. "whisper.cpp v1.9.1"
}

// Transcript is what was said. It is transcript.json as it stands.
type Transcript struct {
	Schema    string     `json:"schema"`
	Label     string     `json:"label"` // DraftLabel
	Recording Recording  `json:"recording"`
	Language  string     `json:"language"` // spoken language as set or found
	Models    []ModelUse `json:"models"`
	Speakers  []Speaker  `json:"speakers"`
	Segments  []Segment  `json:"segments"`
	Coverage  float64    `json:"coverage"` // share of detected speech that became text, 0 to 1
}

// SpeakerName returns the name to show for a speaker id: its name, else the id.
func (t *Transcript) SpeakerName(id string) string {
	for _, s := range t.Speakers {
		if s.ID == id && s.Name != "" {
			return s.Name
		}
	}
	return id
}

// ChunkResult is what recognising one chunk gives. Its segments have no ids yet.
type ChunkResult struct {
	Chunk    int        `json:"chunk"`
	Language string     `json:"language"`
	Models   []ModelUse `json:"models"`
	Segments []Segment  `json:"segments"`
}

// PrepareResult is what preparing an upload gives: a plan for audio, or a whole transcript when the
// upload was one.
type PrepareResult struct {
	Plan       *Plan       `json:"plan,omitempty"`
	Transcript *Transcript `json:"transcript,omitempty"`
	Duration   float64     `json:"duration"`
	Models     []ModelUse  `json:"models,omitempty"`
	// Warnings say what is wrong with a recording that was prepared all the same, e.g. CodeAudioTruncated
	// for one that stops before its end: what could be read is kept.
	Warnings []Code `json:"warnings,omitempty"`
}
