package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/referent/referent/store"
	"github.com/referent/referent/store/postgres"
)

// BenchmarkWriters holds the one writer against PostgreSQL's SERIALIZABLE with as many as come: eight at a time, of two
// servers, read a row of their own, write it and add an event.
func BenchmarkWriters(b *testing.B) {
	ctx := context.Background()
	b.Run("one writer", func(b *testing.B) {
		address := database(b)
		all := []*postgres.DB{open(b, address), open(b, address)}
		var n atomic.Int64
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			id := n.Add(1)
			key := fmt.Sprint("k", id)
			for pb.Next() {
				err := all[id%2].Tx(ctx, func(tx store.Tx) error {
					if _, err := tx.Setting(ctx, key); err != nil && !errors.Is(err, store.ErrNotFound) {
						return err
					}
					if err := tx.PutSetting(ctx, key, "v"); err != nil {
						return err
					}
					return tx.AddEvent(ctx, &store.Event{Meeting: key})
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
	})
	b.Run("serializable", func(b *testing.B) {
		db := other(b, database(b)+"&sslmode=disable")
		db.SetMaxIdleConns(8)
		var n, again atomic.Int64
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			key := fmt.Sprint("k", n.Add(1))
			once := func() error {
				t, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
				if err != nil {
					return err
				}
				defer t.Rollback()
				var v string
				if err := t.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = $1`, key).Scan(&v); err != nil && !errors.Is(err, sql.ErrNoRows) {
					return err
				}
				if _, err := t.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, 'v') ON CONFLICT (name) DO UPDATE SET value = excluded.value`, key); err != nil {
					return err
				}
				if _, err := t.ExecContext(ctx, `INSERT INTO events (meeting, owner, type, state, stage, progress, code, happened) VALUES ($1, '', '', '', '', 0, '', 0)`, key); err != nil {
					return err
				}
				return t.Commit()
			}
			for pb.Next() {
				for {
					err := once()
					if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "40001" {
						again.Add(1)
						continue
					}
					if err != nil {
						b.Error(err)
					}
					break
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		b.ReportMetric(float64(again.Load()), "retries")
	})
}
