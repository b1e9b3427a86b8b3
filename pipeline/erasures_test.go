package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/store/blob/faulty"
)

// scrubs counts how often the database's files are scrubbed, and calls before each time.
type scrubs struct {
	store.Store
	n      int
	before func(ctx context.Context, n int)
}

func (s *scrubs) Scrub(ctx context.Context) error {
	s.n++
	if s.before != nil {
		s.before(ctx, s.n)
	}
	return s.Store.Scrub(ctx)
}

// calendarFor makes n meetings of which the calendar will take the transcript and n of which it will take all, and lets
// their time come.
func calendarFor(t *testing.T, n int) (r *rig, words, whole []string) {
	t.Helper()
	r = newRig(t, func(c *Config) {
		c.Retention = &retention.Rules{Default: retention.Rule{Audio: 1, Transcript: 20, Minutes: retention.Never, Unapproved: 15}}
	})
	for range n {
		words, whole = append(words, r.approved().ID), append(whole, r.finished().ID)
	}
	ok(t, r.p.reconcile(t.Context())) // tells the rules
	for range 21 {
		r.clock.advance(day)
		_, err := r.p.PreviewPurge(t.Context(), r.clock.now()) // as a server that runs would have looked
		ok(t, err)
	}
	return r, words, whole
}

// retiredAll holds that the calendar has taken the transcripts of some and all of others, each told by one receipt.
func (r *rig) retiredAll(words, whole []string) {
	r.t.Helper()
	for _, id := range whole {
		if what := r.erased(id); !slices.Equal(what, []string{store.ErasedMeeting}) {
			r.t.Errorf("receipts of a meeting: %v", what)
		}
		r.retired(id)
	}
	for _, id := range words {
		if what := r.erased(id); !slices.Equal(what, []string{store.ErasedTranscript}) {
			r.t.Errorf("receipts of a transcript: %v", what)
		}
		_, err := r.p.Transcript(r.t.Context(), id)
		wantCode(r.t, err, referent.CodeNotFound)
		_, err = r.p.Minutes(r.t.Context(), id, 0)
		ok(r.t, err)
	}
	open, err := r.p.begun(r.t.Context())
	ok(r.t, err)
	if len(open.meetings)+len(open.parts) != 0 {
		r.t.Errorf("not over: %+v", open)
	}
}

// The files are scrubbed for all that the calendar takes in a turn together: in a large database that takes minutes.
func TestCalendarScrubsForAll(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	counted := &scrubs{Store: r.db}
	ok(t, r.newPipeline(counted).retire(t.Context()))
	r.retiredAll(words, whole)
	if counted.n != 2 {
		t.Errorf("the files were scrubbed %d times", counted.n)
	}
}

// Sound lies in no index, and transcripts need no second time.
func TestCalendarScrubsForWordsOnce(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Retention = &retention.Rules{Default: retention.Rule{Audio: 10, Transcript: 20, Minutes: retention.Never, Unapproved: retention.Never}}
	})
	m := r.approved()
	r.withoutSecrets(r.finished().ID) // its words would be found
	counted := &scrubs{Store: r.db}
	r.p = r.newPipeline(counted)
	r.passes(11)
	if what := r.erased(m.ID); !slices.Equal(what, []string{store.ErasedAudio}) || counted.n != 0 {
		t.Errorf("for %v the files were scrubbed %d times", what, counted.n)
	}
	r.passes(10)
	if what := r.erased(m.ID); !slices.Equal(what, []string{store.ErasedAudio, store.ErasedTranscript}) || counted.n != 1 {
		t.Errorf("for %v the files were scrubbed %d times", what, counted.n)
	}
	if at := r.find("hemmeligheten"); len(at) != 0 {
		t.Errorf("what was said is left in %v", at)
	}
}

