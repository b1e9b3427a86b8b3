package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/referent/referent"
)

// serverKey names the advisory lock of the server that runs.
const serverKey = writerKey + 1

// watchTime is how often the server's lock is looked after.
const watchTime = 5 * time.Second

// Serve keeps every other server off the database until Close: recordings or queue lie in the data folder of
// one. CodeConflict: another has it; that of a server that just died is waited for, for as long as WithPatience says.
// The channel gives the error when another took it while the connection was lost, and nothing otherwise.
func (d *DB) Serve(ctx context.Context) (<-chan error, error) {
	return d.hold(ctx, `SELECT pg_try_advisory_lock($1)`)
}

// ServeAmong is Serve of a server that shares recordings and queue with others that do: it keeps off those that do not.
func (d *DB) ServeAmong(ctx context.Context) (<-chan error, error) {
	return d.hold(ctx, `SELECT pg_try_advisory_lock_shared($1)`)
}

// hold takes the server's lock, and takes it again when its connection was lost.
func (d *DB) hold(ctx context.Context, take string) (<-chan error, error) {
	p := d.pool(1, nil)
	conn, err := d.serve(ctx, p, take)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	watch, stop := context.WithCancel(context.WithoutCancel(ctx))
	over, ended := make(chan error, 1), make(chan struct{})
	d.hangUp = func() error {
		stop()
		<-ended
		return p.Close()
	}
	go func() {
		defer close(ended)
		defer func() { conn.Close() }() // twice does no harm
		for {
			select {
			case <-watch.Done():
				return
			case <-time.After(d.watchTime):
			}
			if look(watch, conn) == nil {
				continue
			}
			conn.Close()
			for {
				next, err := d.serve(watch, p, take)
				if err == nil {
					conn = next
					break
				}
				if referent.CodeOf(err) == referent.CodeConflict {
					over <- err
					return
				}
				select {
				case <-watch.Done():
					return
				case <-time.After(250 * time.Millisecond): // it may have failed at once
				}
			}
		}
	}()
	return over, nil
}

func look(ctx context.Context, c *sql.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	_, err := c.ExecContext(ctx, `SELECT 1`)
	return err
}

// serve takes the server's lock on a connection of its own.
func (d *DB) serve(ctx context.Context, p *pool, take string) (*sql.Conn, error) {
	const op = "store: take the server's lock"
	for deadline := time.Now().Add(d.patience); ; {
		var conn *sql.Conn
		var got bool
		err := p.again(ctx, func() (err error) {
			if conn, err = p.Conn(ctx); err != nil {
				return err
			}
			if err = conn.QueryRowContext(ctx, take, serverKey).Scan(&got); err != nil {
				conn.Close()
			}
			return err
		})
		if err != nil {
			return nil, dialect.Wrap(err, op)
		}
		if got {
			return conn, nil
		}
		conn.Close()
		if time.Now().After(deadline) {
			return nil, referent.E(referent.CodeConflict, op, errors.New("another server uses the database")).
				WithHint("one server at a time may use a database, unless all share recordings and queue: stop the other, give this one a database of its own, or see docs/servers.md")
		}
		select {
		case <-ctx.Done():
			return nil, dialect.Wrap(ctx.Err(), op)
		case <-time.After(250 * time.Millisecond):
		}
	}
}
