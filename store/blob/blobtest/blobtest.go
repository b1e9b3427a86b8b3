// Package blobtest is the suite that every blob.Bucket must pass: it says by examples what the
// comments in package blob promise.
//
// What is not here: what only one kind of bucket promises (file modes, for example), and encryption,
// which is the vault's.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
)

// Run tests the buckets that open gives. Each call of open must give an empty one.
func Run(t *testing.T, open func(t *testing.T) blob.Bucket) {
	for _, c := range []struct {
		name string
		test func(*testing.T, blob.Bucket)
	}{
		{"RoundTrip", testRoundTrip},
		{"NameIsDigest", testNameIsDigest},
		{"InvisibleUntilCommit", testInvisibleUntilCommit},
		{"AbortLeavesNothing", testAbort},
		{"EndedWriter", testEndedWriter},
		{"EqualBytes", testEqualBytes},
		{"ReadAt", testReadAt},
		{"Delete", testDelete},
		{"DeleteAll", testDeleteAll},
		{"CommitAfterDeleteAll", testCommitAfterDeleteAll},
		{"List", testList},
		{"BadNames", testBadNames},
		{"NotFound", testNotFound},
		{"Cancelled", testCancelled},
		{"Concurrent", testConcurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// put stores data and returns its name.
func put(t *testing.T, b blob.Bucket, meeting string, data []byte) string {
	t.Helper()
	w, err := b.Create(t.Context(), meeting)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write(data); n != len(data) || err != nil {
		t.Fatalf("Write: %d of %d bytes, %v", n, len(data), err)
	}
	name, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// Get reads all of name.
func Get(t *testing.T, b blob.Bucket, name string) []byte {
	t.Helper()
	r, err := b.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// List is the names of the meeting's byte strings; "": of all.
func List(t *testing.T, b blob.Bucket, meeting string) []string {
	t.Helper()
	names, err := b.List(t.Context(), meeting)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// wantNotFound checks both forms of "not there".
func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrNotFound) || referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("%s: %v, want store.ErrNotFound with CodeNotFound", what, err)
	}
}

// noise is n bytes that look random and are the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	seed := [32]byte{byte(n), byte(n >> 8), byte(n >> 16)}
	rand.NewChaCha8(seed).Read(b)
	return b
}

func testRoundTrip(t *testing.T, b blob.Bucket) {
	for _, n := range []int{0, 1, 4095, 4096, 65536, 3<<20 + 1} {
		data := noise(n)
		if got := Get(t, b, put(t, b, "m1", data)); !bytes.Equal(got, data) {
			t.Errorf("%d bytes come back as %d others", n, len(got))
		}
	}
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	data := noise(100_000)
	for piece := range slices.Chunk(data, 777) {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	name, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(Get(t, b, name), data) {
		t.Error("bytes written in pieces come back as others")
	}
}

func testNameIsDigest(t *testing.T, b blob.Bucket) {
	data := noise(1000)
	sum := sha256.Sum256(data)
	if got, want := put(t, b, "m1", data), "m1/"+hex.EncodeToString(sum[:]); got != want {
		t.Errorf("the name is %s, want %s", got, want)
	}
}

func testInvisibleUntilCommit(t *testing.T, b blob.Bucket) {
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	data := noise(5000)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	name := "m1/" + hex.EncodeToString(sum[:])
	if got := List(t, b, ""); len(got) != 0 {
		t.Errorf("List shows %v before Commit", got)
	}
	_, err = b.Open(t.Context(), name)
	wantNotFound(t, "Open before Commit", err)
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := List(t, b, ""); !slices.Equal(got, []string{name}) {
		t.Errorf("List shows %v after Commit, want %s", got, name)
	}
}

func testAbort(t *testing.T, b blob.Bucket) {
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(noise(5000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if got := List(t, b, ""); len(got) != 0 {
		t.Errorf("List shows %v after Abort", got)
	}
	count, size, err := b.DeleteAll(t.Context(), "m1")
	if count != 0 || size != 0 || err != nil {
		t.Errorf("after Abort DeleteAll finds %d byte strings of %d bytes, %v", count, size, err)
	}
}

func testEndedWriter(t *testing.T, b blob.Bucket) {
	for _, end := range []func(blob.Writer) error{
		func(w blob.Writer) error { _, err := w.Commit(); return err },
		blob.Writer.Abort,
	} {
		w, err := b.Create(t.Context(), "m1")
		if err != nil {
			t.Fatal(err)
		}
		if err := end(w); err != nil {
			t.Fatal(err)
		}
		before := List(t, b, "")
		if _, err := w.Write([]byte("late")); err == nil {
			t.Error("Write after the end succeeds")
		}
		if _, err := w.Commit(); err == nil {
			t.Error("Commit after the end succeeds")
		}
		if err := w.Abort(); err != nil {
			t.Errorf("Abort after the end, as a deferred call does it: %v", err)
		}
		if after := List(t, b, ""); !slices.Equal(before, after) {
			t.Errorf("calls after the end changed the bucket from %v to %v", before, after)
		}
	}
}

func testEqualBytes(t *testing.T, b blob.Bucket) {
	data := noise(1000)
	first, again, other := put(t, b, "m1", data), put(t, b, "m1", data), put(t, b, "m2", data)
	if first != again {
		t.Errorf("equal bytes have the names %s and %s", first, again)
	}
	if first == other {
		t.Error("two meetings share a byte string")
	}
	if got := List(t, b, "m1"); len(got) != 1 {
		t.Errorf("equal bytes are listed %d times", len(got))
	}
	if !bytes.Equal(Get(t, b, first), data) {
		t.Error("writing equal bytes again broke them")
	}
}

func testReadAt(t *testing.T, b blob.Bucket) {
	data := noise(200_000)
	r, err := b.Open(t.Context(), put(t, b, "m1", data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Size() != int64(len(data)) {
		t.Errorf("Size is %d, want %d", r.Size(), len(data))
	}
	CheckReadAt(t, r, data, 500)
}

// CheckReadAt reads r at random places, n times, and at the edges, and compares with data.
func CheckReadAt(t *testing.T, r io.ReaderAt, data []byte, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(len(data))))
	size := int64(len(data))
	check := func(off, length int64) {
		t.Helper()
		want := data[min(off, size):min(off+length, size)]
		p := make([]byte, length)
		got, err := r.ReadAt(p, off)
		if got != len(want) || !bytes.Equal(p[:got], want) {
			t.Errorf("ReadAt(%d bytes at %d of %d) gives %d bytes, want %d, or others", length, off, size, got, len(want))
		}
		switch {
		case int64(len(want)) < length && err != io.EOF:
			t.Errorf("ReadAt(%d bytes at %d of %d) beyond the end: %v, want io.EOF", length, off, size, err)
		case int64(len(want)) == length && err != nil && err != io.EOF:
			t.Errorf("ReadAt(%d bytes at %d of %d): %v", length, off, size, err)
		}
	}
	check(0, size)
	check(0, size+1)
	check(size, 1)
	check(size+10, 1)
	if size > 0 {
		check(size-1, 1)
		check(size-1, 2)
	}
	for range n {
		off := random.Int64N(size + 1)
		check(off, random.Int64N(min(size-off, 100_000)+2))
	}
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("ReadAt below zero: %v, want an error", err)
	}
}

func testDelete(t *testing.T, b blob.Bucket) {
	gone, kept := put(t, b, "m1", noise(10)), put(t, b, "m1", noise(11))
	if err := b.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	_, err := b.Open(t.Context(), gone)
	wantNotFound(t, "Open after Delete", err)
	wantNotFound(t, "Delete after Delete", b.Delete(t.Context(), gone))
	if got := List(t, b, "m1"); !slices.Equal(got, []string{kept}) {
		t.Errorf("List after Delete shows %v, want %s", got, kept)
	}
}

func testDeleteAll(t *testing.T, b blob.Bucket) {
	put(t, b, "m1", noise(10))
	put(t, b, "m1", noise(20))
	kept := put(t, b, "m2", noise(30))
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(noise(40)); err != nil {
		t.Fatal(err)
	}
	count, size, err := b.DeleteAll(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	// A bucket may hold an unfinished byte string elsewhere, where it does not count.
	if !(count == 2 && size == 30 || count == 3 && size == 70) {
		t.Errorf("DeleteAll removed %d byte strings of %d bytes, want 2 of 30 (or 3 of 70 with the unfinished one)", count, size)
	}
	if got := List(t, b, ""); !slices.Equal(got, []string{kept}) {
		t.Errorf("List after DeleteAll shows %v, want %s", got, kept)
	}
	count, size, err = b.DeleteAll(t.Context(), "m1")
	if count != 0 || size != 0 || err != nil {
		t.Errorf("DeleteAll again: %d, %d, %v, want nothing to do", count, size, err)
	}
	put(t, b, "m1", noise(50)) // the meeting's id can be used again
}

func testCommitAfterDeleteAll(t *testing.T, b blob.Bucket) {
	w, err := b.Create(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(noise(40)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.DeleteAll(t.Context(), "m1"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err == nil {
		t.Error("a writer that DeleteAll overtook commits")
	}
	if got := List(t, b, ""); len(got) != 0 {
		t.Errorf("an erased meeting came back as %v", got)
	}
}

func testList(t *testing.T, b blob.Bucket) {
	if got := List(t, b, ""); len(got) != 0 {
		t.Errorf("an empty bucket lists %v", got)
	}
	var m1, all []string
	for i := range 20 {
		m1 = append(m1, put(t, b, "m1", noise(i)))
	}
	all = append(slices.Clone(m1), put(t, b, "m10", noise(1)))
	slices.Sort(m1)
	slices.Sort(all)
	if got := List(t, b, "m1"); !slices.Equal(slices.Sorted(slices.Values(got)), m1) {
		t.Errorf("List(m1) shows %d names, want %d", len(got), len(m1))
	}
	if got := List(t, b, ""); !slices.Equal(slices.Sorted(slices.Values(got)), all) {
		t.Errorf("List shows %d names, want %d", len(got), len(all))
	}
	if got := List(t, b, "m"); len(got) != 0 {
		t.Errorf("List of a meeting that has nothing shows %v", got)
	}
}

func testBadNames(t *testing.T, b blob.Bucket) {
	digest := strings.Repeat("ab", 32)
	for _, meeting := range []string{".", "..", "../m", "m/n", "/m", "m\x00", "m\\n", "-m", ".m", "æ", " ", "m ",
		strings.Repeat("m", 129)} {
		if w, err := b.Create(t.Context(), meeting); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("Create in %q: %v, want CodeInvalid", meeting, err)
			if err == nil {
				w.Abort()
			}
		}
		if _, _, err := b.DeleteAll(t.Context(), meeting); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("DeleteAll of %q: %v, want CodeInvalid", meeting, err)
		}
		if _, err := b.List(t.Context(), meeting); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("List of %q: %v, want CodeInvalid", meeting, err)
		}
		if _, err := b.Open(t.Context(), meeting+"/"+digest); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("Open in %q: %v, want CodeInvalid", meeting, err)
		}
	}
	if _, _, err := b.DeleteAll(t.Context(), ""); referent.CodeOf(err) != referent.CodeInvalid {
		t.Errorf("DeleteAll of no meeting: %v, want CodeInvalid", err)
	}
	for _, name := range []string{"", "m1", "m1/", "/" + digest, "m1/" + digest[1:], "m1/" + digest + "0",
		"m1/" + strings.ToUpper(digest), "m1/../" + digest, "m1/ab/" + digest, "m1/" + digest[:63] + "/", "../m1/" + digest} {
		if r, err := b.Open(t.Context(), name); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("Open of %q: %v, want CodeInvalid", name, err)
			if err == nil {
				r.Close()
			}
		}
		if err := b.Delete(t.Context(), name); referent.CodeOf(err) != referent.CodeInvalid {
			t.Errorf("Delete of %q: %v, want CodeInvalid", name, err)
		}
	}
}

func testNotFound(t *testing.T, b blob.Bucket) {
	name := "m1/" + strings.Repeat("ab", 32)
	_, err := b.Open(t.Context(), name)
	wantNotFound(t, "Open", err)
	wantNotFound(t, "Delete", b.Delete(t.Context(), name))
}

func testCancelled(t *testing.T, b blob.Bucket) {
	name := put(t, b, "m1", noise(10))
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.Create(ctx, "m1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(noise(20)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := w.Commit(); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v, want context.Canceled", err)
	}
	if _, err := b.Create(ctx, "m1"); !errors.Is(err, context.Canceled) {
		t.Errorf("Create: %v, want context.Canceled", err)
	}
	if _, err := b.Open(ctx, name); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want context.Canceled", err)
	}
	if err := b.Delete(ctx, name); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete: %v, want context.Canceled", err)
	}
	if got := List(t, b, ""); !slices.Equal(got, []string{name}) {
		t.Errorf("after cancelled calls the bucket holds %v, want %s", got, name)
	}
}

func testConcurrent(t *testing.T, b blob.Bucket) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				data := noise(1000 + j) // all goroutines write the same byte strings
				name, err := write(t.Context(), b, "m1", data)
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				r, err := b.Open(t.Context(), name)
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
				if err != nil || !bytes.Equal(got, data) {
					t.Errorf("writer %d reads %d bytes back, %v", i, len(got), err)
				}
				r.Close()
			}
		})
	}
	wg.Wait()
	if got := List(t, b, "m1"); len(got) != 5 {
		t.Errorf("%d byte strings are there, want 5", len(got))
	}
}

func write(ctx context.Context, b blob.Bucket, meeting string, data []byte) (string, error) {
	w, err := b.Create(ctx, meeting)
	if err != nil {
		return "", err
	}
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return "", err
	}
	return w.Commit()
}