// What tells that something is erased is written when its bytes are gone, in this order: the blobs of transcripts, keys and
// words out of the files, receipts, rows out of the files, the end of the marks.
func TestReceiptsComeAfterTheBytes(t *testing.T) {
	r, words, whole := calendarFor(t, 2)
	counted := &scrubs{Store: r.db}
	counted.before = func(ctx context.Context, n int) {
		open, err := r.p.begun(ctx)
		ok(t, err)
		for _, id := range words {
			names, err := r.folder.List(ctx, id)
			ok(t, err)
			gone, marked := open.parts[id]
			if what := r.erased(id); n == 1 && (len(what) != 0 || !marked) {
				t.Errorf("before its words are wiped out receipts of a transcript are %v, and it is marked: %v", what, marked)
			}
			for _, name := range gone.Blobs {
				if slices.Contains(names, name) {
					t.Errorf("before the files are scrubbed a blob of a transcript is there: %s", name)
				}
			}
		}
		for _, id := range whole {
			_, err := r.db.Meeting(ctx, id)
			if n == 2 && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a meeting's rows are there: %v", err)
			}
			_, marked := open.meetings[id]
			if what := r.erased(id); !marked || n == 1 && len(what) != 0 {
				t.Errorf("before the files are scrubbed for the %d. time receipts of a meeting are %v, and it is marked: %v", n, what, marked)
			}
		}
	}
	ok(t, r.newPipeline(counted).retire(t.Context()))
	if counted.n != 2 {
		t.Errorf("the files were scrubbed %d times", counted.n)
	}
	r.retiredAll(words, whole)
}

// A turn of the calendar that dies at any step is finished by the next server.
func TestCalendarIsFinishedAfterACrashAtAnyStep(t *testing.T) {
	for steps := 1; ; steps++ {
		r, words, whole := calendarFor(t, 1)
		err := r.newPipelineOn(&mortal{Store: r.db, left: steps}).retire(t.Context())
		if err == nil {
			if steps < len(words)+len(whole)+2 {
				t.Fatalf("it takes only %d writes", steps)
			}
			r.retiredAll(words, whole)
			return
		}
		if !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		r.restart()
		ok(t, r.p.reconcile(t.Context()))
		r.retiredAll(words, whole)
		if t.Failed() {
			t.Fatalf("after %d writes", steps)
		}
	}
}

// A meeting whose blobs cannot be removed keeps no other, is told as failed, and goes when they can.
func TestOneThatFailsKeepsNoOther(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	r.bucket.Break(faulty.FailOnce(faulty.OpDeleteAll, errors.New("I/O error")))
	p, err := r.p.Purge(t.Context(), nil)
	ok(t, err)
	if len(p.Failed) != 1 || !slices.Contains(whole, p.Failed[0].Meeting) || len(p.Meetings) != len(words)+len(whole)-1 || p.Counts["meeting"] != 2 || p.Counts["transcript"] != 3 {
		t.Errorf("it tells %+v", p)
	}
	r.bucket.Heal()
	ok(t, r.p.reconcile(t.Context()))
	r.retiredAll(words, whole)
}

// What cannot be removed is tried at each turn, and the files are not scrubbed for it again and again.
func TestWhatStaysIsNotScrubbedForAgain(t *testing.T) {
	r, words, whole := calendarFor(t, 2)
	stuck := &stuckBucket{Bucket: r.bucket, stuck: map[string]bool{words[0]: true, whole[0]: true}, err: errors.New("I/O error")}
	counted := &scrubs{Store: r.db}
	p := r.newPipelineOver(counted, stuck)
	if err := p.retire(t.Context()); err == nil {
		t.Error("it went well")
	}
	for range 5 {
		if err := p.finishErasures(t.Context()); err == nil {
			t.Error("it went well")
		}
	}
	if counted.n != 2 {
		t.Errorf("the files were scrubbed %d times", counted.n)
	}
	if a, b, c, d := r.erased(words[0]), r.erased(whole[0]), r.erased(words[1]), r.erased(whole[1]); len(a)+len(b) != 0 || len(c) != 1 || len(d) != 1 {
		t.Errorf("receipts of what stays: %v, %v; of what went: %v, %v", a, b, c, d)
	}
	stuck.stuck = nil
	ok(t, p.finishErasures(t.Context()))
	r.retiredAll(words, whole)
	if counted.n != 4 { // the words', the rows'
		t.Errorf("the files were scrubbed %d times", counted.n)
	}
}

