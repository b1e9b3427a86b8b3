package web

import (
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/referent/referent"
)

// passwordParams cost about 55 ms and 64 MiB on a 2024 server core, above OWASP's least for argon2id.
// One lane, so that a sign-in takes one core and not all that recognise speech.
var passwordParams = &argon2id.Params{Memory: 64 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const (
	minPassword = 10   // characters
	maxPassword = 1024 // bytes
)

func checkPassword(password string) error {
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPassword {
		return referent.E(referent.CodeInvalid, "web: check password", nil).
			WithHint("a password has from %d characters to %d bytes", minPassword, maxPassword)
	}
	return nil
}

func hashPassword(password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	hash, err := argon2id.CreateHash(password, passwordParams)
	if err != nil {
		return "", referent.E(referent.CodeInternal, "web: hash password", err)
	}
	return hash, nil
}

// nobodysHash is compared against when the user is unknown, so that the answer takes equally long.
var nobodysHash = sync.OnceValues(func() (string, error) { return argon2id.CreateHash(newSecret(), passwordParams) })

// verifyPassword compares in constant time. A hash of "" is nobody's, and takes as long.
func verifyPassword(password, hash string) (bool, error) {
	const op = "web: verify password"
	if len(password) > maxPassword {
		return false, nil
	}
	known := hash != ""
	if !known {
		h, err := nobodysHash()
		if err != nil {
			return false, referent.E(referent.CodeInternal, op, err)
		}
		hash = h
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, referent.E(referent.CodeInternal, op, err)
	}
	return match && known, nil
}
