package referent

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MostSpeakers is the most that can be asked for.
const MostSpeakers = 99

// SpeakerCount is how many speakers a recording is said to have. The zero value leaves it to the voices.
type SpeakerCount struct {
	Off bool // speakers are not told apart
	Min int  // 0: not known
	Max int  // 0: not known; equal to Min: exactly so many
}

// ParseSpeakerCount reads Options.Speakers: "auto" (or nothing), "off", "N" or "N-M". CodeInvalid for
// anything else.
func ParseSpeakerCount(s string) (SpeakerCount, error) {
	switch s {
	case "", "auto":
		return SpeakerCount{}, nil
	case "off":
		return SpeakerCount{Off: true}, nil
	}
	low, high, ranged := strings.Cut(s, "-")
	if !ranged {
		high = low
	}
	n, err := strconv.Atoi(low)
	m, err2 := strconv.Atoi(high)
	if err := errors.Join(err, err2); err != nil || n < 1 || m < n || m > MostSpeakers {
		return SpeakerCount{}, E(CodeInvalid, "referent: read number of speakers", nil).
			WithHint("auto, off, a number or a range such as 2-6, at most %d", MostSpeakers)
	}
	return SpeakerCount{Min: n, Max: m}, nil
}

// String is the reverse of ParseSpeakerCount.
func (c SpeakerCount) String() string {
	switch {
	case c.Off:
		return "off"
	case c.Max == 0:
		return "auto"
	case c.Min == c.Max:
		return strconv.Itoa(c.Min)
	}
	return fmt.Sprintf("%d-%d", c.Min, c.Max)
}
