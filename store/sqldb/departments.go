package sqldb

import (
	"context"

	"github.com/referent/referent/store"
)

const departmentColumns = `id, name, health, created`

func scanDepartment(s scan, d *store.Department) error {
	return s(&d.ID, &d.Name, &d.Health, asTime{&d.Created})
}

// Department implements store.Reader.
func (r reads) Department(ctx context.Context, id string) (*store.Department, error) {
	return one(r, r.q.QueryRowContext(ctx, `SELECT `+departmentColumns+` FROM departments WHERE id = $1`, id),
		scanDepartment, "store: read department")
}

// Departments implements store.Reader.
func (r reads) Departments(ctx context.Context) ([]store.Department, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT `+departmentColumns+` FROM departments ORDER BY name_key`)
	return list(r, rows, err, scanDepartment, "store: list departments")
}

// PutDepartment implements store.Tx. Created is now when it is not set, and never changes.
func (t *tx) PutDepartment(ctx context.Context, d *store.Department) error {
	if d.Created.IsZero() {
		d.Created = t.now()
	}
	_, err := t.t.ExecContext(ctx, `INSERT INTO departments (id, name, name_key, health, created) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, health = excluded.health`,
		d.ID, d.Name, nameKey(d.Name), flag(d.Health), Micros(d.Created))
	if err != nil {
		return t.wrap(err, "store: put department")
	}
	return t.record(ctx, store.AuditDepartment, "", 0, map[string]any{"department": d.ID, "health": d.Health})
}

// Memberships implements store.Reader.
func (r reads) Memberships(ctx context.Context, user string) ([]store.Membership, error) {
	const op, from, order = "store: list memberships", `SELECT user_id, department, role, by_claim, created FROM memberships`, ` ORDER BY user_id, department, role, by_claim`
	fill := func(s scan, m *store.Membership) error {
		return s(&m.User, &m.Department, &m.Role, &m.ByClaim, asTime{&m.Created})
	}
	if user == "" {
		rows, err := r.q.QueryContext(ctx, from+order)
		return list(r, rows, err, fill, op)
	}
	rows, err := r.q.QueryContext(ctx, from+` WHERE user_id = $1`+order, user)
	return list(r, rows, err, fill, op)
}

// PutMembership implements store.Tx. Created is now when it is not set, and stays what it was.
func (t *tx) PutMembership(ctx context.Context, m store.Membership) error {
	const op = "store: put membership"
	if m.Department != store.AllDepartments { // no reference can say this
		if _, err := t.Department(ctx, m.Department); err != nil {
			return t.wrap(err, op)
		}
	}
	if m.Created.IsZero() {
		m.Created = t.now()
	}
	res, err := t.t.ExecContext(ctx, `INSERT INTO memberships (user_id, department, role, by_claim, created) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id, department, role, by_claim) DO NOTHING`, m.User, m.Department, m.Role, flag(m.ByClaim), Micros(m.Created))
	return t.recordIf(ctx, res, err, op, store.AuditRoleGiven, factsOfRole(m))
}

// DeleteMembership implements store.Tx.
func (t *tx) DeleteMembership(ctx context.Context, m store.Membership) error {
	res, err := t.t.ExecContext(ctx, `DELETE FROM memberships WHERE user_id = $1 AND department = $2 AND role = $3 AND by_claim = $4`,
		m.User, m.Department, m.Role, flag(m.ByClaim))
	return t.recordIf(ctx, res, err, "store: delete membership", store.AuditRoleTaken, factsOfRole(m))
}

func factsOfRole(m store.Membership) map[string]any {
	return map[string]any{"user": m.User, "department": m.Department, "role": m.Role, "by_claim": m.ByClaim}
}
