package configs

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
)

// OIDC is the OpenID provider that people sign in at. Without Issuer there is none, and nothing is called.
type OIDC struct {
	Issuer           string   `koanf:"issuer"` // exactly as the provider calls itself
	ClientID         string   `koanf:"client_id"`
	ClientSecret     string   `koanf:"client_secret"`      // better given by the file or REFERENT_OIDC_CLIENT_SECRET
	ClientSecretFile string   `koanf:"client_secret_file"` // holds the secret and nothing else
	Label            string   `koanf:"label"`              // what the button calls it: "Logg inn med …"; empty: the issuer's host
	Scopes           []string `koanf:"scopes"`             // beside openid
	Allowed          []string `koanf:"allowed"`            // hosts beside the issuer's that the provider keeps its endpoints on
	UserInfo         bool     `koanf:"userinfo"`           // ask the userinfo endpoint for claims too

	ClaimSubject string `koanf:"claim_subject"` // who somebody is, for ever
	ClaimUser    string `koanf:"claim_user"`
	ClaimName    string `koanf:"claim_name"`
	ClaimRoles   string `koanf:"claim_roles"`

	Roles      []ClaimedRole `koanf:"roles"`       // what values of ClaimRoles give
	Admit      string        `koanf:"admit"`       // AdmitMapped, AdmitWaiting, AdmitEverybody
	Passwords  string        `koanf:"passwords"`   // PasswordsEverybody, PasswordsAdministrators
	EndSession bool          `koanf:"end_session"` // signing out here signs out at the provider too, where it can
}

// ClaimedRole is what a value of the claim gives: to be an administrator, or a role in a department.
type ClaimedRole struct {
	Value         string `koanf:"value"`
	Administrator bool   `koanf:"administrator"`
	Department    string `koanf:"department"` // name or id, or * for all that are not of health
	Role          string `koanf:"role"`
}

// Whom the provider's people are let in as.
const (
	AdmitMapped    = "mapped"    // those whom a value of the claim, or somebody here, has given a role
	AdmitWaiting   = "waiting"   // the same; others are remembered, so that somebody here can give them a role
	AdmitEverybody = "everybody" // everybody who can sign in at the provider
)

// Who may sign in with a password while there is a provider.
const (
	PasswordsEverybody      = "everybody"
	PasswordsAdministrators = "administrators" // for the day that the provider is gone
)

// Enabled reports whether there is a provider.
func (o *OIDC) Enabled() bool { return o.Issuer != "" }

// Secret is the client's secret, read from its file where it is in one. The error does not tell it.
func (o *OIDC) Secret() (string, error) {
	if o.ClientSecretFile == "" {
		return o.ClientSecret, nil
	}
	data, err := os.ReadFile(o.ClientSecretFile)
	if err != nil {
		return "", referent.E(referent.CodeConfig, "configs: read client secret", err).WithHint("oidc.client_secret_file must be a file that the server can read")
	}
	return strings.TrimSpace(string(data)), nil
}

func (o *OIDC) validate(publicURL string) (wrong []error) {
	if !o.Enabled() {
		return nil
	}
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	u, err := url.Parse(o.Issuer)
	switch {
	case strings.Contains(o.Issuer, "@"):
		bad("oidc.issuer must hold no user name and no password")
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && referent.Loopback(u.Hostname())):
		bad("oidc.issuer must be an https:// address, not %q", o.Issuer)
	}
	if o.ClientID == "" {
		bad("oidc.client_id must be what the provider calls this server")
	}
	if publicURL == "" {
		bad("public_url must be set when oidc.issuer is: the provider sends people back to it")
	}
	if o.ClientSecret != "" && o.ClientSecretFile != "" {
		wrong = append(wrong, errors.New("oidc.client_secret and oidc.client_secret_file: give one of them"))
	}
	if o.ClientSecretFile != "" {
		if _, err := o.Secret(); err != nil {
			bad("oidc.client_secret_file %q cannot be read", o.ClientSecretFile)
		}
	}
	if o.ClaimSubject == "" || o.ClaimUser == "" || o.ClaimName == "" || o.ClaimRoles == "" {
		bad("oidc.claim_subject, claim_user, claim_name and claim_roles must name claims")
	}
	if slices.Contains([]string{o.ClaimSubject, o.ClaimUser, o.ClaimName, o.ClaimRoles}, "pid") {
		bad("oidc: the claim pid is a national identity number, and is not kept")
	}
	if !slices.Contains([]string{AdmitMapped, AdmitWaiting, AdmitEverybody}, o.Admit) {
		bad("oidc.admit must be %s, %s or %s, not %q", AdmitMapped, AdmitWaiting, AdmitEverybody, o.Admit)
	}
	if o.Passwords != PasswordsEverybody && o.Passwords != PasswordsAdministrators {
		bad("oidc.passwords must be %s or %s, not %q", PasswordsEverybody, PasswordsAdministrators, o.Passwords)
	}
	for i, r := range o.Roles {
		inDepartment := r.Department != "" && access.Role(r.Role).Known()
		if r.Value == "" || r.Administrator == inDepartment || r.Administrator && (r.Department != "" || r.Role != "") {
			bad("oidc.roles, number %d: a value gives administrator: true, or a department and a role of %v", i+1, access.Roles)
		}
	}
	return wrong
}
