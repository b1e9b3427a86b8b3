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
	// Channel is which channel of the audio is heard, counted from 1. 0: all of them, mixed.
	Channel int `json:"channel,omitempty"`
	// Voice is how sure of a voice the detector was in each of Spans: the highest mean of its probabilities
	// over a quarter of a second, 0 to 1, to two decimals. Speech has 0.75 or more. None: not known.
	Voice []float64 `json:"voice,omitempty"`
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
	// Voices are the stretches, each of VoiceSeconds, in which the chunk's worker listens for who speaks.
	// They lie on one grid over the whole recording, overlap each other, and each belongs to one chunk.
	// None when the channels tell the speakers apart.
	Voices []Span `json:"voices,omitempty"`
}

// VoiceSeconds is how much audio the network that tells speakers apart hears at a time. A stretch at the
// end of a recording may be shorter and is heard with silence after it.
const VoiceSeconds = 10

// Plan is how a recording is cut: it depends on the audio alone, never on the workers, so that the
// transcript does not either.
type Plan struct {
	Samples int64   `json:"samples"` // length of the recording
	Speech  int64   `json:"speech"`  // samples that hold speech, the sum of all windows' spans
	Chunks  []Chunk `json:"chunks"`
	// Channels are interleaved in the stored audio, sample by sample; 0 means 1. There are several only when
	// each holds a person of its own: windows then name theirs.
	Channels int `json:"channels,omitempty"`
	// Language is what most of the recording is spoken in, as Whisper's code, when it was asked to be found.
	Language string `json:"language,omitempty"`
}

// Word is one word as recognised.
type Word struct {
	Text        string  `json:"text"` // without surrounding space, punctuation included
	Start       float64 `json:"start"`
	End         float64 `json:"end"`
	Probability float64 `json:"probability"` // 0 to 1
	// Heard is what the recogniser wrote where a name of the roster was put in its place; Correction in the
	// transcript says why. Empty: Text is what was heard.
	Heard string `json:"heard,omitempty"`
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
	// Others are the ids of those who speak at the same time.
	Others  []string `json:"others,omitempty"`
	Text    string   `json:"text"`
	Words   []Word   `json:"words"`
	Quality Quality  `json:"quality"`
	// Corrected: a person changed the words, the speaker, or where it begins and ends.
	Corrected bool `json:"corrected,omitempty"`
	// Confirmed: a person heard the segment, and answers for its words.
	Confirmed bool `json:"confirmed,omitempty"`
	// Joined are the ids of segments that people made part of this one, or that it was split from: what cites those
	// may mean it.
	Joined []string `json:"joined,omitempty"`
}

// Speaker is a voice of the transcript.
type Speaker struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"` // empty until a person, or the transcript's own source, named it
}

// Turn is a stretch in which a speaker is active. Turns of different speakers may overlap.
type Turn struct {
	Speaker string  `json:"speaker"` // Speaker.ID
	Start   float64 `json:"start"`
	End     float64 `json:"end"`
}

// Correction is a name that was put in the place of what was heard, and can be taken back.
type Correction struct {
	Segment string  `json:"segment"` // Segment.ID
	Word    int     `json:"word"`    // index of the first word in Segment.Words
	Words   int     `json:"words"`   // how many of them
	From    string  `json:"from"`
	To      string  `json:"to"`
	Reason  string  `json:"reason"` // "roster", "agenda", "vocabulary": where To is from
	Score   float64 `json:"score"`  // 0 to 1: how alike the two are
}

// Gap is a stretch that sounded like a voice and has no text: the recogniser gave none, or what it gave
// was held back because it itself heard nobody speak there. A person can listen to it.
type Gap struct {
	Start  float64 `json:"start"`  // seconds
	End    float64 `json:"end"`    // seconds
	Reason string  `json:"reason"` // as in Quality.Reasons
}

