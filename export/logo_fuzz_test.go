package export

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// FuzzLogo reads what is given as the logo of documents: a logo that is taken can be fitted anywhere.
func FuzzLogo(f *testing.F) {
	for _, size := range []image.Point{{40, 40}, {16, 400}} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewNRGBA(image.Rectangle{Max: size})); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Brand
		if b.take(data) != nil {
			return
		}
		if w, h := b.fit(100, 20); w < 1 || h < 1 || w > 100 || h > 20 {
			t.Errorf("%d by %d", w, h)
		}
	})
}
