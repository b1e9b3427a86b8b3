package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func testCommit(t *testing.T, s store.Store) {
	do(t, s, func(tx store.Tx) error {
		if err := tx.PutSetting(t.Context(), "a", "1"); err != nil {
			return err
		}
		if v, err := tx.Setting(t.Context(), "a"); v != "1" || err != nil {
			t.Errorf("the transaction does not read its own write: %q, %v", v, err)
		}
		return nil
	})
	if v, err := s.Setting(t.Context(), "a"); v != "1" || err != nil {
		t.Errorf("after the commit: %q, %v", v, err)
	}
}

func testRollbackOnError(t *testing.T, s store.Store) {
	mine := errors.New("mine")
	err := s.Tx(t.Context(), func(tx store.Tx) error {
		if err := tx.CreateMeeting(t.Context(), newMeeting(0), nil); err != nil {
			return err
		}
		return mine
	})
	if err != mine {
		t.Errorf("Tx returns %v, want fn's own error", err)
	}
	_, err = s.Meeting(t.Context(), "m000")
	wantNotFound(t, "a meeting rolled back", err)
	addMeetings(t, s, 1, nil) // and the store works on
}

func testRollbackOnPanic(t *testing.T, s store.Store) {
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("Tx ends in panic %v, want fn's own", r)
			}
		}()
		s.Tx(t.Context(), func(tx store.Tx) error {
			if err := tx.CreateMeeting(t.Context(), newMeeting(0), nil); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	_, err := s.Meeting(t.Context(), "m000")
	wantNotFound(t, "a meeting rolled back", err)
	addMeetings(t, s, 1, nil)
}

func testRollbackOnCancel(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Tx(ctx, func(tx store.Tx) error {
		if err := tx.CreateMeeting(ctx, newMeeting(0), nil); err != nil {
			return err
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || referent.CodeOf(err) != referent.CodeCancelled {
		t.Errorf("Tx with a cancelled context: %v, want context.Canceled with CodeCancelled", err)
	}
	_, err = s.Meeting(t.Context(), "m000")
	wantNotFound(t, "a meeting rolled back", err)
	if _, err := s.Meeting(ctx, "m000"); !errors.Is(err, context.Canceled) {
		t.Errorf("a read with a cancelled context: %v, want context.Canceled", err)
	}
	addMeetings(t, s, 1, nil)
}

func testReadsAreCommittedState(t *testing.T, s store.Store) {
	do(t, s, func(tx store.Tx) error {
		if err := tx.PutSetting(t.Context(), "a", "1"); err != nil {
			return err
		}
		_, err := s.Setting(t.Context(), "a") // beside the transaction, and not held up by it
		wantNotFound(t, "an uncommitted row, from outside", err)
		return nil
	})
}

func testConcurrentTx(t *testing.T, s store.Store) {
	const goroutines, each = 8, 10
	do(t, s, func(tx store.Tx) error { return tx.PutSetting(t.Context(), "n", "") })
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				err := s.Tx(t.Context(), func(tx store.Tx) error {
					v, err := tx.Setting(t.Context(), "n")
					if err != nil {
						return err
					}
					return tx.PutSetting(t.Context(), "n", v+"x")
				})
				if err != nil {
					t.Error(err)
				}
				if _, err := s.Setting(t.Context(), "n"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if v, err := s.Setting(t.Context(), "n"); len(v) != goroutines*each || err != nil {
		t.Errorf("%d of %d changes are there, %v", len(v), goroutines*each, err)
	}
}

func testPing(t *testing.T, s store.Store) {
	for range 2 {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(fmt.Errorf("after Scrub: %w", err))
	}
}
