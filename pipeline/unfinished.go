package pipeline

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// unfinished is the name of a setting that lists, by meeting, deletions that have begun and are not over:
// what the reconciler needs to go on with them after a crash.
type unfinished[T any] string

func (u unfinished[T]) read(ctx context.Context, r store.Reader) (map[string]T, error) {
	all := map[string]T{}
	text, err := r.Setting(ctx, string(u))
	if errors.Is(err, store.ErrNotFound) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, referent.E(referent.CodeInternal, "pipeline: read unfinished deletions", err)
	}
	return all, nil
}

// change reads the list, lets f change it, and writes it, all in the transaction of s.
func (u unfinished[T]) change(ctx context.Context, s *step, f func(map[string]T)) error {
	all, err := u.read(ctx, s)
	if err != nil {
		return err
	}
	f(all)
	text, err := json.Marshal(all)
	if err != nil {
		return referent.E(referent.CodeInternal, "pipeline: write unfinished deletions", err)
	}
	return s.PutSetting(ctx, string(u), string(text))
}
