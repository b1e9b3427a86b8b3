package sqldb

import (
	"context"
	"errors"

	"github.com/pressly/goose/v3"

	"github.com/referent/referent"
)

// MigrateTo makes the schema of a migration. One that this release does not know is CodeConfig.
func MigrateTo(ctx context.Context, p *goose.Provider, schema int64) error {
	const op = "store: migrate database"
	known := p.ListSources()
	if newest := known[len(known)-1].Version; schema > newest {
		return TooNew(op, schema, newest)
	}
	if schema < known[0].Version {
		return referent.E(referent.CodeConfig, op, errors.New("a schema that this kind of database never had"))
	}
	_, err := p.UpTo(ctx, schema)
	return err
}
