package blob

import (
	"errors"
	"strings"

	"github.com/referent/referent"
)

// digestLength is how many hexadecimal digits a SHA-256 has.
const digestLength = 64

// maxMeeting is the longest id of a meeting that can be a directory everywhere.
const maxMeeting = 128

// validMeeting says whether a meeting's id can be a directory: ASCII letters, digits, "-", "_" and ".",
// the first of them a letter or digit. So no id is a path, hidden, or a way up.
func validMeeting(id string) bool {
	if id == "" || len(id) > maxMeeting {
		return false
	}
	for i, r := range id {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case i > 0 && strings.ContainsRune("-_.", r):
		default:
			return false
		}
	}
	return true
}

// validDigest says whether s is a SHA-256 in lower-case hexadecimal.
func validDigest(s string) bool {
	return len(s) == digestLength && strings.Trim(s, "0123456789abcdef") == ""
}

// placeOf is where a byte string lies under the folder.
func placeOf(meeting, digest string) string { return meeting + "/" + digest[:2] + "/" + digest }

// parseName turns "<meeting>/<digest>" into the place under the folder.
func parseName(op, name string) (place string, err error) {
	meeting, digest, ok := strings.Cut(name, "/")
	if !ok || !validMeeting(meeting) || !validDigest(digest) {
		return "", badName(op)
	}
	return placeOf(meeting, digest), nil
}

func badName(op string) error {
	return referent.E(referent.CodeInvalid, op, errors.New("not a name of a byte string"))
}
