package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/referent/referent/store"
)

func testParts(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	first := store.Part{Meeting: "m000", Offset: 0, Size: 1 << 33, Blob: "m000/a"}
	second := store.Part{Meeting: "m000", Offset: 1 << 33, Size: 5, Blob: "m000/b"}
	do(t, s, func(tx store.Tx) error {
		if err := tx.AddPart(t.Context(), second); err != nil {
			return err
		}
		return tx.AddPart(t.Context(), first)
	})
	got, err := s.Parts(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the parts by offset", got, []store.Part{first, second})
	if got, err := s.Parts(t.Context(), "m001"); len(got) != 0 || err != nil {
		t.Errorf("a meeting without parts has %v, %v", got, err)
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.AddPart(t.Context(), first) })
	wantConflict(t, "a part at the same offset", err)
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.AddPart(t.Context(), store.Part{Meeting: "none", Blob: "b"}) })
	wantNotFound(t, "a part of no meeting", err)
}

func testArtifacts(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	put := func(kind store.ArtifactKind, chunk, wantVersion int, author string) store.Artifact {
		a := store.Artifact{Meeting: "m000", Kind: kind, Chunk: chunk, Version: 99, Blob: "b", Size: 1 << 33, Author: author, Batch: author + "-batch", Created: noon}
		do(t, s, func(tx store.Tx) error { return tx.PutArtifact(t.Context(), &a) })
		if a.Version != wantVersion {
			t.Errorf("%s %d got version %d, want %d", kind, chunk, a.Version, wantVersion)
		}
		return a
	}
	m1 := put(store.ArtifactMinutes, 0, 1, "")
	m2 := put(store.ArtifactMinutes, 0, 2, "user")
	m3 := put(store.ArtifactMinutes, 0, 3, "")
	c0 := put(store.ArtifactChunk, 0, 1, "")
	c1 := put(store.ArtifactChunk, 1, 1, "")
	c1b := put(store.ArtifactChunk, 1, 2, "")
	for version, want := range map[int]store.Artifact{0: m3, 1: m1, 2: m2, 3: m3} {
		got, err := s.Artifact(t.Context(), "m000", store.ArtifactMinutes, version)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the artifact", got, &want)
	}
	_, err := s.Artifact(t.Context(), "m000", store.ArtifactMinutes, 4)
	wantNotFound(t, "a version that is not there", err)
	_, err = s.Artifact(t.Context(), "m000", store.ArtifactPlan, 0)
	wantNotFound(t, "a kind that is not there", err)
	all, err := s.Artifacts(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "all artifacts", all, []store.Artifact{c0, c1, c1b, m1, m2, m3})

	a := store.Artifact{Meeting: "m000", Kind: store.ArtifactPlan, Blob: "b"}
	do(t, s, func(tx store.Tx) error { return tx.PutArtifact(t.Context(), &a) })
	if time.Since(a.Created) > time.Hour || time.Since(a.Created) < 0 {
		t.Errorf("Created was not set: %v", a.Created)
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error {
		return tx.PutArtifact(t.Context(), &store.Artifact{Meeting: "none", Kind: store.ArtifactPlan, Blob: "b"})
	})
	wantNotFound(t, "an artifact of no meeting", err)
}

