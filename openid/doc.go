// Package openid lets people sign in at an OpenID provider: the authorization code flow with PKCE (S256), state
// and nonce, against one provider that is found by its issuer.
//
// It keeps nothing. A sign-in that is under way is a [Flow], which the caller binds to the browser; what comes
// of it is a [Person]. Tokens are read and dropped. Connections go to the issuer's host and to those that are
// allowed beside it, over TLS unless they stay on this machine, and follow no redirect.
//
// What is not here: who is let in and with which roles, cookies and sessions (package web), and the protocol's
// cryptography (github.com/coreos/go-oidc, golang.org/x/oauth2).
package openid
