// Package audit is the chain that proves the logs: each link holds what was done, ids only, and the hash of the link
// before it, so that nothing in it can be changed, removed or put elsewhere without the hashes after it being others.
// Whoever can write the database can compute those anew. What proves the chain against that is a head that was noted
// somewhere else (Head): a chain that still holds it is, up to there, what it was then.
//
// What is not here: where links are kept and when one is added (package store/sqldb), and who may read them
// (package web).
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/referent/referent"
)

// The kinds of links that tell of the chain itself. Their facts are a Base.
const (
	Began  = "began"  // the first link: what the logs held before there was a chain
	Pruned = "pruned" // the oldest links had had their time
)

// Entry is what a link tells.
type Entry struct {
	Seq   int64           `json:"seq"` // from 1, without a gap
	At    time.Time       `json:"at"`  // UTC, whole microseconds
	Kind  string          `json:"kind"`
	By    string          `json:"by"`    // user id of whoever asked for it; "": nobody did, or nobody who is known yet
	Table string          `json:"table"` // the log that has a row of it; may be empty
	Row   int64           `json:"row"`   // its id there; 0: none
	Facts json.RawMessage `json:"facts"` // an object: ids, numbers and words of ours, nothing that a person wrote
}

// Link is an entry in the chain.
type Link struct {
	Seq   int64  // as the database numbers it; 0: it comes from a file
	Prev  string // hash of the link before; Genesis: this is the first
	Hash  string // SHA-256 of Prev, a newline and Entry, in hexadecimal
	Entry []byte // JSON of an Entry, byte by byte as it was hashed
}

// Genesis is what the first link has in the place of the hash before it.
var Genesis = strings.Repeat("0", 2*sha256.Size)

// Base is what a chain stands on where links, or all that was before it, are gone.
type Base struct {
	Through int64           `json:"through"`     // the last link that is gone; 0: none
	Hash    string          `json:"hash"`        // that link's; "": none
	At      time.Time       `json:"at,omitzero"` // when it was made
	Tables  map[string]Past `json:"tables"`      // by log
}

// Past are the rows of a log that no link tells of any more, or ever did.
type Past struct {
	Through int64  `json:"through"` // the greatest id; 0: there are none
	Rows    int64  `json:"rows"`
	SHA256  string `json:"sha256"` // over all of them, see Digest; "": they need not stay, and are not proved
}

// Row is a row of a log, as a link tells it.
type Row struct {
	ID    int64
	Facts json.RawMessage
}

// Digest sums rows up, in order of their ids.
func Digest(rows func(yield func(Row) error) error) (n int64, sum string, err error) {
	h := sha256.New()
	err = rows(func(r Row) error {
		n++
		_, err := fmt.Fprintf(h, "%d %s\n", r.ID, r.Facts)
		return err
	})
	return n, hex.EncodeToString(h.Sum(nil)), err
}

// Next makes the link that follows head. It sets e.Seq.
func Next(head Head, e Entry) (Link, error) {
	prev := head.Hash
	if head.Seq == 0 {
		prev = Genesis
	}
	e.Seq, e.At = head.Seq+1, e.At.UTC().Truncate(time.Microsecond)
	body, err := json.Marshal(e)
	if err != nil {
		return Link{}, referent.E(referent.CodeInternal, "audit: make link", err)
	}
	return Link{e.Seq, prev, hashOf(prev, body), body}, nil
}

func hashOf(prev string, entry []byte) string {
	h := sha256.New()
	h.Write([]byte(prev))
	h.Write([]byte{'\n'})
	h.Write(entry)
	return hex.EncodeToString(h.Sum(nil))
}

// Head names the newest link that there was at some time.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// String is what ParseHead reads: number:hash.
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.Hash }

// ParseHead reads what somebody noted. CodeInvalid: it is no head.
func ParseHead(s string) (Head, error) {
	number, hash, _ := strings.Cut(strings.TrimSpace(s), ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	hash = strings.ToLower(hash)
	if _, bad := hex.DecodeString(hash); err != nil || seq < 1 || bad != nil || len(hash) != 2*sha256.Size {
		return Head{}, referent.E(referent.CodeInvalid, "audit: read head", nil).WithHint("a head is number:hash, as referent audit head prints it")
	}
	return Head{seq, hash}, nil
}

// line is the form of a link in a file.
type line struct {
	Prev  string          `json:"prev"`
	Hash  string          `json:"hash"`
	Entry json.RawMessage `json:"entry"`
}

// AppendLine adds the link as one line of JSON. An entry that is no JSON, which only somebody else's hand can have made,
// becomes a string, so that it can still be looked at.
func (l Link) AppendLine(b []byte) ([]byte, error) {
	entry := l.Entry
	if !json.Valid(entry) || slices.Contains(entry, '\n') {
		quoted, err := json.Marshal(string(entry))
		if err != nil {
			return b, referent.E(referent.CodeInternal, "audit: write link", err)
		}
		entry = quoted
	}
	b = fmt.Appendf(b, `{"prev":%q,"hash":%q,"entry":`, l.Prev, l.Hash)
	return append(append(b, entry...), '}', '\n'), nil
}

// ParseLine reads what AppendLine wrote.
func ParseLine(b []byte) (Link, error) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return Link{}, referent.E(referent.CodeInvalid, "audit: read link", err)
	}
	if l.Entry == nil {
		return Link{}, referent.E(referent.CodeInvalid, "audit: read link", errors.New("no entry"))
	}
	if l.Entry[0] == '"' {
		var text string
		if err := json.Unmarshal(l.Entry, &text); err != nil {
			return Link{}, referent.E(referent.CodeInvalid, "audit: read link", err)
		}
		return Link{0, l.Prev, l.Hash, []byte(text)}, nil
	}
	return Link{0, l.Prev, l.Hash, l.Entry}, nil
}

// Parse reads the entry.
func (l Link) Parse() (e Entry, err error) {
	d := json.NewDecoder(bytes.NewReader(l.Entry))
	d.DisallowUnknownFields() // would be a later release's; then say so, and do not pass over it
	if err = d.Decode(&e); err != nil {
		err = referent.E(referent.CodeInvalid, "audit: read entry", err)
	}
	return e, err
}
