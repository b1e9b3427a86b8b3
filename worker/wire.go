package worker

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/worker/protocol"
)

// wire asks the server. A server that is away is asked again until the context ends; a server that
// answers with an error is believed.
type wire struct {
	nc   *nats.Conn
	pace pace
}

// signed is msg as it goes out: in the name that the nats-server knows this worker by.
func (w wire) signed(msg *nats.Msg) *nats.Msg {
	return &nats.Msg{Subject: protocol.From(queue.KeyOf(w.nc), msg.Subject), Header: msg.Header, Data: msg.Data}
}

// once sends msg a single time. away tells that no answer came, so that the server may or may not
// have acted on it.
func (w wire) once(ctx context.Context, msg *nats.Msg) (reply *nats.Msg, away bool, err error) {
	const op = "worker: ask server"
	ctx, cancel := context.WithTimeout(ctx, w.pace.reply)
	defer cancel()
	reply, err = w.nc.RequestMsgWithContext(ctx, w.signed(msg))
	switch {
	case errors.Is(err, context.Canceled):
		return nil, false, referent.E(referent.CodeCancelled, op, err)
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrMaxPayload):
		return nil, false, referent.E(referent.CodeInternal, op, err)
	case err != nil:
		return nil, true, referent.E(referent.CodeUnavailable, op, err)
	}
	if code := reply.Header.Get(protocol.HeaderCode); code != "" {
		err := referent.E(referent.Code(code), "worker: "+msg.Subject, errors.New(reply.Header.Get(protocol.HeaderDetail)))
		// A server that starts or stops says so; it is as good as away.
		return nil, err.Code == referent.CodeUnavailable, err
	}
	return reply, false, nil
}

// ask sends msg, to whichever server answers, until there is an answer or ctx ends, so it is for requests that may be
// repeated.
func (w wire) ask(ctx context.Context, msg *nats.Msg) (*nats.Msg, error) {
	return w.askAt(ctx, new(home), msg)
}

// stopped is the error of work that ctx ended: why it ended, and what was in the way.
func stopped(ctx context.Context, op string, err error) error {
	if cause := context.Cause(ctx); referent.CodeOf(cause) != referent.CodeInternal {
		return cause
	}
	code := referent.CodeCancelled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		code = referent.CodeTimeout
	}
	return referent.E(code, op, errors.Join(ctx.Err(), err))
}

func jsonMsg(subject string, body any) (*nats.Msg, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, referent.E(referent.CodeInternal, "worker: encode request", err)
	}
	return &nats.Msg{Subject: subject, Data: data}, nil
}

// tell sends a request without content in its answer, until it is answered.
func (w wire) tell(ctx context.Context, subject string, body any) error {
	return w.tellAt(ctx, new(home), subject, body)
}

// tellAt is tell to the server that is h.
func (w wire) tellAt(ctx context.Context, h *home, subject string, body any) error {
	msg, err := jsonMsg(subject, body)
	if err != nil {
		return err
	}
	_, err = w.askAt(ctx, h, msg)
	return err
}

// claim asks for a lease, once: whether an unanswered claim was granted cannot be known.
func (w wire) claim(ctx context.Context, req protocol.ClaimRequest) (protocol.ClaimReply, bool, error) {
	return onceJSON[protocol.ClaimReply](ctx, w, protocol.SubjectClaim, req)
}

// extend keeps the lease, once.
func (w wire) extend(ctx context.Context, req protocol.ExtendRequest) (protocol.ExtendReply, bool, error) {
	w.pace.reply = min(w.pace.reply, w.pace.brief)
	return onceJSON[protocol.ExtendReply](ctx, w, protocol.SubjectExtend, req)
}

// onceJSON asks once and reads the answer; away: nobody answered.
func onceJSON[Reply any](ctx context.Context, w wire, subject string, req any) (reply Reply, away bool, err error) {
	msg, err := jsonMsg(subject, req)
	if err != nil {
		return reply, false, err
	}
	answer, away, err := w.once(ctx, msg)
	if err != nil {
		return reply, away, err
	}
	if err := json.Unmarshal(answer.Data, &reply); err != nil {
		return reply, false, referent.E(referent.CodeInternal, "worker: read answer to "+subject, err)
	}
	return reply, false, nil
}
