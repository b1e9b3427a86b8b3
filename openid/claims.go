package openid

import (
	"errors"
	"strings"
	"unicode"

	"github.com/referent/referent"
)

// Claims says which of the provider's claims mean what.
type Claims struct {
	Subject string // who somebody is, for ever; "": sub
	User    string // a name to sign their work with in lists; unique here, made so where it is not
	Name    string // what they are called
	Roles   string // a text or a list of texts: groups or roles
}

// Person is who the provider says has signed in.
type Person struct {
	Issuer  string
	Subject string
	User    string   // may be empty
	Name    string   // may be empty
	Roles   []string // as the provider writes them
}

// The longest that is kept of what a provider says.
const (
	maxSubject = 255 // what the protocol allows
	maxName    = 200 // bytes
	maxUser    = 60  // bytes, with room for a number behind it
)

func (c Claims) person(issuer string, claims map[string]any) (*Person, error) {
	p := &Person{Issuer: issuer, User: shorten(words(claims[c.User]), maxUser), Name: shorten(words(claims[c.Name]), maxName)}
	name := c.Subject
	if name == "" {
		name = "sub"
	}
	p.Subject, _ = claims[name].(string)
	if p.Subject == "" || len(p.Subject) > maxSubject {
		return nil, referent.E(referent.CodeUnauthorized, "openid: read claims", errors.New("the token does not say who it is about")).
			WithHint("the claim that oidc.claim_subject names is not there")
	}
	switch v := claims[c.Roles].(type) {
	case string:
		p.Roles = []string{v}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				p.Roles = append(p.Roles, s)
			}
		}
	}
	return p, nil
}

// words is a claim as one line of text without control characters.
func words(v any) string {
	s, _ := v.(string)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf) }), " ")
}

// shorten cuts s to so many bytes, at a letter.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := 0
	for i := range s {
		if i > most {
			break
		}
		end = i
	}
	return strings.TrimSpace(s[:end])
}
