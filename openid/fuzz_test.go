package openid

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzClaims reads what a provider says of somebody: whoever is let in has a subject, and names fit where they are kept.
func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"sub":"1","name":"Kari\u202e Nordmann","preferred_username":"kari","roles":["a",1,null]}`))
	f.Add([]byte(`{"sub":7,"name":["x"],"roles":"a"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var claims map[string]any
		if json.Unmarshal(data, &claims) != nil {
			return
		}
		p, err := Claims{Subject: "sub", User: "preferred_username", Name: "name", Roles: "roles"}.person("https://x", claims)
		if err != nil {
			return
		}
		if p.Subject == "" || len(p.Subject) > maxSubject || len(p.User) > maxUser || len(p.Name) > maxName || !utf8.ValidString(p.Name) || !utf8.ValidString(p.User) {
			t.Errorf("%+v", p)
		}
	})
}
