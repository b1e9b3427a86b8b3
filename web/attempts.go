package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const (
	freeByUser    = 5   // wrong passwords for one name before waiting begins
	freeByAddress = 20  // more, since many people can share one address
	freeSecrets   = 100 // links and enrolment tokens that are not good, from one address: what was used up is tried again, by many
	longestWait   = 15 * time.Minute
	maxTracked    = 10_000 // keys kept; a flood of made-up names must not fill the database
)

// attempts counts failed sign-ins and says how long to wait: after the free ones, twice as long each time. They are
// counted in the database: whoever tries at several servers, or while one is started anew, has no more tries.
type attempts struct {
	store store.Store
	now   func() time.Time
}

// limit is how many failures of a key cost nothing.
type limit struct {
	key  string
	free int
}

// userKey is the same for all the ways to write a name that the store takes for one user's.
func userKey(name string) string { return "u:" + hashSecret(strings.ToLower(norm.NFC.String(name))) }

// present has what a stranger shows instead of a password looked at: refused names the failure that says that it is not good.
// Whoever brings too many of such a kind from one address waits: errTooMany, and nothing is looked at. Each kind is counted apart,
// so that none of them shuts another way in. secret "" is no try.
func (s *Server) present(ctx context.Context, kind, secret string, refused referent.Code, look func() error) error {
	byAddress := kind + ":" + infoOf(ctx).from
	if err := s.mayTry(ctx, byAddress); err != nil {
		return err
	}
	err := look()
	if secret != "" && codeOf(err) == refused {
		return errors.Join(err, s.logins.fail(ctx, limit{byAddress, freeSecrets}))
	}
	return err
}

// addressKey puts an IPv6 network, which one person commands as a whole, under one key.
func (s *Server) addressKey(r *http.Request) string {
	addr, ok := s.visitorAddr(r)
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
func (a *attempts) wait(ctx context.Context, keys ...string) (longest time.Duration, err error) {
	for _, k := range keys {
		f, err := a.store.SignInFailures(ctx, hashSecret(k))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		now := a.now()
		if now.Before(f.Last) { // another server's clock is ahead
			now = f.Last
		}
		longest = max(longest, min(longestWait, f.Until.Sub(now)))
	}
	return longest, nil
}

// locked reports whether nobody may try with any of the keys for now, as far as it is known.
func (a *attempts) locked(ctx context.Context, keys ...string) bool {
	wait, err := a.wait(context.WithoutCancel(ctx), keys...)
	return err == nil && wait > 0
}

// fail counts a wrong password for each key, of which the first free ones cost nothing.
func (a *attempts) fail(ctx context.Context, limits ...limit) error {
	ctx = context.WithoutCancel(ctx) // who hangs up has failed too
	now := a.now()
	return a.store.Tx(ctx, func(tx store.Tx) error {
		for _, l := range limits {
			f, err := tx.SignInFailures(ctx, hashSecret(l.key))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err != nil || now.Sub(f.Last) > store.SignInFailuresKept {
				f = &store.SignInFailures{ID: hashSecret(l.key)}
			}
			f.Times++
			f.Last = now
			if over := f.Times - l.free; over > 0 {
				f.Until = now.Add(min(longestWait, time.Second<<min(over-1, 20)))
			}
			if err := tx.PutSignInFailures(ctx, f); err != nil {
				return err
			}
		}
		return tx.TrimSignInFailures(ctx, now.Add(-store.SignInFailuresKept), maxTracked)
	})
}

// succeed forgets the failures of key.
func (a *attempts) succeed(ctx context.Context, key string) error {
	_, err := a.store.SignInFailures(ctx, hashSecret(key))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.store.Tx(ctx, func(tx store.Tx) error { return tx.DeleteSignInFailures(ctx, hashSecret(key)) })
}
