package blob

import (
	"errors"
	"io"
	"sort"

	"github.com/referent/referent"
)

// Concat joins byte strings to one, in their order: a recording from its parts. Close closes them all.
func Concat(parts []ReadAtCloser) ReadAtCloser {
	c := &concat{parts: parts, ends: make([]int64, len(parts))}
	for i, p := range parts {
		c.size += p.Size()
		c.ends[i] = c.size
	}
	return c
}

type concat struct {
	parts []ReadAtCloser
	ends  []int64 // where each part ends in the whole
	size  int64
}

func (c *concat) Size() int64 { return c.size }

func (c *concat) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, referent.E(referent.CodeInvalid, "blob: read parts", errors.New("an offset below zero"))
	}
	i := sort.Search(len(c.ends), func(i int) bool { return c.ends[i] > off })
	for ; n < len(p) && i < len(c.parts); i++ {
		start := c.ends[i] - c.parts[i].Size()
		want := p[n:][:min(int64(len(p)-n), c.ends[i]-off)]
		m, err := c.parts[i].ReadAt(want, off-start)
		n, off = n+m, off+int64(m)
		if m == len(want) {
			continue // an io.EOF here is only the part's
		}
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF // shorter than it said
		}
		return n, err
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (c *concat) Close() error {
	var errs []error
	for _, p := range c.parts {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}
