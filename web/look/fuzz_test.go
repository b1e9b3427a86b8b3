package look

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// FuzzLogo reads what is given as the logo of the pages.
func FuzzLogo(f *testing.F) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>`))
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := formOf(data)
		if err == nil && form != "svg" && form != "png" && form != "jpeg" {
			t.Errorf("accepted as %q", form)
		}
	})
}
