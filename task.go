package referent

import "time"

// Preparation is what preparing an upload needs to know.
type Preparation struct {
	MaxDuration float64 `json:"max_duration,omitempty"` // seconds of audio accepted; 0: no limit
	// Language is the spoken language as Whisper's code. LanguageAuto: it is to be found, with the
	// recognition weights named by Model, and stands in Plan.Language.
	Language string `json:"language,omitempty"`
	Model    string `json:"model,omitempty"`
}

// Recognition is what a recogniser needs to know to hear one chunk.
type Recognition struct {
	Chunk    int      `json:"chunk"`
	Windows  []Window `json:"windows"`
	Voices   []Span   `json:"voices,omitempty"`   // Chunk.Voices; none when speakers are not to be told apart
	Channels int      `json:"channels,omitempty"` // Plan.Channels
	Model    string   `json:"model"`              // name in the catalogue of weights
	Language string   `json:"language"`           // spoken language as Whisper's code ("no", "nn", "en"), or "auto"
	Mode     Mode     `json:"mode"`
	Names    []string `json:"names,omitempty"` // from roster and agenda: vocabulary, never text to be repeated
	// Priority: windows of interactive work go before those of any other that is heard at the same time.
	Priority Priority `json:"priority,omitempty"`
}

// Endpoint is an OpenAI-compatible server that writes minutes. Its key never travels: it comes from the
// environment of the process that calls.
type Endpoint struct {
	BaseURL     string        `json:"base_url"`
	Model       string        `json:"model"`
	ContextSize int           `json:"context_size,omitempty"` // tokens; 0: ask the server, else 4096
	Timeout     time.Duration `json:"timeout,omitempty"`      // for one call; 0: ten minutes
	Allowed     []string      `json:"allowed,omitempty"`      // hosts (host or host:port) allowed beside loopback
}

// CallTimeout is the time that one call may take.
func (e *Endpoint) CallTimeout() time.Duration {
	if e.Timeout <= 0 {
		return 10 * time.Minute
	}
	return e.Timeout
}

// Term is a name or word that a meeting is likely to use.
type Term struct {
	Text   string `json:"text"`
	Source string `json:"source"` // where it is known from: "roster", "agenda", "vocabulary"
}

// Assembly is what a transcript is put together from: everything, so that the same assembly always gives
// the same transcript.
type Assembly struct {
	Prepared  *PrepareResult
	Recording Recording
	Chunks    []ChunkResult // in any order
	Speakers  SpeakerCount
	Terms     []Term // names that may be put in the place of what was misheard
}
