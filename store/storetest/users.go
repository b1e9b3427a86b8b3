package storetest

import (
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

func newUser(id, name string) *store.User {
	return &store.User{ID: id, Name: name, PasswordHash: "$argon2id$", Locale: "nn", Created: noon}
}

func putUsers(t *testing.T, s store.Store, users ...*store.User) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		for _, u := range users {
			if err := tx.PutUser(t.Context(), u); err != nil {
				return err
			}
		}
		return nil
	})
}

func testUsers(t *testing.T, s store.Store) {
	if all, err := s.Users(t.Context()); len(all) != 0 || err != nil {
		t.Errorf("a new store has users %v, %v", all, err)
	}
	kari, ola := newUser("u1", "kari"), newUser("u2", "Anne")
	kari.Admin = true
	putUsers(t, s, kari, ola)
	got, err := s.User(t.Context(), "u1")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the user", got, kari)
	kari.Name, kari.PasswordHash, kari.Admin, kari.Locale = "Kari N", "other", false, "nb"
	kari.DisplayName, kari.AdminByClaim, kari.Disabled, kari.LastSignIn = "Kari Nordmann", true, true, noon.Add(time.Minute)
	changed := *kari
	changed.Created = noon.Add(time.Hour) // never written
	putUsers(t, s, &changed)
	if got, err = s.User(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the changed user", got, kari)
	all, err := s.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "all users by name", all, []store.User{*ola, *kari})
	_, err = s.User(t.Context(), "none")
	wantNotFound(t, "another user", err)
	fresh := &store.User{ID: "u3", Name: "ny"}
	putUsers(t, s, fresh)
	if time.Since(fresh.Created) > time.Hour {
		t.Errorf("Created was not set: %v", fresh.Created)
	}
}

func testUserNames(t *testing.T, s store.Store) {
	putUsers(t, s, newUser("u1", "Øystein Ås"), newUser("u2", "Ola"))
	for _, name := range []string{"Øystein Ås", "øystein ås", "ØYSTEIN ÅS", "øystein a\u030as"} {
		if u, err := s.UserByName(t.Context(), name); err != nil || u.ID != "u1" {
			t.Errorf("%q is %+v, %v, want u1", name, u, err)
		}
	}
	_, err := s.UserByName(t.Context(), "Oystein As")
	wantNotFound(t, "another name", err)
	for name, u := range map[string]*store.User{"a new user": newUser("u3", "OLA"), "a changed user": newUser("u1", "ola")} {
		err := s.Tx(t.Context(), func(tx store.Tx) error { return tx.PutUser(t.Context(), u) })
		wantConflict(t, name+" with a name that is taken", err)
	}
}

// Who somebody is to a provider is another's name for them, and never changes.
func testSubjects(t *testing.T, s store.Store) {
	here, there := newUser("u1", "kari"), newUser("u2", "kari@other")
	here.Issuer, here.Subject = "https://a.example", "7"
	there.Issuer, there.Subject = "https://b.example", "7"
	putUsers(t, s, here, there, newUser("u3", "local"), newUser("u4", "another local"))
	for _, u := range []*store.User{here, there} {
		got, err := s.UserBySubject(t.Context(), u.Issuer, "7")
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the user of "+u.Issuer, got, u)
	}
	for _, of := range [][2]string{{"https://a.example", "8"}, {"https://a.example/", "7"}, {"https://a.example", ""}, {"", ""}} {
		_, err := s.UserBySubject(t.Context(), of[0], of[1])
		wantNotFound(t, "another subject", err)
	}
	twin := newUser("u5", "twin")
	twin.Issuer, twin.Subject = here.Issuer, here.Subject
	err := s.Tx(t.Context(), func(tx store.Tx) error { return tx.PutUser(t.Context(), twin) })
	wantConflict(t, "a subject that is another's", err)
	changed := *here
	changed.Issuer, changed.Subject = "https://c.example", "9"
	putUsers(t, s, &changed)
	if got, err := s.User(t.Context(), "u1"); err != nil || got.Issuer != here.Issuer || got.Subject != here.Subject {
		t.Errorf("the user became another: %+v, %v", got, err)
	}
}

// Who was remembered at a provider's sign-in and waits in vain is forgotten; all others stay.
func testStrangers(t *testing.T, s store.Store) {
	stranger := func(id string, change func(*store.User)) *store.User {
		u := newUser(id, id)
		u.Issuer, u.Subject, u.PasswordHash = "https://a.example", id, ""
		change(u)
		return u
	}
	as := func(*store.User) {}
	putUsers(t, s, newUser("local", "local"), stranger("waits", as), stranger("fresh", func(u *store.User) { u.Created = noon.Add(time.Second) }),
		stranger("came", func(u *store.User) { u.LastSignIn = noon }), stranger("admin", func(u *store.User) { u.Admin = true }),
		stranger("claimed", func(u *store.User) { u.AdminByClaim = true }), stranger("disabled", func(u *store.User) { u.Disabled = true }), stranger("given", as))
	do(t, s, func(tx store.Tx) error {
		if err := tx.PutMembership(t.Context(), store.Membership{User: "given", Department: store.AllDepartments, Role: "auditor"}); err != nil {
			return err
		}
		return tx.DeleteStrangers(t.Context(), noon.Add(time.Second))
	})
	users, err := s.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, u := range users {
		left = append(left, u.ID)
	}
	wantSame(t, "who is left", left, []string{"admin", "came", "claimed", "disabled", "fresh", "given", "local"})
}

