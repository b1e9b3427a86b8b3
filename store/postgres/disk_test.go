package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
	"github.com/referent/referent/store/postgres/pgtest"
	"github.com/referent/referent/store/storetest"
)

// housed is a store with a server of its own, which ends with it.
type housed struct {
	*postgres.DB
	server *pgtest.Server
}

func (h housed) Close() error { return errors.Join(h.DB.Close(), h.server.Stop()) }

// The child that is killed takes its server with it, as a machine does that loses its power.
func TestStoreOnDisk(t *testing.T) {
	storetest.RunOnDisk(t, func(ctx context.Context, dir string) (store.Store, error) {
		server, fresh, err := pgtest.Open(dir)
		if err != nil {
			return nil, err
		}
		if fresh {
			if err := server.Create(ctx, "referent"); err != nil {
				return nil, errors.Join(err, server.Stop())
			}
		}
		d, err := postgres.Open(ctx, postgres.Config{URL: server.Address("referent")})
		if err != nil {
			return nil, errors.Join(err, server.Stop())
		}
		return housed{d, server}, nil
	})
}
