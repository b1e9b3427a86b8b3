package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// An administrator lets a worker in and shuts another out, by keyboard.
func TestWorkersByHand(t *testing.T) {
	r := webtest.Start(t, func(c *web.Config) {
		c.Queue, c.PublicURL = web.QueueAddress{URLs: []string{"tls://ko.example.no:4222"}, CA: "PEM"}, "https://referat.example.no"
	})
	sjef := r.User("sjef", true)
	ctx, tctx := browser(t, "status of 422"), t.Context()
	webtest.Check(t, r.Store.Tx(tctx, func(tx store.Tx) error {
		return tx.PutWorker(tctx, &store.Worker{ID: "w1", Key: "UAW1", Label: "Maskinrommet", Stages: []referent.Stage{referent.StageTranscribe}, By: sjef.ID})
	}))
	run(t, ctx, chromedp.Navigate(r.URL+"/signin?next=/admin/operations/workers"), focused("name"), chromedp.KeyEvent("sjef"+kb.Tab+webtest.Password+kb.Enter),
		shows("#enrolled", "Maskinrommet"))
	picture(t, ctx, "workers")
	audit(t, ctx, "workers")

	run(t, ctx, chromedp.Focus(css("#label")), chromedp.KeyEvent("Skjermkort"+kb.Tab+" "+kb.Enter), shows("#enrolment", "rfw_"),
		until(`() => document.activeElement?.id === 'token'`))
	picture(t, ctx, "workers-token")
	audit(t, ctx, "a token")
	token := read(t, ctx, chromedp.Value(css("#token")))
	if !regexp.MustCompile(`^rfw_\S{43}$`).MatchString(token) {
		t.Errorf("the token is %q", token)
	}
	run(t, ctx, chromedp.Focus(css("#label")), chromedp.KeyEvent("  "+kb.Enter), shows("[role=alert]", "Gi arbeideren et navn"))
	audit(t, ctx, "no name")

	run(t, ctx, chromedp.Focus(css("#enrolled summary")), chromedp.KeyEvent(kb.Enter), until(`() => document.querySelector('#enrolled details').open`))
	picture(t, ctx, "workers-revoke")
	audit(t, ctx, "shutting a worker out")
	run(t, ctx, chromedp.KeyEvent(kb.Tab+kb.Enter), shows("[role=status]", "Maskinrommet"), shows("#enrolled", "Stengt ute"))
	audit(t, ctx, "a worker that was shut out")
	all := must(r.Store.Workers(tctx))(t)
	if i := slices.IndexFunc(all, func(w store.Worker) bool { return w.ID == "w1" }); i < 0 || all[i].Admitted() || all[i].RevokedBy != sjef.ID {
		t.Errorf("the workers are %+v", all)
	}
	if now := read(t, ctx, chromedp.OuterHTML(css("main"))); strings.Contains(now, token) {
		t.Error("the token is shown again")
	}
}