func testInvitations(t *testing.T, s store.Store) {
	putUsers(t, s, newUser("u1", "kari"), newUser("u2", "ola"))
	put := func(i *store.Invitation) error {
		return s.Tx(t.Context(), func(tx store.Tx) error { return tx.PutInvitation(t.Context(), i) })
	}
	first := &store.Invitation{User: "u1", TokenHash: "h1", Expires: noon}
	second := &store.Invitation{User: "u1", TokenHash: "h2", Expires: noon.Add(time.Hour)}
	other := &store.Invitation{User: "u2", TokenHash: "h3", Expires: noon}
	for _, i := range []*store.Invitation{first, second, other} {
		if err := put(i); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Invitation(t.Context(), "h1")
	wantNotFound(t, "an invitation that another took the place of", err)
	got, err := s.Invitation(t.Context(), "h2")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the invitation", got, second)
	wantNotFound(t, "an invitation of nobody", put(&store.Invitation{User: "none", TokenHash: "h4"}))
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteInvitation(t.Context(), "u1") })
	}
	_, err = s.Invitation(t.Context(), "h2")
	wantNotFound(t, "a deleted invitation", err)
	if _, err := s.Invitation(t.Context(), "h3"); err != nil {
		t.Errorf("another's invitation: %v", err)
	}
}

func testSessions(t *testing.T, s store.Store) {
	putUsers(t, s, newUser("u1", "kari"))
	put := func(v *store.Session) error {
		return s.Tx(t.Context(), func(tx store.Tx) error { return tx.PutSession(t.Context(), v) })
	}
	old := &store.Session{TokenHash: "h1", User: "u1", Created: noon, Expires: noon}
	young := &store.Session{TokenHash: "h2", User: "u1", Issuer: "https://a.example", Created: noon, Expires: noon.Add(time.Microsecond)}
	for _, v := range []*store.Session{old, young} {
		if err := put(v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Session(t.Context(), "h1")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the session", got, old)
	_, err = s.Session(t.Context(), "H1")
	wantNotFound(t, "another session", err)
	wantNotFound(t, "a session of nobody", put(&store.Session{TokenHash: "h3", User: "none"}))
	do(t, s, func(tx store.Tx) error { return tx.DeleteExpiredSessions(t.Context(), noon) })
	_, err = s.Session(t.Context(), "h1")
	wantNotFound(t, "an expired session", err)
	young.Expires = noon.Add(time.Hour)
	if err := put(young); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Session(t.Context(), "h2"); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "a prolonged session", got, young)
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteSession(t.Context(), "h2") })
	}
	_, err = s.Session(t.Context(), "h2")
	wantNotFound(t, "a deleted session", err)

	putUsers(t, s, newUser("u2", "ola"))
	for hash, user := range map[string]string{"h4": "u1", "h5": "u1", "h6": "u2"} {
		if err := put(&store.Session{TokenHash: hash, User: user, Expires: noon}); err != nil {
			t.Fatal(err)
		}
	}
	do(t, s, func(tx store.Tx) error { return tx.DeleteSessionsOf(t.Context(), "u1") })
	for hash, left := range map[string]bool{"h4": false, "h5": false, "h6": true} {
		if _, err := s.Session(t.Context(), hash); (err == nil) != left {
			t.Errorf("session %s: %v", hash, err)
		}
	}
}

func testTokens(t *testing.T, s store.Store) {
	putUsers(t, s, newUser("u1", "kari"), newUser("u2", "ola"))
	put := func(k *store.Token) error {
		return s.Tx(t.Context(), func(tx store.Tx) error { return tx.PutToken(t.Context(), k) })
	}
	a := &store.Token{ID: "t1", TokenHash: "h1", User: "u1", Name: "skript", Created: noon,
		Scopes: []store.Scope{store.ScopeRead, store.ScopeWrite}}
	b := &store.Token{ID: "t2", TokenHash: "h2", User: "u1", Created: noon.Add(time.Second), Expires: noon.Add(time.Hour)}
	c := &store.Token{ID: "t3", TokenHash: "h3", User: "u2", Created: noon.Add(2 * time.Second)}
	for _, k := range []*store.Token{a, b, c} {
		if err := put(k); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Token(t.Context(), "h1")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the token", got, a)
	for user, want := range map[string][]store.Token{"u1": {*a, *b}, "u2": {*c}, "none": nil, "": {*a, *b, *c}} {
		got, err := s.Tokens(t.Context(), user)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the tokens of "+user, got, want)
	}
	wantConflict(t, "a hash that is taken", put(&store.Token{ID: "t4", TokenHash: "h1", User: "u2"}))
	wantNotFound(t, "a token of nobody", put(&store.Token{ID: "t5", TokenHash: "h5", User: "none"}))
	a.Name, a.Scopes, a.Expires = "annet", []store.Scope{store.ScopeAdmin}, noon
	if err := put(a); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Token(t.Context(), "h1"); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the changed token", got, a)
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.DeleteToken(t.Context(), "t1") })
	}
	_, err = s.Token(t.Context(), "h1")
	wantNotFound(t, "a deleted token", err)
}

func testSettings(t *testing.T, s store.Store) {
	_, err := s.Setting(t.Context(), "a")
	wantNotFound(t, "a setting that was never set", err)
	for _, v := range []string{"1", "", "æøå"} {
		do(t, s, func(tx store.Tx) error { return tx.PutSetting(t.Context(), "a", v) })
		if got, err := s.Setting(t.Context(), "a"); got != v || err != nil {
			t.Errorf("the setting is %q, %v, want %q", got, err, v)
		}
	}
	if _, err := s.Setting(t.Context(), "A"); referent.CodeOf(err) != referent.CodeNotFound {
		t.Errorf("settings are told apart by case: %v", err)
	}
}
