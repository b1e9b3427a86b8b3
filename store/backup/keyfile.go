package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

const (
	formatKeys = "referent keys 1"
	fileKeys   = "referent.keys"
)

// keyLine is a line of the file of keys: the first has the format, the last the end, the others one thing each.
type keyLine struct {
	Format  string         `json:"format,omitempty"`
	Made    time.Time      `json:"made,omitzero"`
	Keyring []string       `json:"keyring,omitempty"`
	File    string         `json:"file,omitempty"` // of the folder of keys
	Data    []byte         `json:"data,omitempty"`
	Receipt *store.Receipt `json:"receipt,omitempty"`
	Meeting string         `json:"meeting,omitempty"`
	Wrapped []byte         `json:"wrapped,omitempty"`
	Carried bool           `json:"carried,omitempty"`
	Copy    string         `json:"copy,omitempty"`   // of the data
	Sum     string         `json:"sum,omitempty"`    // SHA-256 of its manifest
	End     int            `json:"end,omitempty"`    // lines, this one counted
	SHA256  string         `json:"sha256,omitempty"` // of all lines before
}

// keyWriter writes lines. The first error stays.
type keyWriter struct {
	out *bufio.Writer
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	lines int
	err   error
}

func (w *keyWriter) line(l keyLine) error {
	if w.err != nil {
		return w.err
	}
	data, err := json.Marshal(l)
	if err != nil {
		w.err = err
		return err
	}
	data = append(data, '\n')
	w.sum.Write(data)
	_, w.err = w.out.Write(data)
	w.lines++
	return w.err
}

func (w *keyWriter) end() error {
	w.line(keyLine{End: w.lines + 1, SHA256: hex.EncodeToString(w.sum.Sum(nil))})
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// ReadKeys reads a copy of the keys: the file, or the folder that it is in. CodeNotFound: there is none.
func ReadKeys(path string) (*Keys, error) {
	const op = "backup: read keys"
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, fileKeys)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, blob.DiskError(op, err)
	}
	defer f.Close()
	k := &Keys{Files: map[string][]byte{}, Wrapped: map[string][]byte{}, Carried: map[string]bool{}}
	sum, r := sha256.New(), bufio.NewReaderSize(f, 256<<10)
	for n := 1; ; n++ {
		data, err := r.ReadBytes('\n')
		if err != nil {
			return nil, damagedKeys(op, errors.New("the keys end too early"))
		}
		var l keyLine
		if err := json.Unmarshal(data, &l); err != nil || n == 1 && l.Format != formatKeys {
			return nil, damagedKeys(op, errors.New("the file holds no keys")) // the cause would quote them
		}
		switch {
		case l.Format != "":
			k.Made, k.Keyring = l.Made, l.Keyring
		case l.File != "":
			if !plainName(l.File) {
				return nil, damagedKeys(op, errors.New("the name of a file with keys"))
			}
			k.Files[l.File] = l.Data
		case l.Copy != "":
			k.Copies = append(k.Copies, DataCopy{l.Copy, l.Sum})
		case l.Receipt != nil:
			k.Receipts = append(k.Receipts, *l.Receipt)
		case l.Meeting != "":
			k.Wrapped[l.Meeting] = l.Wrapped
			if l.Carried {
				k.Carried[l.Meeting] = true
			}
		case l.End != 0:
			if l.End != n || l.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
				return nil, damagedKeys(op, errors.New("the keys are not what was written"))
			}
			return k, nil
		}
		sum.Write(data)
	}
}

func damagedKeys(op string, err error) error {
	return referent.E(referent.CodeInternal, op, errors.Join(blob.ErrDamaged, err)).
		WithHint("use the copy of the keys in its other place; while the installation has its keys, make it anew with --replace-keys")
}

// plainName reports whether a name is that of a file in the folder of keys, and leads nowhere else.
func plainName(name string) bool {
	return name == filepath.Base(name) && name[0] != '.' && name != string(filepath.Separator)
}
