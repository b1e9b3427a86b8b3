package window

import "github.com/referent/referent"

// VoiceStep is how far apart the stretches begin in which a worker listens for who speaks. Every second
// one begins where the one before the last ended, and voiceprints are taken from those alone; the
// stretches between lie across their borders.
const VoiceStep = referent.VoiceSeconds * second / 2

// Voices gives the stretches of a recording of so many samples that hold some of speech, which is in
// order. They lie on one grid from the recording's start, so they do not depend on who hears them.
func Voices(speech []referent.Span, samples int64) []referent.Span {
	var voices []referent.Span
	for start := int64(0); start < samples; start += VoiceStep {
		for len(speech) > 0 && speech[0].End <= start {
			speech = speech[1:]
		}
		if len(speech) == 0 {
			break
		}
		end := min(start+referent.VoiceSeconds*second, samples)
		if speech[0].Start < end {
			voices = append(voices, referent.Span{Start: start, End: end})
		}
	}
	return voices
}

// share gives each stretch to the chunk that is at work where its middle lies: the last one that begins
// before it.
func share(voices []referent.Span, chunks []referent.Chunk) {
	at := 0
	for _, v := range voices {
		middle := v.Start + v.Len()/2
		for at+1 < len(chunks) && chunks[at+1].Windows[0].Spans[0].Start <= middle {
			at++
		}
		chunks[at].Voices = append(chunks[at].Voices, v)
	}
}
