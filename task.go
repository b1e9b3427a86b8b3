package referent

import (
	"context"
	"time"
)

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
	// Vocabulary is what word lists hold beside, the nearest list first.
	Vocabulary []string `json:"vocabulary,omitempty"`
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
	API         API           `json:"api,omitempty"`          // how it is spoken to; empty: APIOpenAI
	APIVersion  string        `json:"api_version,omitempty"`  // of APIAzure; empty: DefaultAzureVersion
	Mask        bool          `json:"mask,omitempty"`         // mask before loopback too: what listens there passes on
}

// API is how an endpoint is spoken to.
type API string

const (
	APIOpenAI API = "openai" // BaseURL + "/chat/completions"; the key is a bearer token
	APIAzure  API = "azure"  // BaseURL + "/openai/deployments/" + Model + "/chat/completions"; the key stands in api-key
)

// DefaultAzureVersion is the first version of Azure's interface that binds answers to a JSON schema.
const DefaultAzureVersion = "2024-10-21"

// CallTimeout is the time that one call may take.
func (e *Endpoint) CallTimeout() time.Duration {
	if e.Timeout <= 0 {
		return 10 * time.Minute
	}
	return e.Timeout
}

// Checkpoints keep what a stage has done so far outside the process that does it, so that another attempt
// need not do it again. Keys say what data was made of: the same key is always the same work.
type Checkpoints interface {
	// Load returns what was saved under key; nil without an error when there is nothing.
	Load(ctx context.Context, key string) ([]byte, error)
	// Save keeps data, for the first time or again. It is durable when Save returns.
	Save(ctx context.Context, key string, data []byte) error
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
	Language  string // that was to be heard, as Recognition.Language: the transcript's when nobody said a word
}
