package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/referent/referent"
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

// blobs is how many blobs the deletions name.
func (b begun) blobs() (n int) {
	for _, gone := range b.parts {
		n += len(gone.Blobs)
	}
	return n
}

// outcome is what became of deletions, by meeting.
type outcome struct {
	receipts map[string]store.Receipt // of what is gone
	faster   map[string]bool          // gone too: it had begun, and another server has finished it
	failed   map[string]error         // of what the reconciler will go on with
}

func (o *outcome) add(meeting string, r store.Receipt, err error) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		o.faster[meeting] = true
	case err != nil:
		o.failed[meeting] = err
	default:
		o.receipts[meeting] = r
	}
}

func failAll[T any](o *outcome, meetings map[string]T, err error) {
	for meeting := range meetings {
		o.failed[meeting] = err
		delete(o.faster, meeting)
	}
}

// firstOf is what failed of one, and of how many.
func firstOf(failed map[string]error) error {
	if len(failed) == 0 {
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(failed)))
	return fmt.Errorf("%d erasures, that of meeting %s: %w", len(failed), first, failed[first])
}

// errLater is that others come first. The reconciler goes on.
var errLater = errors.New("the time is over")

// spell is work on one after the other for as long as there is time, and as the database and the bucket answer.
type spell struct {
	until time.Time // the first is tried in any case; zero: there is time
	begun bool
	away  error
}

// over is why no more of it is tried.
func (s *spell) over() error {
	if s.away == nil && s.begun && !s.until.IsZero() && time.Now().After(s.until) {
		return referent.E(referent.CodeTimeout, "pipeline: erase", errLater)
	}
	return s.away
}

func (s *spell) try(f func() error) error {
	if err := s.over(); err != nil {
		return err
	}
	s.begun = true
	err := f()
	if away(err) {
		s.away = err
	}
	return err
}

// eraseNow begins with a deletion, and finishes it.
func (p *Pipeline) eraseNow(ctx context.Context, meeting string, begin func() (begun, error)) (store.Receipt, error) {
	release, err := p.erasingAlone(ctx, p.erasing.patience)
	if err != nil {
		return store.Receipt{}, err
	}
	defer release()
	all, err := begin()
	if err != nil {
		return store.Receipt{}, err
	}
	ctx, cancel := p.finishing(ctx)
	defer cancel()
	out := p.finish(ctx, all)
	if out.faster[meeting] {
		return p.receiptOf(ctx, meeting)
	}
	return out.receipts[meeting], out.failed[meeting]
}

// receiptOf is the newest receipt of a meeting.
func (p *Pipeline) receiptOf(ctx context.Context, meeting string) (store.Receipt, error) {
	all, err := p.cfg.Store.Receipts(ctx, 0)
	if err != nil {
		return store.Receipt{}, err
	}
	i := slices.IndexFunc(all, func(r store.Receipt) bool { return r.Meeting == meeting })
	if i < 0 {
		return store.Receipt{}, referent.E(referent.CodeInternal, "pipeline: erase", errors.New("what has begun has no receipt"))
	}
	return all[i], nil
}

// finishing is a context for what a turn of this server has begun: it outlives the turn, since who leads next, or asks
// again, would only begin anew with what takes long. It ends with the server.
func (p *Pipeline) finishing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), eraseLimit)
	if life := p.life.Load(); life != nil {
		stop := context.AfterFunc(*life, cancel)
		return ctx, func() { stop(); cancel() }
	}
	return ctx, cancel
}

