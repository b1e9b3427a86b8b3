package worker

import (
	"context"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/referent/referent"
	"github.com/referent/referent/worker/protocol"
)

// resumeFunc writes minutes with what was saved before.
type resumeFunc func(ctx context.Context, done referent.Checkpoints) (*referent.Minutes, error)

func (f resumeFunc) Resume(ctx context.Context, _ *referent.Meeting, _ *referent.Transcript, _ *referent.Endpoint, done referent.Checkpoints, _ func(float64)) (*referent.Minutes, error) {
	return f(ctx, done)
}

// checkpoint is the desk's side of both requests: it gives back what was kept, and keeps what has come.
func (d *desk) checkpoint(m *nats.Msg) (*nats.Msg, error) {
	lease, err := protocol.ParseLease(m.Header.Get(protocol.HeaderLease))
	if err != nil {
		return nil, err
	}
	j, err := d.held(lease)
	if err != nil {
		return nil, err
	}
	key := m.Header.Get(protocol.HeaderKey)
	reply := nats.NewMsg(m.Reply)
	if _, request, _ := protocol.Asked(m.Subject); request == protocol.SubjectRecall {
		reply.Data = j.kept[key]
		return reply, nil
	}
	if j.kept == nil {
		j.kept = map[string][]byte{}
	}
	j.kept[key] = m.Data
	return reply, nil
}

// What a stage saves is there for the next attempt, though a word of the server is lost on the way.
func TestCheckpoints(t *testing.T) {
	d := newDesk(t)
	d.mute[protocol.SubjectCheckpoint] = 1
	d.add("m", &deskJob{task: protocol.Task{Stage: referent.StageMinutes},
		source: map[protocol.Source][]byte{protocol.SourceTranscript: []byte(`{}`)}})
	key := strings.Repeat("a", 64)
	d.hire(func(c *Config) {
		c.pace = outagePace()
		c.Stages = []referent.Stage{referent.StageMinutes}
		c.Minutes = resumeFunc(func(ctx context.Context, done referent.Checkpoints) (*referent.Minutes, error) {
			was, err := done.Load(ctx, key)
			if err != nil {
				return nil, err
			}
			if was != nil {
				return &referent.Minutes{Title: string(was)}, nil
			}
			if err := done.Save(ctx, key, []byte("halvveis")); err != nil {
				return nil, err
			}
			again, err := done.Load(ctx, key)
			return &referent.Minutes{Title: "lagret " + string(again)}, err
		})
	})
	d.waitFor("m", "the job is done", done)
	d.see("m", func(j *deskJob) {
		if !strings.Contains(string(j.result), "lagret halvveis") || string(j.kept[key]) != "halvveis" {
			t.Errorf("result %s, kept %q", j.result, j.kept)
		}
	})
}
