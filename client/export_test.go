package client

import "time"

// Quick makes a client that tries again at once and sends small slices.
func Quick(slice int64) Option {
	return func(c *Client) { c.slice, c.waits = slice, []time.Duration{time.Millisecond} }
}

var ReadEvents = readEvents
