package pipeline

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/referent/referent/store"
)

// Forgotten are the settings that a restore leaves out: what the queue was thought to hold, and since when the rules of
// retention have been seen. Holds that were set after the copy are lost, and people need time to set them again.
var Forgotten = []string{settingGeneration, settingRules}

// ErasuresBegun are receipts, with the time now, of the erasures that r knows to be under way: their own are written
// when they are over. A copy of the database that is put back must know of them too.
func ErasuresBegun(ctx context.Context, r store.Reader, now time.Time) ([]store.Receipt, error) {
	all, err := erasing.read(ctx, r)
	if err != nil {
		return nil, err
	}
	parts, err := erasingAudio.read(ctx, r)
	if err != nil {
		return nil, err
	}
	var receipts []store.Receipt
	for meeting, by := range all {
		receipts = append(receipts, store.Receipt{Meeting: meeting, What: store.ErasedMeeting, By: by, At: now, KeyGone: true})
	}
	for meeting, gone := range parts {
		receipts = append(receipts, store.Receipt{Meeting: meeting, What: cmp.Or(gone.What, store.ErasedAudio), By: gone.By, At: now,
			Blobs: len(gone.Blobs), Bytes: gone.Bytes})
	}
	return receipts, nil
}

// EraseAgain takes out of a database that was put back the rows of what was erased after the copy was made, as receipts
// say, and writes the receipts that it lacks. It is for before anything is served, and before the blobs are put back:
// those that no row names are not.
func EraseAgain(ctx context.Context, tx store.Tx, receipts []store.Receipt) error {
	known, err := tx.Receipts(ctx, 1<<30)
	if err != nil {
		return err
	}
	// A meeting is erased once; the sound of one that is recorded on may be again.
	type erasure struct {
		meeting, what string
		at            int64
	}
	which := func(r store.Receipt) erasure {
		if r.What == store.ErasedMeeting {
			return erasure{r.Meeting, r.What, 0}
		}
		return erasure{r.Meeting, r.What, r.At.UnixMicro()}
	}
	done := map[erasure]bool{}
	for _, r := range known {
		done[which(r)] = true
	}
	for _, r := range receipts {
		if done[which(r)] {
			continue
		}
		done[which(r)] = true
		if err := eraseAgain(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func eraseAgain(ctx context.Context, tx store.Tx, r store.Receipt) error {
	_, err := tx.Meeting(ctx, r.Meeting)
	if errors.Is(err, store.ErrNotFound) {
		return tx.AddReceipt(ctx, r)
	}
	if err != nil {
		return err
	}
	if r.What == store.ErasedMeeting {
		if err := ignoreGone(tx.DeleteHold(ctx, r.Meeting)); err != nil { // it was lifted since
			return err
		}
		return tx.DeleteMeeting(ctx, r.Meeting, r)
	}
	_, kinds, err := partOf(ctx, tx, r.Meeting, r.What)
	if err != nil {
		return err
	}
	if r.What == store.ErasedTranscript {
		if err := tx.DeleteCheckpoints(ctx, r.Meeting); err != nil {
			return err
		}
		if err := tx.IndexTranscript(ctx, r.Meeting, nil); err != nil {
			return err
		}
	}
	if err := tx.DeleteRecording(ctx, r.Meeting, kinds); err != nil {
		return err
	}
	return tx.AddReceipt(ctx, r)
}
