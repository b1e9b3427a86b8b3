package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/retention"
	"github.com/referent/referent/store"
)

const retentionAt = "/admin/retention"

// pageDays is how far ahead the page of the calendar looks.
const pageDays = 90

// retentionPage tells what is kept for how long, what will be erased when, and what was.
type retentionPage struct {
	Rules    []ruleRow
	Calendar Calendar
	Days     int
	Names    map[string]string // of the departments that are seen, by id
	Receipts []receiptRow
}

type ruleRow struct {
	Kind referent.Kind // "": all others
	Rule retention.Rule
}

type receiptRow struct {
	store.Receipt
	Who string
}

func (s *Server) registerRetentionPages() {
	s.routes.handle(http.MethodGet, retentionAt, access.ReadAudit, s.showRetention)
	s.routes.handle(http.MethodPost, "/meetings/{id}/hold", access.Hold, s.postHold)
}

func (s *Server) showRetention(w http.ResponseWriter, r *http.Request) {
	p, err := s.retentionPage(r.Context())
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "retention", p)
}

func (s *Server) retentionPage(ctx context.Context) (*retentionPage, error) {
	c, err := s.calendar(ctx, pageDays)
	if err != nil {
		return nil, err
	}
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	p := &retentionPage{Calendar: c, Days: pageDays, Names: me.names(), Rules: []ruleRow{{Rule: c.Rules.Default}}}
	for kind, rule := range c.Rules.Kinds {
		p.Rules = append(p.Rules, ruleRow{kind, rule})
	}
	slices.SortFunc(p.Rules, func(a, b ruleRow) int { return slices.Compare([]byte(a.Kind), []byte(b.Kind)) })
	receipts, err := s.store.Receipts(ctx, 100)
	if err != nil {
		return nil, err
	}
	names := s.names(ctx)
	for _, x := range receipts {
		row := receiptRow{Receipt: x, Who: locale.T(infoOf(ctx).lang, "retention.calendar")}
		if x.By != store.ByRetention {
			if row.Who, err = names.of(x.By); err != nil {
				return nil, err
			}
		}
		p.Receipts = append(p.Receipts, row)
	}
	return p, nil
}

// postHold puts a hold on a meeting, or lifts it.
func (s *Server) postHold(w http.ResponseWriter, r *http.Request) {
	if !s.parseForm(w, r) {
		return
	}
	id, err := r.PathValue("id"), error(nil)
	switch r.PostFormValue("edit") {
	case "hold":
		err = s.hold(r.Context(), id, r.PostFormValue("reason"))
	case "release":
		err = s.release(r.Context(), id)
	default:
		err = referent.E(referent.CodeInvalid, "web: read form", nil)
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/meetings/"+url.PathEscape(id), http.StatusSeeOther)
}
