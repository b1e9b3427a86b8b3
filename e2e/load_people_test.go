package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/referent/referent/client"
)

const loadPassword = "et langt og godt passord"

// person is somebody with an account, as a browser and as a program.
type person struct {
	id      string
	name    string
	sees    func(owner, department string) bool
	place   string       // department that their meetings are in; "": none
	session *http.Cookie // the first of perhaps several
	token   string
	url     string
	api     *client.Client
}

// staff makes departments, one of them of health, and people with roles in them. The last is the administrator, who
// makes no meetings.
func staff(t *testing.T, s *server) []*person {
	t.Helper()
	boss := &person{url: s.url, token: s.tok, api: s.api}
	place := func(name string, health bool) string {
		var d struct{ ID string }
		boss.ask(t, "POST", "/departments", map[string]any{"name": name, "health": health}, &d)
		return d.ID
	}
	employ := func(name string, admin bool) *person {
		p := &person{url: s.url, name: name}
		var account struct{ ID string }
		boss.ask(t, "POST", "/users", map[string]any{"name": name, "password": loadPassword, "admin": admin}, &account)
		p.id = account.ID
		p.arrive(t)
		return p
	}
	school, roads, care := place("Skole", false), place("Vei", false), place("Hjemmetjeneste", true)
	var all []*person
	for i, in := range [][]string{{school}, {school}, {roads}, {care}, {school, care}, {roads, school}, {}} {
		p := employ(fmt.Sprintf("ansatt%d", i), false)
		mine := map[string]bool{}
		for _, d := range in {
			mine[d] = true
			for _, role := range []string{"registrar", "referent"} {
				boss.ask(t, "PUT", "/departments/"+d+"/members/"+p.id+"/"+role, nil, nil)
			}
			p.place = d
		}
		p.sees = func(owner, department string) bool {
			if department == "" {
				return owner == p.id
			}
			return mine[department]
		}
		all = append(all, p)
	}
	chief := employ("leder", true)
	chief.sees = func(_, department string) bool { return department != care }
	return append(all, chief)
}

// arrive opens the person's first session, and makes a token with it.
func (p *person) arrive(t *testing.T) {
	t.Helper()
	p.session = p.signIn(t)
	var made struct{ Secret string }
	p.ask(t, "POST", "/tokens", map[string]any{"name": "last", "scopes": []string{"read", "write"}}, &made)
	p.token = made.Secret
	p.api = client.New(p.url, p.token)
}

// signIn opens one more session, as a browser does.
func (p *person) signIn(t *testing.T) *http.Cookie {
	t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(p.url+"/signin", url.Values{"name": {p.name}, "password": {loadPassword}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, c := range resp.Cookies() {
		if strings.Contains(c.Name, "session") {
			return c
		}
	}
	t.Fatalf("no session: %s", resp.Status)
	return nil
}

// ask speaks to the API as the person.
func (p *person) ask(t *testing.T, method, path string, body, into any) {
	t.Helper()
	if err := p.try(method, path, body, into); err != nil {
		t.Fatal(err)
	}
}

func (p *person) try(method, path string, body, into any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, p.url+"/api/v1"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	} else {
		req.AddCookie(p.session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s %w", method, path, resp.Status, answer, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// meeting makes a meeting in the person's department.
func (p *person) meeting() (id string, err error) {
	var m struct{ ID string }
	err = p.try("POST", "/meetings", map[string]any{"title": "Under last", "department": p.place, "told": true}, &m)
	return m.ID, err
}
