package eval

import "io"

// ReadRTTM reads the SPEAKER lines of an RTTM file; lines of other types are passed over.
//
//	SPEAKER <session> <channel> <start> <length> <NA> <NA> <speaker> <NA> [<NA>]
//
// Turns without length are kept: they count for nothing, but a collar stands around them. The error is
// CodeInvalid.
func ReadRTTM(r io.Reader) (turns []Turn, err error) {
	err = eachLine(r, "eval: read RTTM", func(_ string, f []string) error {
		if f[0] != "SPEAKER" {
			return nil
		}
		if len(f) < 8 {
			return errFields
		}
		start, end, err := startLength(f[3], f[4])
		turns = append(turns, Turn{f[1], f[7], start, end})
		return err
	})
	if err != nil {
		return nil, err
	}
	return turns, nil
}

// ReadUEM reads which regions of which session are scored.
//
//	<session> <channel> <start> <end>
//
// The error is CodeInvalid.
func ReadUEM(r io.Reader) (map[string][]Region, error) {
	regions := map[string][]Region{}
	err := eachLine(r, "eval: read UEM", func(_ string, f []string) error {
		if len(f) < 4 {
			return errFields
		}
		start, end, err := startEnd(f[2], f[3])
		regions[f[0]] = append(regions[f[0]], Region{start, end})
		return err
	})
	if err != nil {
		return nil, err
	}
	return regions, nil
}
