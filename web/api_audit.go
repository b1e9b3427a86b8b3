package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/store"
)

func (s *Server) registerAudit() {
	register(s, operation{method: http.MethodGet, path: "/audit", id: "export-audit", tag: "administration", needs: access.ReadAudit, summary: "Take out the audit chain",
		text: "One link a line, the oldest first, as referent audit verify reads it. It tells ids, of all departments, also of health, and no department " +
			"of a meeting. That it was taken out is itself a link, the last one where no day is given.",
		responses: binaryAnswer("The chain.", "application/jsonl")},
		func(ctx context.Context, in *struct {
			From string `query:"from" format:"date" doc:"Only what was done on this day or later."`
			To   string `query:"to" format:"date" doc:"Only what was done on this day or earlier."`
		}) (*huma.StreamResponse, error) {
			from, to, err := daysOf(in.From, in.To)
			if err != nil {
				return nil, err
			}
			if err := s.store.Tx(ctx, func(tx store.Tx) error { return addAct(ctx, tx, store.Act{What: store.ActAuditExported}) }); err != nil {
				return nil, err
			}
			return raw(func(w http.ResponseWriter, r *http.Request) { s.exportAudit(w, r, from, to) }), nil
		})
	register(s, operation{method: http.MethodGet, path: "/audit/head", id: "get-audit-head", tag: "administration", needs: access.ReadAudit,
		summary: "The newest link of the audit chain", text: "Note it somewhere else: it proves later that nothing up to there was changed or removed since."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body audit.Head }, error) {
			h, err := s.store.AuditHead(ctx)
			return &struct{ Body audit.Head }{h}, err
		})
	register(s, operation{method: http.MethodGet, path: "/audit/verification", id: "verify-audit", tag: "administration", needs: access.ReadAudit,
		summary: "Verify the audit chain", text: "The chain, and the rows of the logs that it tells of. It takes some ten seconds for a million links. One runs at a time: 409 while another does."},
		func(ctx context.Context, in *struct {
			Head string `query:"head" maxLength:"100" doc:"A head that was noted, number:hash."`
		}) (*struct{ Body audit.Report }, error) {
			var noted *audit.Head
			if in.Head != "" {
				h, err := audit.ParseHead(in.Head)
				if err != nil {
					return nil, err
				}
				noted = &h
			}
			if !s.verifying.TryLock() {
				return nil, referent.E(referent.CodeConflict, "web: verify audit chain", errors.New("another verification runs")).WithHint("try again in a while")
			}
			defer s.verifying.Unlock()
			r, err := s.store.VerifyAudit(ctx, noted)
			if err != nil {
				return nil, err
			}
			r.Hold(s.pipe.ReadingsKept())
			return &struct{ Body audit.Report }{*r}, nil
		})
}

// exportAudit writes the links of a time, page by page: nothing is held but one of these. The chain goes on while it is
// read; what is added then is not in it.
func (s *Server) exportAudit(w http.ResponseWriter, r *http.Request, from, to time.Time) {
	ctx := r.Context()
	last, err := s.store.AuditHead(ctx)
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	began := false
	for after := int64(0); after < last.Seq; {
		links, err := s.store.AuditLinks(ctx, after, 0)
		if err != nil || len(links) == 0 {
			s.breakOff(r, err)
			return
		}
		var page []byte
		for _, l := range links {
			after = l.Seq
			e, err := l.Parse() // one that cannot be read is taken out too: somebody must look at it
			// A link from the time to come is a wrong clock's, and ends nothing.
			if l.Seq > last.Seq || err == nil && !to.IsZero() && !e.At.Before(to) && !e.At.After(s.now()) {
				after = last.Seq
				break
			}
			if began = began || err != nil || !e.At.Before(from); !began {
				continue
			}
			if page, err = l.AppendLine(page); err != nil {
				s.breakOff(r, err)
				return
			}
		}
		if _, err := w.Write(page); err != nil {
			return // nobody listens any more
		}
	}
}

// breakOff ends an answer that has begun so that nobody takes it for whole.
func (s *Server) breakOff(r *http.Request, err error) {
	infoOf(r.Context()).err = err
	panic(http.ErrAbortHandler)
}

// tellFailed writes into the chain that somebody was not let in: u is whose name or subject it was, nil nobody's. That it
// cannot be written lets nobody in, and is an error of the request's, told by its log.
func (s *Server) tellFailed(ctx context.Context, u *store.User, issuer string, locked bool) {
	f := store.FailedSignIn{Issuer: issuer, Locked: locked}
	if u != nil {
		f.User = u.ID
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // who hangs up has failed too
	defer cancel()
	if err := s.store.Tx(ctx, func(tx store.Tx) error { return tx.AddFailedSignIn(ctx, f) }); err != nil {
		s.log.ErrorContext(ctx, "failed sign-in not written to the audit chain", "request", infoOf(ctx).id, "code", string(codeOf(err)))
	}
}