// A bucket that does not answer is asked for one part and one meeting in a turn, not for each: each time takes a minute.
func TestABucketThatIsAwayIsAskedTwice(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	away := &stuckBucket{Bucket: r.bucket, err: referent.E(referent.CodeUnavailable, "s3: delete", nil)}
	away.stuck = map[string]bool{}
	for _, id := range append(words, whole...) {
		away.stuck[id] = true
	}
	counted := &scrubs{Store: r.db}
	p := r.newPipelineOver(counted, away)
	told, err := p.Purge(t.Context(), nil)
	ok(t, err)
	if len(told.Failed) != 6 || away.asked != 2 {
		t.Errorf("%d failed, and the bucket was asked %d times", len(told.Failed), away.asked)
	}
	for range 3 {
		wantCode(t, p.finishErasures(t.Context()), referent.CodeUnavailable)
	}
	if away.asked != 8 || counted.n != 1 { // the keys
		t.Errorf("it was asked %d times, and the files were scrubbed %d times", away.asked, counted.n)
	}
	away.stuck = nil
	ok(t, p.finishErasures(t.Context()))
	r.retiredAll(words, whole)
}

// One object that is refused as if the bucket were away keeps nothing of the other kind.
func TestOneThatIsRefusedKeepsNoOtherKind(t *testing.T) {
	for _, part := range []bool{true, false} {
		r, words, whole := calendarFor(t, 1)
		stays, goes := whole[0], words[0]
		if part {
			stays, goes = goes, stays
		}
		refused := &stuckBucket{Bucket: r.bucket, err: referent.E(referent.CodeUnavailable, "s3: delete", nil), stuck: map[string]bool{stays: true}}
		p := r.newPipelineOver(r.db, refused)
		wantCode(t, p.retire(t.Context()), referent.CodeUnavailable)
		if a, b := r.erased(stays), r.erased(goes); len(a) != 0 || len(b) != 1 {
			t.Errorf("receipts of what stays: %v; of what goes: %v", a, b)
		}
		refused.stuck = nil
		ok(t, p.finishErasures(t.Context()))
		r.retiredAll(words, whole)
	}
}

// Somebody who hangs up, or a lead that is lost, does not end what has begun.
func TestWhatHasBegunOutlivesItsTurn(t *testing.T) {
	r, words, whole := calendarFor(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	counted := &scrubs{Store: r.db, before: func(context.Context, int) { cancel() }}
	p := r.newPipeline(counted)
	ok(t, p.retire(ctx))
	r.retiredAll(words, whole)
}

// A server that stops does not wait until the files are scrubbed; the next one goes on.
func TestAServerThatStopsEndsItsErasures(t *testing.T) {
	r, words, whole := calendarFor(t, 1)
	at := make(chan struct{})
	counted := &scrubs{Store: r.db}
	counted.before = func(ctx context.Context, n int) {
		if n == 1 {
			close(at)
			<-ctx.Done()
		}
	}
	r.p = r.newPipeline(counted)
	r.run()
	<-at
	r.halt()
	r.restart()
	ok(t, r.p.reconcile(t.Context()))
	r.retiredAll(words, whole)
}

// A server that stops ends what somebody wanted erased too, and the next one goes on.
func TestAServerThatStopsEndsAPersonsErasure(t *testing.T) {
	r := newRig(t, nil)
	m := r.create(1000)
	at := make(chan bool, 1)
	r.p = r.newPipeline(&scrubs{Store: r.db, before: func(ctx context.Context, n int) {
		if n > 1 {
			return
		}
		_, limited := ctx.Deadline()
		at <- limited
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
			t.Error("it goes on")
		}
	}})
	r.run()
	done := make(chan error, 1)
	go func() { done <- second(r.p.Delete(context.Background(), m.ID, "user-1")) }()
	if limited := <-at; !limited {
		t.Error("what hangs has no end")
	}
	r.halt()
	if err := <-done; err == nil {
		t.Error("it went well")
	}
	r.restart()
	ok(t, r.p.reconcile(t.Context()))
	r.gone(m.ID)
}

