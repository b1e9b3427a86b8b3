package web

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"
)

const (
	freeByUser    = 5  // wrong passwords for one name before waiting begins
	freeByAddress = 20 // more, since many people can share one address
	longestWait   = 15 * time.Minute
	forgetAfter   = time.Hour
	maxTracked    = 10_000 // keys kept; a flood of made-up names must not fill the memory
)

// attempts counts failed sign-ins and says how long to wait: after the free ones, twice as long each
// time. It lives in memory: a restart forgives, which costs an attacker's victim nothing.
type attempts struct {
	mu   sync.Mutex
	now  func() time.Time
	keys map[string]*failures
}

type failures struct {
	count int
	last  time.Time
	until time.Time
}

func newAttempts(now func() time.Time) *attempts {
	return &attempts{now: now, keys: map[string]*failures{}}
}

// userKey is the same for all the ways to write a name that the store takes for one user's.
func userKey(name string) string { return "u:" + hashSecret(strings.ToLower(norm.NFC.String(name))) }

// addressKey puts an IPv6 network, which one person commands as a whole, under one key.
func addressKey(r *http.Request) string {
	addr, ok := remoteAddr(r)
	if !ok {
		return "a:unknown"
	}
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return "a:" + p.String()
		}
	}
	return "a:" + addr.String()
}

// wait says how long nobody may try with any of the keys; 0: now.
func (a *attempts) wait(keys ...string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	var longest time.Duration
	for _, k := range keys {
		if f := a.keys[k]; f != nil {
			longest = max(longest, f.until.Sub(a.now()))
		}
	}
	return longest
}

// fail counts a wrong password for key, of which the first free ones cost nothing.
func (a *attempts) fail(key string, free int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	f := a.keys[key]
	if f == nil || now.Sub(f.last) > forgetAfter {
		if len(a.keys) >= maxTracked {
			a.forgetOldest(now)
		}
		f = &failures{}
		a.keys[key] = f
	}
	f.count++
	f.last = now
	if over := f.count - free; over > 0 {
		f.until = now.Add(min(longestWait, time.Second<<min(over-1, 20)))
	}
}

// succeed forgets the failures of key.
func (a *attempts) succeed(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.keys, key)
}

// forgetOldest makes room: what has expired, else the key that failed longest ago.
func (a *attempts) forgetOldest(now time.Time) {
	var oldest string
	for k, f := range a.keys {
		if now.Sub(f.last) > forgetAfter {
			delete(a.keys, k)
		} else if oldest == "" || f.last.Before(a.keys[oldest].last) {
			oldest = k
		}
	}
	if len(a.keys) >= maxTracked {
		delete(a.keys, oldest)
	}
}
