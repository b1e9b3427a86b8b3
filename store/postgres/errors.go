package postgres

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

// explain knows the errors that mean more than "something broke". The server's own sentences are kept only where they
// cannot hold what somebody wrote.
func explain(err error, op string) *referent.Error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		_, connecting := errors.AsType[*pgconn.ConnectError](err) // has a deadline of its own
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !connecting {
			return nil
		}
		if untrusted(err) {
			return referent.E(referent.CodeConfig, op, errors.New("the database's certificate is not trusted, or it offers none")).
				WithHint("its certificate must be made out to the host in database.url; sslrootcert=FILE names who signed it")
		}
		if lost(err) {
			return referent.E(referent.CodeUnavailable, op, withoutAddress(err)).WithHint("the database does not answer, or the connection to it was lost")
		}
		return nil
	}
	is := func(code referent.Code, sentinel error) *referent.Error {
		return referent.E(code, op, serverError{e.Code, e.ConstraintName, sentinel})
	}
	said := func(code referent.Code) *referent.Error {
		return referent.E(code, op, fmt.Errorf("%s (SQLSTATE %s)", e.Message, e.Code))
	}
	switch e.Code {
	case "23505": // unique_violation
		return is(referent.CodeConflict, store.ErrConflict)
	case "23503": // foreign_key_violation: its meeting or user is gone
		return is(referent.CodeNotFound, store.ErrNotFound)
	case "53100": // disk_full
		return is(referent.CodeDiskFull, nil).WithHint("the database's disk is full")
	case "53300": // too_many_connections
		return said(referent.CodeUnavailable).WithHint("raise max_connections, or have fewer servers")
	case "55P03": // lock_not_available
		return is(referent.CodeUnavailable, nil).WithHint("another server, or a tool, kept its lock for long; try again")
	case "25006": // read_only_sql_transaction
		return is(referent.CodeUnavailable, nil).WithHint("the database is a standby: let database.url name the one that writes, or all of them with target_session_attrs=read-write")
	case "25P02", "25P03": // in_failed_sql_transaction, idle_in_transaction_session_timeout
		return is(referent.CodeUnavailable, nil)
	case "57014": // query_canceled: not by us, or the context would have told
		return is(referent.CodeTimeout, nil)
	case "42501": // insufficient_privilege
		return said(referent.CodeConfig).WithHint("the user must own the database, or be allowed to make tables in its schema")
	case "3D000", "3F000": // invalid_catalog_name, invalid_schema_name
		return said(referent.CodeConfig).WithHint("make the database first: CREATE DATABASE referent OWNER referent ENCODING 'UTF8' TEMPLATE template0")
	}
	if e.Code == "28000" { // it names hosts
		return is(referent.CodeConfig, nil).WithHint("look at the user and password of the database, and at pg_hba.conf")
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "08", "53", "57", "58": // connection, resources, operator's intervention, system
		return said(referent.CodeUnavailable).WithHint("the database does not answer, or was stopped")
	case "28": // invalid authorization
		return said(referent.CodeConfig).WithHint("look at the user and password of the database, and at pg_hba.conf")
	case "40": // rollback: deadlock, serialization
		return is(referent.CodeUnavailable, nil)
	case "22", "23": // what the row holds is not what it can
		return is(referent.CodeInvalid, nil)
	}
	return is(referent.CodeInternal, nil)
}

// serverError is what the server answered, without what the row held.
type serverError struct {
	state, constraint string
	sentinel          error
}

func (e serverError) Error() string {
	s := "SQLSTATE " + e.state
	if e.constraint != "" {
		s += " on " + e.constraint
	}
	if e.sentinel != nil {
		s = e.sentinel.Error() + ": " + s
	}
	return s
}

func (e serverError) Unwrap() error { return e.sentinel }

// withoutAddress says what went wrong with a connection, but not where to: that is the administrator's.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return errors.New(e.Err)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return errors.New("connection lost")
}

// untrusted reports whether the connection was not as secure as it must be.
func untrusted(err error) bool {
	_, bad := errors.AsType[*tls.CertificateVerificationError](err)
	return bad || strings.Contains(err.Error(), "server refused TLS connection")
}

// lost reports whether an error is of the connection, or of a server that is about to stop or to start, so that the
// same may succeed on another connection.
func lost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, "08") || strings.HasPrefix(e.Code, "57P") || e.Code == "53300" || e.Code == "25006"
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return !untrusted(err)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
