package s3

import (
	"context"
	"time"
)

// PartSize is the most bytes that one request puts in tests: the least that stores take.
const PartSize = 5 << 20

func init() { partSize, checking = PartSize, 3*time.Second }

// Sweep sweeps what is older than life.
func (b *Bucket) Sweep(ctx context.Context, life time.Duration) error { return b.sweep(ctx, life) }
