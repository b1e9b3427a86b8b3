package s3

import (
	"context"
	"time"
)

// PartSize is the most bytes that one request puts in tests: the least that stores take.
const PartSize = 5 << 20

// Patience is how long requests may take in tests.
const Patience = 15 * time.Second

func init() { partSize, patience, answering, checking = PartSize, Patience, Patience, Patience/2 }

// Sweep sweeps what is older than life.
func (b *Bucket) Sweep(ctx context.Context, life time.Duration) error { return b.sweep(ctx, life) }
