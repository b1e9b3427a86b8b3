package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// User is somebody with an account.
type User struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	DisplayName string    `json:"display_name,omitempty"`
	Admin       bool      `json:"admin"`
	Created     time.Time `json:"created"`
	LastSignIn  time.Time `json:"last_sign_in,omitzero"`
	Issuer      string    `json:"issuer,omitempty"` // the OpenID provider that knows the person; "": a local user
	Disabled    bool      `json:"disabled,omitempty"`
	// Invitation is an address where the user chooses a password, once and within seven days. It is shown when it is made.
	Invitation string `json:"invitation,omitempty"`
}

// Users lists everybody with an account. It needs the admin scope.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	users, err := call[[]User](ctx, c, http.MethodGet, "/users", nil)
	if err != nil {
		return nil, err
	}
	return *users, nil
}

// InviteUser makes an address where a local user chooses a new password; the one made before stops working. It needs the admin scope.
func (c *Client) InviteUser(ctx context.Context, id string) (*User, error) {
	return call[User](ctx, c, http.MethodPost, "/users/"+url.PathEscape(id)+"/invitation", nil)
}
