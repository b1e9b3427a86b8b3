package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/referent/referent"
	"github.com/referent/referent/audit"
	"github.com/referent/referent/pipeline"
)

// AuditHead is the newest link of the audit chain.
func (c *Client) AuditHead(ctx context.Context) (*audit.Head, error) {
	return call[audit.Head](ctx, c, http.MethodGet, "/audit/head", nil)
}

// ExportAudit writes the audit chain to w, a link a line. from and to are ISO dates; "": all that there is.
func (c *Client) ExportAudit(ctx context.Context, from, to string, w io.Writer) error {
	q := url.Values{}
	for name, day := range map[string]string{"from": from, "to": to} {
		if day != "" {
			q.Set(name, day)
		}
	}
	resp, err := c.do(ctx, http.MethodGet, apiRoot+"/audit?"+q.Encode(), nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return referent.E(codeOf(err), "client: export audit chain", err).WithHint("the file is not whole; try again")
	}
	return nil
}

// VerifyAudit has the server verify its audit chain. noted is a head that was noted; nil: none was.
func (c *Client) VerifyAudit(ctx context.Context, noted *audit.Head) (*audit.Report, error) {
	q := url.Values{}
	if noted != nil {
		q.Set("head", noted.String())
	}
	return call[audit.Report](ctx, c, http.MethodGet, "/audit/verification?"+q.Encode(), nil)
}

// PreviewPurge tells what the rules of retention erase now and in the coming days.
func (c *Client) PreviewPurge(ctx context.Context, days int) (*pipeline.Purge, error) {
	return call[pipeline.Purge](ctx, c, http.MethodGet, "/purge?days="+strconv.Itoa(days), nil)
}

// Purge has the server erase what the rules of retention say, and returns the first that it did. More tells whether to
// call it again.
func (c *Client) Purge(ctx context.Context) (*pipeline.Purge, error) {
	return call[pipeline.Purge](ctx, c, http.MethodPost, "/purge", nil)
}
