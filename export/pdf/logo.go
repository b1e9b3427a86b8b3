package pdf

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
)

// logo is an image on white, as large as it is shown.
type logo struct {
	pixels        *image.RGBA
	width, height float64 // points
}

// sharp is how many pixels a logo has at most for a point: 600 an inch.
const sharp = 600.0 / 72

// fitLogo keeps an image's proportions, and of its pixels no more than printers show.
func fitLogo(src image.Image) *logo {
	b := src.Bounds()
	scale := min(maxLogoWidth/float64(b.Dx()), maxLogoHeight/float64(b.Dy()))
	l := &logo{width: float64(b.Dx()) * scale, height: float64(b.Dy()) * scale}
	w, h := min(b.Dx(), max(1, int(math.Round(l.width*sharp)))), min(b.Dy(), max(1, int(math.Round(l.height*sharp))))
	l.pixels = image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(l.pixels, l.pixels.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(l.pixels, l.pixels.Bounds(), src, b, draw.Over, nil)
	return l
}

func (l *logo) write(o *objects) ref {
	b := l.pixels.Bounds()
	data := make([]byte, 0, 3*b.Dx()*b.Dy())
	for i := 0; i < len(l.pixels.Pix); i += 4 {
		data = append(data, l.pixels.Pix[i:i+3]...)
	}
	return o.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", b.Dx(), b.Dy()), data)
}
