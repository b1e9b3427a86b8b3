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

// CheckMeeting refuses, with CodeInvalid, what is no id of a meeting.
func CheckMeeting(op, id string) error {
	if !validMeeting(id) {
		return badName(op)
	}
	return nil
}

// Place is where the byte string called "<meeting>/<digest>" lies: "<meeting>/<first two digits>/<digest>", in every
// kind of bucket, so that what one holds can be copied into another as it is. Another name is CodeInvalid.
func Place(op, name string) (string, error) {
	meeting, digest, ok := strings.Cut(name, "/")
	if !ok || !validMeeting(meeting) || !validDigest(digest) {
		return "", badName(op)
	}
	return meeting + "/" + digest[:2] + "/" + digest, nil
}

// NameAt is the name of the byte string at a place; ok is false where none can be.
func NameAt(place string) (name string, ok bool) {
	parts := strings.Split(place, "/")
	if len(parts) != 3 || !validMeeting(parts[0]) || !validDigest(parts[2]) || parts[1] != parts[2][:2] {
		return "", false
	}
	return parts[0] + "/" + parts[2], true
}

func badName(op string) error {
	return referent.E(referent.CodeInvalid, op, errors.New("not a name of a byte string"))
}