// What two who both think that they have the duty finish has one receipt, and what has gone since it was read is not
// forgotten.
func TestAnErasureHasOneReceipt(t *testing.T) {
	r, words, whole := calendarFor(t, 1)
	away := &stuckBucket{Bucket: r.bucket, err: errors.New("I/O error"), stuck: map[string]bool{words[0]: true, whole[0]: true}}
	_, err := r.newPipelineOver(r.db, away).Purge(t.Context(), nil)
	ok(t, err)
	all, err := r.p.begun(t.Context())
	ok(t, err)
	fewer := all.parts[words[0]]
	fewer.Blobs = fewer.Blobs[1:]
	wantCode(t, second(r.p.endPart(t.Context(), words[0], fewer)), referent.CodeNotFound)
	if what := r.erased(words[0]); len(what) != 0 {
		t.Errorf("receipts: %v", what)
	}
	if out := r.p.finish(t.Context(), all); len(out.failed) != 0 {
		t.Error(out.failed)
	}
	for about, err := range r.p.finish(t.Context(), all).failed {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", about, err)
		}
	}
	r.retiredAll(words, whole)
}

// Others wait for little: a turn begins with no more than can be finished soon, and leaves the rest.
func TestOneTurnIsSmall(t *testing.T) {
	r, words, whole := calendarFor(t, 2)
	erased := func() (n int) {
		for _, id := range append(words, whole...) {
			n += len(r.erased(id))
		}
		return n
	}
	r.p.erasing.blobs = 1 // of whole meetings no blob is named: those go together with the first that names some
	first, err := r.p.Purge(t.Context(), nil)
	ok(t, err)
	if n := erased(); n != len(first.Meetings) || n == 0 || first.More != 4-n || first.Counts["transcript"] > 1 {
		t.Errorf("%d are erased; it tells %+v", n, first)
	}
	r.p.erasing.blobs, r.p.erasing.stretch = eraseBlobs, time.Nanosecond
	before := erased()
	ok(t, r.p.retire(t.Context()))
	if n := erased(); n != before+1 {
		t.Errorf("%d are erased, %d were", n, before)
	}
	for range 4 {
		ok(t, r.p.reconcile(t.Context()))
	}
	r.retiredAll(words, whole)
}

// While what has begun stays, no more is begun than could be finished soon.
func TestWhatHasBegunDoesNotPileUp(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	stuck := &stuckBucket{Bucket: r.bucket, err: errors.New("I/O error"), stuck: map[string]bool{}}
	for _, id := range append(words, whole...) {
		stuck.stuck[id] = true
	}
	p := r.newPipelineOver(r.db, stuck)
	p.erasing.blobs = 1
	for range 4 {
		_, err := p.Purge(t.Context(), nil)
		ok(t, err)
	}
	all, err := p.begun(t.Context())
	ok(t, err)
	if len(all.parts) != 1 {
		t.Errorf("%d parts with %d blobs have begun", len(all.parts), all.blobs())
	}
	stuck.stuck, p.erasing.blobs = nil, eraseBlobs
	for range 2 {
		p.retireNext = time.Time{}
		ok(t, p.reconcile(t.Context()))
	}
	r.retiredAll(words, whole)
	if n := len(p.erasing.wiped); n != 0 {
		t.Errorf("%d meetings are remembered", n)
	}
}

