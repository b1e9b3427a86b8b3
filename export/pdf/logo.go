package pdf

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
)

// Logo is an image on white, as large as it is shown, ready for any number of documents.
type Logo struct {
	width, height float64 // points
	columns, rows int     // pixels
	data          []byte  // red, green and blue, packed
}

// sharp is how many pixels a logo has at most for a point: 600 an inch.
const sharp = 600.0 / 72

// NewLogo keeps an image's proportions, and of its pixels no more than printers show.
func NewLogo(src image.Image) *Logo {
	b := src.Bounds()
	scale := min(maxLogoWidth/float64(b.Dx()), maxLogoHeight/float64(b.Dy()))
	l := &Logo{width: float64(b.Dx()) * scale, height: float64(b.Dy()) * scale}
	l.columns, l.rows = min(b.Dx(), max(1, int(math.Round(l.width*sharp)))), min(b.Dy(), max(1, int(math.Round(l.height*sharp))))
	pixels := image.NewRGBA(image.Rect(0, 0, l.columns, l.rows))
	draw.Draw(pixels, pixels.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(pixels, pixels.Bounds(), src, b, draw.Over, nil)
	data := make([]byte, 0, 3*l.columns*l.rows)
	for i := 0; i < len(pixels.Pix); i += 4 {
		data = append(data, pixels.Pix[i:i+3]...)
	}
	l.data = packed(data)
	return l
}

func (l *Logo) write(o *objects) ref {
	return o.packedStream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", l.columns, l.rows), l.data)
}
