package web

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/referent/referent/openid"
	"github.com/referent/referent/store/sqlite"
)

// A sign-in that one of several servers begins another ends; that of a server alone ends with it.
func TestFlowKey(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "referent.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	party := func(several bool) *relyingParty {
		t.Helper()
		key, err := flowKey(Config{Store: db, Several: several})
		if err != nil {
			t.Fatal(err)
		}
		p, err := newRelyingParty(OpenID{Config: openid.Config{Issuer: "https://id.example.no", ClientID: "x"}}, "https://referent.example.no", key)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, several := range []bool{true, false} {
		value, err := party(several).sealed(flowCookie{Flow: openid.Flow{State: "s"}, Until: time.Now().Add(time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		f, err := party(several).opened(value, time.Now())
		if several != (err == nil && f.State == "s") {
			t.Errorf("several %v: another opens it as %+v, %v", several, f, err)
		}
	}
}