// What takes long when it has begun is left to the next turn, and no error.
func TestWhatTakesLongGoesOnAtTheNextTurn(t *testing.T) {
	r, words, whole := calendarFor(t, 2)
	stuck := &stuckBucket{Bucket: r.bucket, err: errors.New("I/O error"), stuck: map[string]bool{words[0]: true, words[1]: true, whole[0]: true, whole[1]: true}}
	p := r.newPipelineOver(r.db, stuck)
	_, err := p.Purge(t.Context(), nil)
	ok(t, err)
	stuck.stuck, p.erasing.stretch = nil, time.Nanosecond
	ok(t, p.finishErasures(t.Context()))
	n := 0
	for _, id := range append(words, whole...) {
		n += len(r.erased(id))
	}
	if n != 2 { // one of the parts, one of the meetings
		t.Errorf("%d went", n)
	}
	ok(t, p.finishErasures(t.Context()))
	r.retiredAll(words, whole)
}

// A purge tells what takes long apart from what failed: it has begun and goes on by itself.
func TestPurgeTellsWhatGoesOn(t *testing.T) {
	r, words, whole := calendarFor(t, 3)
	var p *Pipeline
	p = r.newPipeline(&scrubs{Store: r.db, before: func(context.Context, int) { p.erasing.stretch = time.Nanosecond }})
	told, err := p.Purge(t.Context(), nil)
	ok(t, err)
	if len(told.Failed) != 0 || len(told.Meetings) != 4 || told.Begun != 2 || told.More != 0 { // the parts, a meeting
		t.Errorf("it tells %+v", told)
	}
	for range 2 {
		ok(t, r.p.reconcile(t.Context()))
	}
	r.retiredAll(words, whole)
}

// What another server that thinks it has the duty finishes first is gone, and its receipt is the one.
func TestWhatAnotherFinishesIsGone(t *testing.T) {
	r, words, whole := calendarFor(t, 1)
	mine := r.create(1000)
	counted := &scrubs{Store: r.db}
	counted.before = func(ctx context.Context, n int) {
		if n == 1 {
			all, err := r.p.begun(ctx)
			ok(t, err)
			if out := r.p.finish(ctx, all); len(out.failed) != 0 {
				t.Error(out.failed)
			}
		}
	}
	p := r.newPipeline(counted)
	told, err := p.Purge(t.Context(), nil)
	ok(t, err)
	if len(told.Failed) != 0 || len(told.Meetings) != 2 {
		t.Errorf("it tells %+v", told)
	}
	r.retiredAll(words, whole)
	counted.n = 0
	receipt, err := p.Delete(t.Context(), mine.ID, "user-1")
	ok(t, err)
	if receipt.Meeting != mine.ID || receipt.By != "user-1" || !receipt.KeyGone {
		t.Errorf("its receipt: %+v", receipt)
	}
	r.gone(mine.ID)
}

// Who wants something erased while the calendar is at it comes next, and whoever hangs up while waiting has erased nothing.
func TestAPersonWaitsForOneTurnOnly(t *testing.T) {
	r, words, whole := calendarFor(t, 2)
	mine, kept := r.create(1000), r.create(1000)
	at, on := make(chan struct{}), make(chan struct{})
	counted := &scrubs{Store: r.db, before: func(_ context.Context, n int) {
		if n == 1 {
			close(at)
			<-on
		}
	}}
	p := r.newPipeline(counted)
	p.erasing.stretch = time.Nanosecond // one at a time
	turn := make(chan error, 1)
	go func() { turn <- p.retire(t.Context()) }()
	<-at
	ctx, cancel := context.WithCancel(t.Context())
	hungUp := make(chan error, 1)
	go func() { hungUp <- second(p.Delete(ctx, kept.ID, "user-1")) }()
	done := make(chan error, 1)
	go func() { done <- second(p.Delete(t.Context(), mine.ID, "user-1")) }()
	ok(t, p.finishErasures(t.Context())) // goes on with other things
	cancel()
	wantCode(t, <-hungUp, referent.CodeCancelled)
	close(on)
	ok(t, <-turn)
	ok(t, <-done)
	r.gone(mine.ID)
	if m := r.meeting(kept.ID); m.State == referent.StatePurged {
		t.Error("what nobody waited for is erased")
	}
	n := 0
	for _, id := range append(words, whole...) {
		n += len(r.erased(id))
	}
	if n != 1 {
		t.Errorf("it waited for %d", n)
	}
}

