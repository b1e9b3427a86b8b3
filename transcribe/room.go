package transcribe

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/referent/referent"
	"github.com/referent/referent/transcribe/voice"
	"github.com/referent/referent/transcribe/whispercpp"
)

// room holds the weights that calls of Recognize share: one model of recognition at a time, and the
// networks that hear voices. It is entered one call after the other, in turn: who wants another model
// waits at the door until the room is empty, and those behind wait too, so that nobody waits for ever.
type room struct {
	cfg  Config
	door chan struct{} // holds one token; whoever has it may change weights

	closed bool // nothing is loaded ahead any more; behind the door

	held atomic.Pointer[weights] // as weights, for whoever looks from outside

	mu      sync.Mutex
	inside  int
	empty   chan struct{} // closed when the last one leaves; nil while nobody waits for that
	weights *weights

	listening sync.Mutex
	ears      *voice.Extractor
	uses      []referent.ModelUse
}

// weights are a model in memory, and a slot for each seat.
type weights struct {
	model *whispercpp.Model
	use   referent.ModelUse
	slots []*whispercpp.Slot // by seat
}

func newRoom(cfg Config) *room {
	r := &room{cfg: cfg, door: make(chan struct{}, 1)}
	r.door <- struct{}{}
	return r
}

// enter waits until the room holds the model of that name, and then belongs to those inside until leave.
func (r *room) enter(ctx context.Context, name string) (*weights, error) {
	cancelled := func() error {
		return referent.E(referent.CodeCancelled, "transcribe: recognise chunk", ctx.Err())
	}
	select {
	case <-r.door:
		defer func() { r.door <- struct{}{} }()
	case <-ctx.Done():
		return nil, cancelled()
	}
	if r.weights == nil || r.weights.use.Name != name {
		select {
		case <-r.emptied():
		case <-ctx.Done():
			return nil, cancelled()
		}
		if err := r.load(name); err != nil {
			return nil, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inside++
	return r.weights, nil
}

// warm loads the model of that name if the room holds none and nobody is at its door. What goes wrong
// will go wrong again, and be told, when somebody needs the model.
func (r *room) warm(name string) {
	select {
	case <-r.door:
		defer func() { r.door <- struct{}{} }()
	default:
		return
	}
	if r.weights == nil && !r.closed {
		if err := r.load(name); err != nil {
			r.cfg.Log.Debug("weights not loaded ahead", "code", referent.CodeOf(err))
		}
	}
}

func (r *room) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inside--; r.inside == 0 && r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
}

// emptied is closed once nobody is inside. The caller holds the door, so nobody enters meanwhile.
func (r *room) emptied() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inside == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	if r.empty == nil {
		r.empty = make(chan struct{})
	}
	return r.empty
}

// load puts another model in the place of the one that is there.
func (r *room) load(name string) error {
	path, err := r.cfg.Models.Path(name)
	if err != nil {
		return err
	}
	if err := r.unload(); err != nil {
		return err
	}
	m, use, err := openModel(r.cfg, path, name)
	if err != nil {
		return err
	}
	w := &weights{model: m, use: use}
	for range r.cfg.Threads {
		w.slots = append(w.slots, m.NewSlot())
	}
	r.weights = w
	r.held.Store(w)
	r.cfg.Log.Info("model loaded", "model", name, "threads", r.cfg.Threads, "engine", use.Engine)
	return nil
}

func (r *room) unload() error {
	if r.weights == nil {
		return nil
	}
	r.held.Store(nil)
	for _, s := range r.weights.slots {
		s.Close()
	}
	err := r.weights.model.Close()
	r.weights = nil
	return err
}

// close waits until the room is empty and frees everything in it. It may be entered again after.
func (r *room) close() error {
	<-r.door
	defer func() { r.door <- struct{}{} }()
	<-r.emptied()
	r.closed = true
	r.listening.Lock()
	defer r.listening.Unlock()
	if r.ears != nil {
		r.ears.Close()
		r.ears, r.uses = nil, nil
	}
	return r.unload()
}

// extractor is the networks that hear voices, loaded when they are first asked for. The caller is inside.
func (r *room) extractor() (*voice.Extractor, error) {
	r.listening.Lock()
	defer r.listening.Unlock()
	if r.ears != nil {
		return r.ears, nil
	}
	library, err := r.cfg.Models.Path(ModelRuntime)
	if err != nil {
		return nil, err
	}
	var uses []referent.ModelUse
	var paths []string
	for _, name := range []string{ModelSegmentation, ModelEmbedding} {
		path, err := r.cfg.Models.Path(name)
		if err != nil {
			return nil, err
		}
		digest, err := digests.of(path)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
		uses = append(uses, referent.ModelUse{Role: "speakers", Name: name, SHA256: digest, Engine: "ONNX Runtime"})
	}
	x, err := voice.Open(library, paths[0], paths[1])
	if err != nil {
		return nil, err
	}
	whispercpp.Trim()
	r.ears, r.uses = x, uses
	return x, nil
}

// voiceUse says which networks heard voices.
func (r *room) voiceUse() []referent.ModelUse {
	r.listening.Lock()
	defer r.listening.Unlock()
	return r.uses
}
