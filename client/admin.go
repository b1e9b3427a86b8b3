package client

import (
	"context"
	"net/http"

	"github.com/referent/referent/pipeline"
)

// Workers lists the workers that the server hears from. It needs the admin scope.
func (c *Client) Workers(ctx context.Context) ([]pipeline.WorkerInfo, error) {
	workers, err := call[[]pipeline.WorkerInfo](ctx, c, http.MethodGet, "/workers", nil)
	if err != nil {
		return nil, err
	}
	return *workers, nil
}