// A purge that waited for others reads the calendar when it is its turn, and looks at each meeting again.
func TestPurgeTakesWhatIsDueThen(t *testing.T) {
	r, words, whole := calendarFor(t, 1)
	ok(t, r.p.erasing.take(t.Context(), 0))
	type answer struct {
		Purge
		err error
	}
	var seen []string
	got := make(chan answer, 1)
	go func() {
		p, err := r.p.Purge(t.Context(), func(ctx context.Context, meetings []string) error {
			seen = meetings
			v, err := r.p.MinutesVersion(ctx, words[0], 0) // somebody takes them up again just now
			if err != nil {
				return err
			}
			return saved(r.p.Reopen(ctx, words[0], another, v.Version))
		})
		got <- answer{p, err}
	}()
	time.Sleep(300 * time.Millisecond) // it waits
	_, err := r.p.beginMeeting(t.Context(), whole[0], store.ByRetention, nil)
	ok(t, err)
	r.p.erasing.end()
	p := <-got
	ok(t, p.err)
	if !slices.Equal(seen, words) || len(p.Meetings) != 0 || len(p.Failed) != 0 || p.More != 0 {
		t.Errorf("it was %v's turn; it tells %+v", seen, p.Purge)
	}
	if what := r.erased(words[0]); len(what) != 0 {
		t.Errorf("erased: %v", what)
	}
}

// What is due no more goes neither by the calendar as it was read before, whichever part it was.
func TestWhatIsDueNoMoreStays(t *testing.T) {
	r := keeping(t, retention.Rule{Audio: 1, Transcript: retention.Never, Minutes: retention.Never, Unapproved: 15})
	ok(t, r.p.reconcile(t.Context()))
	sound, whole := r.approved(), r.finished()
	for range 21 {
		r.clock.advance(day)
		_, err := r.p.PreviewPurge(t.Context(), r.clock.now())
		ok(t, err)
	}
	p, err := r.p.Purge(t.Context(), func(ctx context.Context, meetings []string) error {
		if !slices.Equal(meetings, []string{whole.ID, sound.ID}) { // what the files are scrubbed for first
			t.Errorf("it is the turn of %v", meetings)
		}
		v, err := r.p.MinutesVersion(ctx, sound.ID, 0)
		if err != nil {
			return err
		}
		if err := saved(r.p.Reopen(ctx, sound.ID, another, v.Version)); err != nil {
			return err
		}
		_, err = r.p.EditTranscript(ctx, whole.ID, "user-1", 0, nameSpeaker("S1", "Kari")) // somebody works on it
		return err
	})
	ok(t, err)
	if len(p.Meetings) != 0 || len(r.erased(sound.ID))+len(r.erased(whole.ID)) != 0 {
		t.Errorf("it erased %+v", p)
	}
}

// stuckBucket removes nothing of some meetings, and calls before each time.
type stuckBucket struct {
	blob.Bucket
	stuck  map[string]bool
	err    error
	asked  int // in vain
	before func()
}

func (b *stuckBucket) refuse() error {
	b.asked++
	if b.before != nil {
		b.before()
	}
	return b.err
}

func (b *stuckBucket) Delete(ctx context.Context, name string) error {
	meeting, _, _ := strings.Cut(name, "/")
	if b.stuck[meeting] {
		return b.refuse()
	}
	return b.Bucket.Delete(ctx, name)
}

func (b *stuckBucket) DeleteAll(ctx context.Context, meeting string) (int, int64, error) {
	if b.stuck[meeting] {
		return 0, 0, b.refuse()
	}
	return b.Bucket.DeleteAll(ctx, meeting)
}

// newPipelineOver makes a pipeline over another database and bucket.
func (r *rig) newPipelineOver(db store.Store, b blob.Bucket) *Pipeline {
	r.t.Helper()
	ring, err := blob.OpenKeyring(filepath.Join(r.dir, "keyring"))
	ok(r.t, err)
	before := r.vault
	defer func() { r.vault = before }()
	r.vault = blob.NewVault(b, ring)
	return r.newPipeline(db)
}
