package summarize_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/referent/referent"
)

// shelf keeps checkpoints in memory. How the server keeps them is tested in package pipeline.
type shelf struct {
	kept   map[string][]byte
	loaded int
	full   error // of Save
}

func (s *shelf) Load(_ context.Context, key string) ([]byte, error) {
	if s.kept[key] != nil {
		s.loaded++
	}
	return s.kept[key], nil
}

func (s *shelf) Save(_ context.Context, key string, data []byte) error {
	if s.full != nil {
		return s.full
	}
	s.kept[key] = bytes.Clone(data)
	return nil
}

// What was answered before an attempt ended is not asked again, and the minutes are those of an attempt
// that never ended. Text of another transcript, or another model's, is.
func TestResume(t *testing.T) {
	m, _ := shortMeeting()
	tr := lengthy(300)
	for name, s := range map[string]*aServer{
		"counts":      {kind: "llama.cpp", context: 4096},
		"is measured": {kind: "openai", context: 4096},
		"has no JSON": {kind: "openai", context: 4096, refuses: "response_format"},
		"drops text":  {kind: "ollama", context: 3584},
	} {
		t.Run(name, func(t *testing.T) {
			var stop atomic.Pointer[context.CancelFunc]
			s.t = t
			s.reply = func(lines []string) string {
				if stop := stop.Load(); len(s.asked) == 4 && stop != nil { // s is locked here
					(*stop)()
				}
				n := strings.Fields(lines[0])[0]
				return fmt.Sprintf(`{"items":[{"heading":"Budsjett","points":[{"text":"Innlegg %s handler om budsjettet.","evidence":[%s]}]}],"decisions":[],"actions":[],"votes":[],"next_meeting":null}`, n, n)
			}
			e := s.start()
			whole, err := keyed().Write(t.Context(), m, tr, e, nil)
			if err != nil {
				t.Fatal(err)
			}
			calls := len(s.requests())
			if calls < 7 {
				t.Fatalf("only %d calls", calls)
			}

			s.forget()
			kept := &shelf{kept: map[string][]byte{}}
			ctx, cancel := context.WithCancel(t.Context())
			stop.Store(&cancel)
			if _, err := keyed().Resume(ctx, m, tr, e, kept, nil); referent.CodeOf(err) != referent.CodeCancelled {
				t.Fatal(err)
			}
			stop.Store(nil)
			first := len(s.requests())
			got, err := keyed().Resume(t.Context(), m, tr, e, kept, nil)
			if err != nil {
				t.Fatal(err)
			}
			// The call that was under way when the attempt ended is the only one that may be made twice.
			if len(s.requests()) < calls || len(s.requests()) > calls+1 || first != 5 {
				t.Errorf("%d calls, %d of them before the end; %d are needed", len(s.requests()), first, calls)
			}
			got.Provenance.Seconds, whole.Provenance.Seconds = 0, 0
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", whole) {
				t.Errorf("other minutes:\n%+v\n%+v", got, whole)
			}

			s.forget()
			if _, err := keyed().Resume(t.Context(), m, tr, e, kept, nil); err != nil || len(s.requests()) != 0 {
				t.Errorf("made anew, it is asked %d times; %v", len(s.requests()), err)
			}
			other := *e
			other.Model = "another"
			if _, err := keyed().Resume(t.Context(), m, tr, &other, kept, nil); err != nil || len(s.requests()) < calls {
				t.Errorf("another model is asked %d times; %v", len(s.requests()), err)
			}
			for key := range kept.kept { // bytes that rot cost a call, nothing else
				kept.kept[key] = []byte(`{"answer":"tull`)
			}
			s.forget()
			if _, err := keyed().Resume(t.Context(), m, tr, e, kept, nil); err != nil || len(s.requests()) != calls {
				t.Errorf("with rotten bytes it is asked %d times; %v", len(s.requests()), err)
			}
		})
	}
}

// A part that is too long is known to be when it comes up again.
func TestResumeAfterCut(t *testing.T) {
	m, tr := shortMeeting()
	e, calls := chat(t, func(body map[string]any, n int) (int, string, string) {
		if len(shown(t, body)) > 1 {
			return 200, goodAnswer[:60], "length"
		}
		return 200, emptyAnswer, "stop"
	})
	kept := &shelf{kept: map[string][]byte{}}
	for _, want := range []int32{5, 5} {
		if _, err := writer().Resume(t.Context(), m, tr, e, kept, nil); err != nil || calls.Load() != want {
			t.Errorf("%d calls, %v", calls.Load(), err)
		}
	}
}

// An answer that cannot be kept ends the attempt with the reason, unless it is only too large for it.
func TestCheckpointRefused(t *testing.T) {
	m, tr := shortMeeting()
	e, _ := chat(t, func(map[string]any, int) (int, string, string) { return 200, goodAnswer, "stop" })
	kept := &shelf{kept: map[string][]byte{}, full: referent.E(referent.CodeDiskFull, "test: save", errors.New("full"))}
	if _, err := writer().Resume(t.Context(), m, tr, e, kept, nil); referent.CodeOf(err) != referent.CodeDiskFull {
		t.Error(err)
	}
	kept.full = referent.E(referent.CodeTooLarge, "test: save", errors.New("too large"))
	if out, err := writer().Resume(t.Context(), m, tr, e, kept, nil); err != nil || len(out.Decisions) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}