// finish goes on with deletions that have begun; each step may have been done before, and one that fails stops no other.
// To wipe keys and words out of the database's files takes as long for one as for hundreds, so it is done for all of them
// together, and not for those whose blobs cannot be removed now. The duty to erase is had.
func (p *Pipeline) finish(ctx context.Context, all begun) outcome {
	out := outcome{map[string]store.Receipt{}, map[string]bool{}, map[string]error{}}
	work := spell{until: time.Now().Add(p.erasing.stretch)}
	words := map[string]audioErasure{} // those lay in the index of the search too
	for meeting, gone := range all.parts {
		var r store.Receipt
		err := work.try(func() (err error) {
			if err = deleteBlobs(ctx, p.cfg.Vault, gone.Blobs); err == nil && gone.What != store.ErasedTranscript {
				r, err = p.endPart(ctx, meeting, gone)
			}
			return err
		})
		if err == nil && gone.What == store.ErasedTranscript {
			words[meeting] = gone
		} else {
			out.add(meeting, r, err)
		}
	}
	if err := p.wipe(ctx, words, all.meetings); err != nil {
		failAll(&out, words, err)
		failAll(&out, all.meetings, err)
		return out
	}
	var receipts spell
	for meeting, gone := range words {
		var r store.Receipt
		err := receipts.try(func() (err error) {
			r, err = p.endPart(ctx, meeting, gone)
			return err
		})
		out.add(meeting, r, err)
	}
	rowless := map[string]string{}
	// One object of a part that is refused each time must keep no meeting, so the bucket is asked again.
	work = spell{until: time.Now().Add(p.erasing.stretch), away: receipts.away}
	for meeting, by := range all.meetings {
		var r store.Receipt
		err := work.try(func() (err error) {
			r, err = p.eraseMeeting(ctx, meeting, by)
			return err
		})
		out.add(meeting, r, err)
		if err == nil || errors.Is(err, store.ErrNotFound) {
			rowless[meeting] = by
		}
	}
	if err := p.endMeetings(ctx, rowless); err != nil {
		failAll(&out, rowless, err)
	}
	return out
}

// wipe scrubs the words of transcripts, and the keys of meetings that were not yet, out of the database's files.
func (p *Pipeline) wipe(ctx context.Context, words map[string]audioErasure, meetings map[string]string) error {
	wiped := func(meeting string) bool { return p.erasing.wiped[meeting] }
	if len(words) == 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(meetings)), func(m string) bool { return !wiped(m) }) {
		return nil
	}
	if err := p.cfg.Store.Scrub(ctx); err != nil {
		return err
	}
	for meeting := range meetings {
		p.erasing.wiped[meeting] = true
	}
	return nil
}

// endMeetings scrubs the rows of meetings out of the database's files. The marks go last: until then no erasure is over.
func (p *Pipeline) endMeetings(ctx context.Context, rowless map[string]string) error {
	if len(rowless) == 0 {
		return nil
	}
	if err := p.cfg.Store.Scrub(ctx); err != nil {
		return err
	}
	failpoint.Hit("erase.scrubbed")
	err := p.do(ctx, func(ctx context.Context, s *step) error {
		return erasing.change(ctx, s, func(all map[string]string) { forget(all, rowless) })
	})
	if err == nil {
		forget(p.erasing.wiped, rowless)
	}
	return err
}

// forget takes the meetings that have gone out of a map.
func forget[T any](all map[string]T, gone map[string]string) {
	for meeting := range gone {
		delete(all, meeting)
	}
}

// finishErasures goes on with erasures that were interrupted.
func (p *Pipeline) finishErasures(ctx context.Context) error {
	all, err := p.begun(ctx)
	if err != nil || len(all.meetings)+len(all.parts) == 0 {
		return err
	}
	release, err := p.erasingAlone(ctx, 0)
	if errors.Is(err, errErasing) {
		return nil // what others leave is here at the next turn
	}
	if err != nil {
		return err
	}
	defer release()
	if all, err = p.begun(ctx); err != nil { // those that were under way then are over now
		return err
	}
	// Others may have finished some of them.
	maps.DeleteFunc(p.erasing.wiped, func(meeting string, _ bool) bool { _, open := all.meetings[meeting]; return !open })
	ctx, cancel := p.finishing(ctx)
	defer cancel()
	out := p.finish(ctx, all)
	maps.DeleteFunc(out.failed, func(_ string, err error) bool { return errors.Is(err, errLater) }) // it is gone on with
	return firstOf(out.failed)
}

// begun reads what has begun and is not over.
func (p *Pipeline) begun(ctx context.Context) (all begun, err error) {
	if all.meetings, err = erasing.read(ctx, p.cfg.Store); err != nil {
		return all, err
	}
	all.parts, err = erasingAudio.read(ctx, p.cfg.Store)
	return all, err
}
