package client

import (
	"context"
	"net/http"

	"github.com/referent/referent"
)

// Partial is what has been heard of a meeting's recording while it arrives: provisional text, and none
// once there is a transcript. Watch tells with events of type "partial" that there is more.
func (c *Client) Partial(ctx context.Context, id string) (*referent.Partial, error) {
	return call[referent.Partial](ctx, c, http.MethodGet, at(id)+"/partial", nil)
}
