package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/store"
)

// Deletions that have begun and are not over, by meeting: of meetings, who asked for it; of parts of them, what goes.
const (
	erasing      = unfinished[string]("pipeline.erasing")
	erasingAudio = unfinished[audioErasure]("pipeline.erasing_audio")
)

// begun are deletions that no crash takes back: what is left of them the reconciler finishes.
type begun struct {
	meetings map[string]string
	parts    map[string]audioErasure
}

// outcome is what became of deletions, by meeting.
type outcome struct {
	receipts map[string]store.Receipt // of what is gone
	failed   map[string]error         // of what the reconciler will go on with
}

func (o *outcome) add(meeting string, r store.Receipt, err error) {
	if err != nil {
		o.failed[meeting] = err
		return
	}
	o.receipts[meeting] = r
}

func failAll[T any](o *outcome, meetings map[string]T, err error) {
	for meeting := range meetings {
		o.failed[meeting] = err
	}
}

// err is all that failed.
func (o *outcome) err() error {
	var all []error
	for meeting, err := range o.failed {
		all = append(all, fmt.Errorf("meeting %s: %w", meeting, err))
	}
	return errors.Join(all...)
}

// eraseNow begins with a deletion, and finishes it.
func (p *Pipeline) eraseNow(ctx context.Context, meeting string, begin func() (begun, error)) (store.Receipt, error) {
	release, err := p.erasingAlone(ctx, handleLimit)
	if err != nil {
		return store.Receipt{}, err
	}
	defer release()
	all, err := begin()
	if err != nil {
		return store.Receipt{}, err
	}
	out := p.finish(context.WithoutCancel(ctx), all)
	return out.receipts[meeting], out.failed[meeting]
}

// finish goes on with deletions that have begun; each step may have been done before, and one that fails stops no other.
// To wipe keys and words out of the database's files takes as long for one as for hundreds, so it is done for all of them
// together. p.erasing is held.
func (p *Pipeline) finish(ctx context.Context, all begun) outcome {
	out := outcome{map[string]store.Receipt{}, map[string]error{}}
	wordless := func(gone audioErasure) bool { return gone.What != store.ErasedTranscript }
	for meeting, gone := range all.parts {
		if wordless(gone) {
			r, err := p.eraseAudio(ctx, meeting, gone)
			out.add(meeting, r, err)
		}
	}
	words := maps.Clone(all.parts) // those lay in the index of the search too
	maps.DeleteFunc(words, func(_ string, gone audioErasure) bool { return wordless(gone) })
	if len(words)+len(all.meetings) == 0 {
		return out
	}
	if err := p.cfg.Store.Scrub(ctx); err != nil {
		failAll(&out, words, err)
		failAll(&out, all.meetings, err)
		return out
	}
	for meeting, gone := range words {
		r, err := p.eraseAudio(ctx, meeting, gone)
		out.add(meeting, r, err)
	}
	rowless := map[string]string{}
	for meeting, by := range all.meetings {
		r, err := p.eraseMeeting(ctx, meeting, by)
		out.add(meeting, r, err)
		if err == nil || errors.Is(err, store.ErrNotFound) {
			rowless[meeting] = by
		}
	}
	if len(rowless) == 0 {
		return out
	}
	// The marks go last: until the rows are scrubbed from the files no erasure is over.
	err := p.cfg.Store.Scrub(ctx)
	if err == nil {
		failpoint.Hit("erase.scrubbed")
		err = p.do(ctx, func(ctx context.Context, s *step) error {
			return erasing.change(ctx, s, func(all map[string]string) {
				maps.DeleteFunc(all, func(meeting, _ string) bool { _, gone := rowless[meeting]; return gone })
			})
		})
	}
	if err != nil {
		failAll(&out, rowless, err)
	}
	return out
}

// finishErasures goes on with erasures that were interrupted.
func (p *Pipeline) finishErasures(ctx context.Context) error {
	all, err := p.begun(ctx)
	if err != nil || len(all.meetings)+len(all.parts) == 0 {
		return err
	}
	release, err := p.erasingAlone(ctx, 0)
	if errors.Is(err, errErasing) {
		return nil // another server is at it; what it leaves is here at the next turn
	}
	if err != nil {
		return err
	}
	defer release()
	if all, err = p.begun(ctx); err != nil { // those that were under way then are over now
		return err
	}
	out := p.finish(ctx, all)
	maps.DeleteFunc(out.failed, func(_ string, err error) bool { return errors.Is(err, store.ErrNotFound) }) // the rows were gone before
	return out.err()
}

// begun reads what has begun and is not over.
func (p *Pipeline) begun(ctx context.Context) (all begun, err error) {
	if all.meetings, err = erasing.read(ctx, p.cfg.Store); err != nil {
		return all, err
	}
	all.parts, err = erasingAudio.read(ctx, p.cfg.Store)
	return all, err
}
