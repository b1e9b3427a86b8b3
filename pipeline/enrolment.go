package pipeline

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/store"
)

// EnrolmentLasts is how long a token is good for with which a worker enrols.
const EnrolmentLasts = time.Hour

// enrolmentPrefix begins every such token, so that one that leaks is known for what it is.
const enrolmentPrefix = "rfw_"

// maxLabel is how many letters a worker's label has at most.
const maxLabel = 100

// kickAgain is how long after a revocation connections are closed a second time: one that was let in by what was
// read just before is up by then.
const kickAgain = 6 * time.Second

// MakeEnrolment makes a token with which one worker enrols, once and within [EnrolmentLasts]; by is a user id. The
// stages are those whose jobs the worker may do, none for all. CodeInvalid: there is no label, or a stage that workers
// do not do.
func (p *Pipeline) MakeEnrolment(ctx context.Context, by, label string, stages []referent.Stage) (token string, e *store.Enrolment, err error) {
	const op = "pipeline: make enrolment"
	label = strings.Join(strings.Fields(label), " ")
	if by == "" || label == "" || utf8.RuneCountInString(label) > maxLabel || printable(label, len(label)) != label {
		return "", nil, invalid(op, "somebody gives the worker a label of at most 100 characters")
	}
	for _, s := range stages {
		if !slices.Contains(queue.Stages, s) {
			return "", nil, invalid(op, "stages are prepare, transcribe, minutes and live")
		}
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", nil, referent.E(referent.CodeInternal, op, err)
	}
	token = enrolmentPrefix + base64.RawURLEncoding.EncodeToString(secret)
	now := p.now()
	e = &store.Enrolment{TokenHash: enrolmentHash(token), Label: label, Stages: slices.Compact(slices.Sorted(slices.Values(stages))),
		By: by, Made: now, Expires: now.Add(EnrolmentLasts)}
	return token, e, p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		return errors.Join(tx.DeleteEnrolments(ctx, now), tx.PutEnrolment(ctx, e), tx.AddAct(ctx, &store.Act{What: store.ActEnrolment, By: by, At: now}))
	})
}

func enrolmentHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// EnrolmentMessage is what a worker signs with its key when it enrols: that it holds the seed, for this token alone.
func EnrolmentMessage(token string) string { return "referent worker enrol " + token }

// Enrol lets the worker with a public key in, by a token that is used up with it. CodeInvalid: the key is none, or not
// whose signature it is. CodeForbidden: the token is not good, or not any more. CodeConflict: the key has been let in before.
func (p *Pipeline) Enrol(ctx context.Context, token, key string, signature []byte) (*store.Worker, error) {
	const op = "pipeline: enrol worker"
	if !queue.IsWorkerKey(key) || !queue.Signed(key, EnrolmentMessage(token), signature) {
		return nil, invalid(op, "a worker signs with the key that it hands in")
	}
	refuse := referent.E(referent.CodeForbidden, op, errors.New("the token is not good")).
		WithHint("a token works once and for an hour; make a new one with referent workers enrol-token")
	// Strangers who guess must not keep the writer of the database busy.
	if _, err := p.cfg.Store.Enrolment(ctx, enrolmentHash(token)); errors.Is(err, store.ErrNotFound) {
		return nil, refuse
	} else if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	var w *store.Worker
	err = p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		e, err := tx.Enrolment(ctx, enrolmentHash(token))
		if errors.Is(err, store.ErrNotFound) {
			return refuse
		}
		if err != nil {
			return err
		}
		if now := p.now(); !now.Before(e.Expires) {
			return refuse
		}
		if _, err := tx.Worker(ctx, key); !errors.Is(err, store.ErrNotFound) {
			return errors.Join(err, refused(op, "the key has been let in before"))
		}
		w = &store.Worker{ID: id, Key: key, Label: e.Label, Stages: e.Stages, By: e.By, Made: p.now()}
		if err := tx.DeleteEnrolment(ctx, e.TokenHash); err != nil {
			return err
		}
		if err := tx.PutWorker(ctx, w); err != nil {
			return err
		}
		return tx.AddAct(ctx, &store.Act{What: store.ActWorkerEnrolled, By: e.By, Worker: w.ID, At: w.Made})
	})
	if err != nil {
		return nil, err
	}
	p.cfg.Log.Info("worker enrolled", "worker", w.ID)
	return w, nil
}

