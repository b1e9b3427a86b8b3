package models

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/referent/referent"
)

type member struct {
	name    string
	content []byte
}

func unpack(t *testing.T, raw []byte) []member {
	t.Helper()
	var out []member
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, member{h.Name, content})
	}
}

func pack(t *testing.T, members []member) *bytes.Reader {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.content)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(out.Bytes())
}

// offline is an empty store with the same catalogue, on a machine that reaches nothing.
func offline(t *testing.T, like *Store) *Store {
	t.Helper()
	s := *like
	s.dir = filepath.Join(t.TempDir(), "models")
	s.entries = slices.Clone(like.entries)
	s.entries[0].Sources = nil
	return &s
}

func TestBundleRoundTrip(t *testing.T) {
	s, _ := wheelStore(t)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.Bundle(t.Context(), []string{"thing", "thing"}, &out); err != nil {
		t.Fatal(err)
	}
	members := unpack(t, out.Bytes())
	var names []string
	for _, m := range members {
		names = append(names, m.name)
	}
	if names[0] != manifestName || !slices.Contains(names, "licences/whisper.txt") || !slices.Contains(names, "licences/thing.bin.LICENCE.txt") || names[len(names)-1] != "files/thing.bin" {
		t.Errorf("members %v", names)
	}
	there := offline(t, s)
	if err := there.Unbundle(t.Context(), bytes.NewReader(out.Bytes())); err != nil {
		t.Fatal(err)
	}
	wantFile(t, there, "first second third")
	if _, err := os.Stat(filepath.Join(there.dir, "thing.bin.LICENCE.txt")); err != nil {
		t.Error(err)
	}
	if err := there.Unbundle(t.Context(), bytes.NewReader(out.Bytes())); err != nil { // twice does no harm
		t.Fatal(err)
	}
}

func TestBundleNeedsTheFiles(t *testing.T) {
	s, _ := wheelStore(t)
	wantCode(t, s.Bundle(t.Context(), []string{"thing"}, io.Discard), referent.CodeModelMissing)
	wantCode(t, s.Bundle(t.Context(), nil, io.Discard), referent.CodeInvalid)
}

func TestUnbundleRefuses(t *testing.T) {
	s, _ := wheelStore(t)
	if err := s.Pull(t.Context(), "thing", nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.Bundle(t.Context(), []string{"thing"}, &out); err != nil {
		t.Fatal(err)
	}
	whole := unpack(t, out.Bytes())
	edit := func(change func(m *manifest)) []member {
		var m manifest
		if err := json.Unmarshal(whole[0].content, &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		members := slices.Clone(whole)
		members[0].content = raw
		return members
	}
	other := slices.Clone(whole)
	other[len(other)-1].content = []byte("first second THIRD")
	swapped := edit(func(m *manifest) { m.Files[0].SHA256 = sum([]byte("first second THIRD")) })
	swapped[len(swapped)-1].content = []byte("first second THIRD")
	for name, c := range map[string]struct {
		r    io.Reader
		code referent.Code
	}{
		"not a tar":                       {strings.NewReader("hello"), referent.CodeInvalid},
		"no manifest":                     {pack(t, whole[1:]), referent.CodeInvalid},
		"cut off":                         {bytes.NewReader(out.Bytes()[:out.Len()-2000]), referent.CodeModelCorrupt},
		"other bytes":                     {pack(t, other), referent.CodeModelCorrupt},
		"other bytes, fitting manifest":   {pack(t, swapped), referent.CodeModelCorrupt},
		"a file that is not in it":        {pack(t, whole[:len(whole)-1]), referent.CodeModelCorrupt},
		"a path that climbs":              {pack(t, edit(func(m *manifest) { m.Files[0].File = "../thing.bin" })), referent.CodeInvalid},
		"a notice that climbs":            {pack(t, edit(func(m *manifest) { m.Files[0].Notices = []string{"../x.txt"} })), referent.CodeInvalid},
		"a name that is not known":        {pack(t, edit(func(m *manifest) { m.Files[0].Name = "unknown" })), referent.CodeInvalid},
		"an import under a known name":    {pack(t, edit(func(m *manifest) { m.Files[0].Entry = &Entry{Name: "thing", File: "thing.bin"} })), referent.CodeInvalid},
		"a bundle of a version to come":   {pack(t, edit(func(m *manifest) { m.Version = 2 })), referent.CodeInvalid},
		"a manifest that is not readable": {pack(t, append([]member{{manifestName, []byte("{")}}, whole[1:]...)), referent.CodeInvalid},
	} {
		there := offline(t, s)
		err := there.Unbundle(t.Context(), c.r)
		if referent.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(there.dir, "thing.bin")); err == nil {
			t.Errorf("%s: a file was installed", name)
		}
	}
	there := offline(t, s)
	there.files = quota{left: &atomic.Int64{}, free: 17}
	wantCode(t, there.Unbundle(t.Context(), pack(t, whole)), referent.CodeDiskFull)
}

// Whatever a bundle says, only files that the catalogue or the manifest vouches for are written, and
// none outside the folder.
func FuzzUnbundle(f *testing.F) {
	content := []byte("first second third")
	bundle := func(change func(m *manifest), members ...member) []byte {
		m := manifest{Version: bundleVersion, Files: []manifestFile{{Name: "thing", File: "thing.bin", SHA256: sum(content),
			Size: int64(len(content)), Notices: []string{"thing.bin.LICENCE.txt"}}}}
		change(&m)
		raw, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for _, m := range append([]member{{manifestName, raw}}, members...) {
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.content)), Mode: 0o644}); err != nil {
				f.Fatal(err)
			}
			if _, err := w.Write(m.content); err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		return out.Bytes()
	}
	notice, file := member{"licences/thing.bin.LICENCE.txt", []byte("as you like")}, member{"files/thing.bin", content}
	same := func(*manifest) {}
	f.Add(bundle(same, notice, file))
	f.Add(bundle(same, file)[:2000])
	cut := bundle(same, notice, file)
	at := bytes.Index(cut, notice.content)
	f.Add(cut[:at+3]) // inside a licence text
	f.Add(bundle(func(m *manifest) { m.Files[0].File = "../thing.bin" }, member{"files/../thing.bin", content}))
	f.Add(bundle(func(m *manifest) { m.Files[0].Notices = []string{"thing.bin./../x.txt"} }, notice, file))
	f.Add(bundle(func(m *manifest) { m.Files[0].Size = 1 << 62; m.Files = append(m.Files, m.Files[0]) }, file))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := testStore(t, nil, true)
		home := filepath.Dir(s.dir)
		s.entries[0].Digests = []Digest{{SHA256: sum(content), Size: int64(len(content)), From: "the test"}}
		err := s.Unbundle(t.Context(), bytes.NewReader(raw))
		if err != nil && referent.CodeOf(err) == referent.CodeInternal {
			t.Errorf("no sentence for a person: %v", err)
		}
		if got, err := os.ReadFile(filepath.Join(s.dir, "thing.bin")); err == nil && !bytes.Equal(got, content) {
			t.Errorf("installed %q", got)
		}
		beside, err := os.ReadDir(home)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range beside {
			if b.Name() != filepath.Base(s.dir) {
				t.Errorf("%q was written outside the folder", b.Name())
			}
		}
	})
}