func testArtifactVersionsConcurrently(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := s.Tx(t.Context(), func(tx store.Tx) error {
				return tx.PutArtifact(t.Context(), &store.Artifact{Meeting: "m000", Kind: store.ArtifactMinutes, Blob: "b"})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if a, err := s.Artifact(t.Context(), "m000", store.ArtifactMinutes, 0); err != nil || a.Version != 8 {
		t.Errorf("after 8 writers the newest is %+v, %v", a, err)
	}
}

func testDeleteRecording(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	for _, meeting := range []string{"m000", "m001"} {
		do(t, s, func(tx store.Tx) error {
			for _, k := range []store.ArtifactKind{store.ArtifactAudio, store.ArtifactChunk, store.ArtifactVoices, store.ArtifactTranscript} {
				for chunk := range 2 {
					a := store.Artifact{Meeting: meeting, Kind: k, Chunk: chunk, Blob: meeting + "/" + string(k), Created: noon}
					if err := tx.PutArtifact(t.Context(), &a); err != nil {
						return err
					}
				}
			}
			return tx.AddPart(t.Context(), store.Part{Meeting: meeting, Size: 5, Blob: meeting + "/part"})
		})
	}
	receipt := store.Receipt{Meeting: "m000", What: store.ErasedAudio, By: "user", At: noon, Blobs: 3, Bytes: 1 << 40}
	for range 2 { // what is gone is no error
		do(t, s, func(tx store.Tx) error {
			kinds := []store.ArtifactKind{store.ArtifactAudio, store.ArtifactChunk, store.ArtifactVoices}
			if err := tx.DeleteRecording(t.Context(), "m000", kinds); err != nil {
				return err
			}
			return tx.AddReceipt(t.Context(), receipt)
		})
	}
	for meeting, want := range map[string][2]int{"m000": {0, 2}, "m001": {1, 8}} {
		parts, err := s.Parts(t.Context(), meeting)
		if err != nil {
			t.Fatal(err)
		}
		artifacts, err := s.Artifacts(t.Context(), meeting)
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) != want[0] || len(artifacts) != want[1] {
			t.Errorf("%s has %d parts and %d artifacts, want %v", meeting, len(parts), len(artifacts), want)
		}
	}
	receipts, err := s.Receipts(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the receipts", receipts, []store.Receipt{receipt, receipt})
}

func testUploads(t *testing.T, s store.Store) {
	addMeetings(t, s, 2, nil)
	u := &store.Upload{ID: "u1", Meeting: "m000", Owner: "owner", Size: 1 << 40, Offset: 0, HashState: []byte{0, 1, 255},
		Expires: noon.Add(time.Hour), Created: noon}
	do(t, s, func(tx store.Tx) error { return tx.CreateUpload(t.Context(), u) })
	got, err := s.Upload(t.Context(), "u1")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the upload", got, u)
	u.Offset, u.HashState, u.Expires = 1<<39, []byte{7}, noon.Add(2*time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.UpdateUpload(t.Context(), u) })
	if got, err = s.Upload(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the upload further on", got, u)
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.CreateUpload(t.Context(), u) })
	wantConflict(t, "the same upload again", err)
	again := &store.Upload{ID: "u0", Meeting: "m000", Owner: "owner", Size: store.UnknownSize, Created: noon.Add(time.Minute)}
	do(t, s, func(tx store.Tx) error { return tx.CreateUpload(t.Context(), again) })
	do(t, s, func(tx store.Tx) error {
		return tx.CreateUpload(t.Context(), &store.Upload{ID: "other", Meeting: "m001"})
	})
	of, err := s.UploadsOf(t.Context(), "m000")
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "the uploads of a meeting", of, func(u *store.Upload) string { return u.ID }, "u1", "u0")
	if of[1].Size != store.UnknownSize || of[1].Complete() {
		t.Errorf("an upload of unknown length is %+v", of[1])
	}
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.CreateUpload(t.Context(), &store.Upload{ID: "u2", Meeting: "none"}) })
	wantNotFound(t, "an upload of no meeting", err)
	err = s.Tx(t.Context(), func(tx store.Tx) error { return tx.UpdateUpload(t.Context(), &store.Upload{ID: "none"}) })
	wantNotFound(t, "an update of no upload", err)
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteUpload(t.Context(), "u1") })
	}
	_, err = s.Upload(t.Context(), "u1")
	wantNotFound(t, "a deleted upload", err)
}

func testExpiredUploads(t *testing.T, s store.Store) {
	addMeetings(t, s, 1, nil)
	do(t, s, func(tx store.Tx) error {
		for id, after := range map[string]time.Duration{"before": -time.Microsecond, "now": 0, "later": time.Microsecond} {
			u := &store.Upload{ID: id, Meeting: "m000", Expires: noon.Add(after)}
			if err := tx.CreateUpload(t.Context(), u); err != nil {
				return err
			}
		}
		return nil
	})
	got, err := s.ExpiredUploads(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "expired uploads", got, func(u *store.Upload) string { return u.ID }, "before", "now")
}
