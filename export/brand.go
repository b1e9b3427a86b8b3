package export

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the two forms that every reader of the documents shows
	_ "image/png"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
	"github.com/referent/referent/export/pdf"
)

// The limits of a logo: it goes into every document.
const (
	maxLogo      = 1 << 20 // bytes
	minLogoSide  = 16      // pixels
	maxLogoSide  = 4000
	maxBrandName = 120 // runes
)

// Brand is what a document shows of the organisation that it belongs to.
type Brand struct {
	Name string // of the organisation; also the logo's text for those who do not see it
	logo []byte // nil: none
	form string // "png" or "jpeg"

	onPaper *pdf.Logo // the same for PDF

	width, height int // pixels
}

// LoadBrand reads the organisation's logo from a PNG or JPEG file; "" is none. It returns nil when there is
// neither name nor logo. CodeConfig: the logo cannot be read or does not fit.
func LoadBrand(name, logo string) (*Brand, error) {
	const op = "export: read logo"
	name = oneLine(name)
	if name == "" && logo == "" {
		return nil, nil
	}
	if utf8.RuneCountInString(name) > maxBrandName {
		return nil, referent.E(referent.CodeConfig, op, nil).WithHint("brand.name is at most %d characters", maxBrandName)
	}
	b := &Brand{Name: name}
	if logo == "" {
		return b, nil
	}
	if name == "" {
		return nil, referent.E(referent.CodeConfig, op, nil).WithHint("give brand.name too: it is read to those who cannot see the logo")
	}
	f, err := os.Open(logo)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).WithHint("brand.logo names a PNG or JPEG file")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxLogo+1))
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err)
	}
	if err := b.take(data); err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).
			WithHint("brand.logo is a PNG or JPEG file of at most 1 MiB, %d to %d pixels each way; a drawing (SVG) is exported as PNG first", minLogoSide, maxLogoSide)
	}
	return b, nil
}

// take sets the logo, once all of it has been read as an image.
func (b *Brand) take(data []byte) error {
	if len(data) > maxLogo {
		return errors.New("the file is too large")
	}
	c, form, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if min(c.Width, c.Height) < minLogoSide || max(c.Width, c.Height) > maxLogoSide {
		return fmt.Errorf("the image is %d by %d pixels", c.Width, c.Height)
	}
	shown, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	b.onPaper = pdf.NewLogo(shown)
	b.logo, b.form, b.width, b.height = data, form, c.Width, c.Height
	return nil
}

// hasLogo reports whether there is an image to show.
func (b *Brand) hasLogo() bool { return b != nil && b.logo != nil }

// fit is the logo's size within a box of the same unit, its proportions kept.
func (b *Brand) fit(width, height int) (w, h int) {
	if b.width*height > b.height*width {
		return width, max(1, width*b.height/b.width)
	}
	return max(1, height*b.width/b.height), height
}

// brandName is the organisation's name; "" where none is known.
func (d *document) brandName() string {
	if d.brand == nil {
		return ""
	}
	return strings.TrimSpace(d.brand.Name)
}
