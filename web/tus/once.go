package tus

import (
	"sync"
	"time"
)

// onceFor is how long a creation is known again. Whoever got no answer asks again within seconds.
const onceFor = time.Hour

// Once remembers which upload a key of a client's own has made, so that a creation whose answer was lost does
// not make a second meeting. It is kept in memory: after a restart of the server a ghost is possible, and no more.
type Once struct {
	mu   sync.Mutex
	made map[string]made
}

type made struct {
	upload string
	at     time.Time
}

// NewOnce knows no key.
func NewOnce() *Once { return &Once{made: map[string]made{}} }

// Find returns the upload that the key has made; "": none.
func (k *Once) Find(key string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made[key].upload
}

// Put remembers an upload, and forgets those that are old.
func (k *Once) Put(key, upload string, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for other, m := range k.made {
		if now.Sub(m.at) > onceFor {
			delete(k.made, other)
		}
	}
	k.made[key] = made{upload, now}
}
