package web

import (
	"sync"
	"time"
)

// onceFor is how long a creation is known again. Whoever got no answer asks again within seconds.
const onceFor = time.Hour

// onceKeys remembers which upload a key of a client's own has made, so that a creation whose answer was lost does
// not make a second meeting. It is kept in memory: after a restart of the server a ghost is possible, and no more.
type onceKeys struct {
	mu   sync.Mutex
	made map[string]onceMade
}

type onceMade struct {
	upload string
	at     time.Time
}

func newOnceKeys() *onceKeys { return &onceKeys{made: map[string]onceMade{}} }

// find returns the upload that the key has made; "": none.
func (k *onceKeys) find(key string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made[key].upload
}

// put remembers an upload, and forgets those that are old.
func (k *onceKeys) put(key, upload string, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for other, m := range k.made {
		if now.Sub(m.at) > onceFor {
			delete(k.made, other)
		}
	}
	k.made[key] = onceMade{upload, now}
}
