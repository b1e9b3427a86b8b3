package sqldb

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/referent/referent/store"
)

// What was linked before a fact was kept is summed as it was then; otherwise every chain of an earlier release would be broken.
func TestFactsOfEarlierReleasesStay(t *testing.T) {
	a := &store.Act{What: store.ActWorkerRevoked, By: "u1", At: time.Unix(1, 0)}
	for worker, want := range map[string]string{
		"":   `{"what":"worker_revoked","by":"u1","user":"","department":"","role":"","meeting":"","until":0,"at":1000000}`,
		"w1": `{"what":"worker_revoked","by":"u1","user":"","department":"","role":"","meeting":"","until":0,"at":1000000,"worker":"w1"}`,
	} {
		a.Worker = worker
		if got, err := json.Marshal(factsOfAct(a)); err != nil || string(got) != want {
			t.Errorf("worker %q: %s, %v", worker, got, err)
		}
	}
}
