package worker

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent/worker/protocol"
)

// checkpoints keeps what a job has done so far with the server, under the job's lease: the worker itself
// holds nothing that could be taken up again. It is the referent.Checkpoints of a stage.
type checkpoints struct {
	wire   wire
	keeper *keeper
}

// Load asks for what an earlier attempt saved under key.
func (c *checkpoints) Load(ctx context.Context, key string) ([]byte, error) {
	return c.ask(ctx, protocol.SubjectRecall, key, nil)
}

// Save returns when the server has it on disk.
func (c *checkpoints) Save(ctx context.Context, key string, data []byte) error {
	_, err := c.ask(ctx, protocol.SubjectCheckpoint, key, data)
	return err
}

func (c *checkpoints) ask(ctx context.Context, subject, key string, data []byte) ([]byte, error) {
	msg := nats.NewMsg(subject)
	msg.Header.Set(protocol.HeaderLease, c.keeper.lease.String())
	msg.Header.Set(protocol.HeaderKey, key)
	msg.Data = data
	reply, err := c.wire.askAt(ctx, &c.keeper.reads, msg)
	if err != nil {
		return nil, err
	}
	c.keeper.touch()
	if len(reply.Data) == 0 {
		return nil, nil
	}
	return reply.Data, nil
}