// QualitySummary says how much of a recording became text that can be trusted. All lengths are seconds.
type QualitySummary struct {
	Speech   float64            `json:"speech"`            // detected speech
	Covered  float64            `json:"covered"`           // of it, became text
	Doubtful float64            `json:"doubtful"`          // of the text, stands in segments whose quality is not ok
	Gaps     float64            `json:"gaps,omitempty"`    // of the speech, has no text, though it was looked for
	Reasons  map[string]float64 `json:"reasons,omitempty"` // Doubtful and Gaps by reason; a segment may have several
}

// SpeakerMethod is how the speakers of a transcript were told apart.
type SpeakerMethod string

const (
	SpeakersByVoice   SpeakerMethod = "voice"    // by how they sound
	SpeakersByChannel SpeakerMethod = "channels" // each has a channel of the recording
	SpeakersFromText  SpeakerMethod = "text"     // named in the transcript that was uploaded
	SpeakersOff       SpeakerMethod = "off"      // it was not asked for
	SpeakersFailed    SpeakerMethod = "failed"   // it was asked for and went wrong; the words are all there
)

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

	Quality     QualitySummary `json:"quality"`
	SpeakersBy  SpeakerMethod  `json:"speakers_by,omitempty"`
	Turns       []Turn         `json:"turns,omitempty"`       // who was active when, overlaps included
	Corrections []Correction   `json:"corrections,omitempty"` // names put in place of what was heard
	Gaps        []Gap          `json:"gaps,omitempty"`        // in order of time
	// SpeakersMade is the highest number in a speaker's id that people's edits have seen: none is used again.
	SpeakersMade int `json:"speakers_made,omitempty"`
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
	Gaps     []Gap      `json:"gaps,omitempty"`
	// Voices are what was heard of who speaks, one for each stretch of Chunk.Voices that was asked for.
	Voices []VoiceWindow `json:"voices,omitempty"`
	// Warnings say what went wrong without costing any words: CodeSpeakers.
	Warnings []Code `json:"warnings,omitempty"`
}

// VoiceWindow is what the speaker networks heard in one stretch of VoiceSeconds.
type VoiceWindow struct {
	Start int64 `json:"start"` // samples
	// Activity is how likely each of the stretch's own, local voices is active in each frame, times 255:
	// frame by frame, LocalVoices bytes each. The frames divide VoiceSeconds evenly.
	Activity []byte `json:"activity"`
	// Prints are taken only in stretches that begin at a multiple of VoiceSeconds: they cover the recording
	// once. The stretches between tell how the voices on both sides of a border belong together.
	Prints []Voiceprint `json:"prints"`
}

// LocalVoices is how many voices the segmentation network tells apart in one stretch.
const LocalVoices = 3

// Voiceprint is how one local voice sounds in about two seconds of speech. A local voice has several, so
// that two people whom the segmentation network took for one can still be told apart. It lives no longer
// than the meeting's audio and is compared within the meeting only.
type Voiceprint struct {
	Local int `json:"local"` // which local voice, 0 to LocalVoices-1
	// From and To bound the frames of Activity, [From, To), that it was taken from: those of them in which
	// the voice is active alone or, when Mixed, active at all.
	From    int     `json:"from"`
	To      int     `json:"to"`
	Mixed   bool    `json:"mixed,omitempty"` // others speak too: the voice is nowhere alone for long enough
	Seconds float64 `json:"seconds"`         // of speech that it was taken from
	Vector  []byte  `json:"vector"`          // unit length, little-endian float32
}

// Voices is how each segment of a transcript sounds. It is kept apart from the transcript and deleted
// with the audio: with it, a person's correction of one segment can be led to all that sound alike.
type Voices struct {
	Segments []SegmentVoice `json:"segments"`
}

// SegmentVoice is the mean voiceprint of a segment.
type SegmentVoice struct {
	Segment string `json:"segment"` // Segment.ID
	Vector  []byte `json:"vector"`  // unit length, little-endian float32
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
