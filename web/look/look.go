// Package look is how the pages show which organisation they belong to: its name, its logo and its colour, from
// the configuration. A colour becomes a whole scale of Designsystemet's custom properties, for light and dark, with
// enough contrast whatever the colour is. What is not here: the documents' own logo (package export), and the
// pages (package web).
package look

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the forms that every browser shows
	_ "image/png"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/referent/referent"
)

const (
	maxLogo     = 1 << 20 // bytes
	maxLogoSide = 4000    // pixels
	maxName     = 120     // runes
)

// Look is what pages show of the organisation. The zero value is an organisation that has said nothing.
type Look struct {
	Name  string // "": none
	Logo  []byte // nil: none; otherwise there is a Name, which is read to those who do not see it
	Form  string // of the logo, "svg", "png" or "jpeg"
	Theme []byte // a style sheet; nil: Designsystemet's own colours
}

// LogoPolicy is the Content-Security-Policy that a logo is served with: opened by itself, a drawing runs no script
// and fetches nothing. As the picture on a page no drawing does either.
const LogoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// Load reads the logo from an SVG, PNG or JPEG file and makes the theme of a colour like "#005b7f"; each may be "".
// It fails with CodeConfig.
func Load(name, logo, color string) (*Look, error) {
	const op = "look: read"
	l := &Look{Name: strings.Join(strings.Fields(name), " ")}
	if utf8.RuneCountInString(l.Name) > maxName {
		return nil, referent.E(referent.CodeConfig, op, nil).WithHint("brand.name is at most %d characters", maxName)
	}
	if color != "" {
		c, err := ParseColor(color)
		if err != nil {
			return nil, referent.E(referent.CodeConfig, op, err).WithHint("brand.color is # and six hexadecimal digits, such as #005b7f")
		}
		l.Theme = c.Theme()
	}
	if logo == "" {
		return l, nil
	}
	if l.Name == "" {
		return nil, referent.E(referent.CodeConfig, op, nil).WithHint("give brand.name too: it is read to those who cannot see the logo")
	}
	data, err := readAll(logo)
	if err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).WithHint("brand.logo and brand.page_logo name files that can be read")
	}
	if l.Form, err = formOf(data); err != nil {
		return nil, referent.E(referent.CodeConfig, op, err).
			WithHint("the logo of the pages is an SVG, PNG or JPEG file of at most 1 MiB, and at most %d pixels each way", maxLogoSide)
	}
	l.Logo = data
	return l, nil
}

func readAll(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxLogo+1))
}

// formOf is the form of an image that a browser shows.
func formOf(data []byte) (string, error) {
	if len(data) > maxLogo {
		return "", errors.New("the file is too large")
	}
	if drawing(data) {
		return "svg", nil
	}
	c, form, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	if max(c.Width, c.Height) > maxLogoSide {
		return "", fmt.Errorf("the image is %d by %d pixels", c.Width, c.Height)
	}
	_, _, err = image.Decode(bytes.NewReader(data))
	return form, err
}

// drawing reports whether data is a whole XML document whose root is svg.
func drawing(data []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			return root == "svg"
		}
		if err != nil {
			return false
		}
		if e, ok := token.(xml.StartElement); ok && root == "" {
			root = e.Name.Local
		}
	}
}