// RevokeWorker shuts a worker out, from this moment: whatever it asks is refused by every server, its connections are
// closed, and its jobs go to others without the attempt being counted. by is a user id. That it is revoked already is
// no error. CodeConflict: the key is this server's own. store.ErrNotFound: there is no such worker.
func (p *Pipeline) RevokeWorker(ctx context.Context, id, by string) (*store.Worker, error) {
	const op = "pipeline: revoke worker"
	if by == "" {
		return nil, invalid(op, "somebody must ask for it")
	}
	ctx = context.WithoutCancel(ctx) // begun, it is done
	var w *store.Worker
	err := p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		all, err := tx.Workers(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(w store.Worker) bool { return w.ID == id })
		if i < 0 {
			return referent.E(referent.CodeNotFound, op, store.ErrNotFound)
		}
		w = &all[i]
		if w.Key == p.cfg.OwnKey {
			return refused(op, "the server's own workers are let in by the server itself")
		}
		if !w.Admitted() {
			return nil
		}
		w.Revoked, w.RevokedBy = p.now(), by
		if err := tx.PutWorker(ctx, w); err != nil {
			return err
		}
		return tx.AddAct(ctx, &store.Act{What: store.ActWorkerRevoked, By: by, Worker: w.ID, At: w.Revoked})
	})
	if err != nil {
		return nil, err
	}
	p.cfg.Log.Info("worker revoked", "worker", w.ID)
	// What follows also comes about by itself: leases run out, and nothing that the worker asks is answered.
	p.disconnect(ctx, w)
	time.AfterFunc(kickAgain, func() { p.disconnect(ctx, w) })
	if !w.Own { // those of another server have names that do not tell whose they are
		err = p.takeBack(ctx, WorkerPrefix(w.ID))
	}
	return w, err
}

func (p *Pipeline) disconnect(ctx context.Context, w *store.Worker) {
	if p.cfg.Disconnect == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := p.cfg.Disconnect(ctx, w.Key); err != nil {
		p.cfg.Log.Warn("connections of a revoked worker not closed; what it asks is refused all the same", "worker", w.ID, "error", err)
	}
}

// takeBack gives the jobs of the workers with a prefix to others, as if they had left in good order.
func (p *Pipeline) takeBack(ctx context.Context, prefix string) error {
	return p.takeFrom(ctx, prefix, func(j *referent.Job) error {
		err := p.giveBack(ctx, j.ID, j.Epoch, referent.CodeCancelled)
		if referent.CodeOf(err) == referent.CodeLeaseLost {
			return nil
		}
		return err
	})
}

// admitOwn writes down the key of the workers on this machine. Where this server is the only one, one that it had before
// is shut out: its file may lie anywhere. Those of several servers are told apart by nobody but people, who revoke them.
// CodeConfig: the key was revoked.
func (p *Pipeline) admitOwn(ctx context.Context) error {
	const op = "pipeline: admit own workers"
	if p.cfg.OwnKey == "" {
		return nil
	}
	return p.cfg.Store.Tx(ctx, func(tx store.Tx) error {
		if err := p.shutOutReplaced(ctx, tx); err != nil {
			return err
		}
		w, err := tx.Worker(ctx, p.cfg.OwnKey)
		switch {
		case err == nil && !w.Admitted():
			return referent.E(referent.CodeConfig, op, errors.New("the key of this server's own workers was revoked")).
				WithHint("remove keys/%s from the data folder to have a new one made", queue.WorkerSeedFile)
		case err == nil || !errors.Is(err, store.ErrNotFound):
			return err
		}
		id, err := newID()
		if err != nil {
			return err
		}
		return tx.PutWorker(ctx, &store.Worker{ID: id, Key: p.cfg.OwnKey, Own: true, Made: p.now()})
	})
}

func (p *Pipeline) shutOutReplaced(ctx context.Context, tx store.Tx) error {
	if !p.alone() {
		return nil
	}
	all, err := tx.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range all {
		if !w.Own || w.Key == p.cfg.OwnKey || !w.Admitted() {
			continue
		}
		w.Revoked = p.now()
		if err := tx.PutWorker(ctx, &w); err != nil {
			return err
		}
		p.cfg.Log.Warn("a key that this server's own workers had before is shut out", "worker", w.ID)
	}
	return nil
}

// AdmitFrom decides by the database which workers may connect.
func AdmitFrom(db store.Reader) queue.Admit {
	return func(ctx context.Context, key string) (queue.Admission, error) {
		w, err := admitted(ctx, db, key)
		if err != nil {
			return queue.Admission{}, err
		}
		return queue.Admission{Stages: w.Stages, Own: w.Own}, nil
	}
}
