package s3

import (
	"context"
	"time"
)

// PartSize is the most bytes that one request puts.
const PartSize = partSize

// Sweep sweeps what is older than life.
func (b *Bucket) Sweep(ctx context.Context, life time.Duration) error { return b.sweep(ctx, life) }
