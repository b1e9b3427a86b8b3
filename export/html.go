package export

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/gomarkdown/markdown"
	"github.com/gomarkdown/markdown/ast"
	mdhtml "github.com/gomarkdown/markdown/html"
	"github.com/gomarkdown/markdown/parser"
	"github.com/referent/referent"
)

//go:embed minutes.html.tmpl
var htmlPage string

//go:embed minutes.css
var htmlStyle string

var page = template.Must(template.New("minutes").Parse(htmlPage))

// writeHTML writes one complete page from the document's Markdown. The Markdown already holds every
// word as text; raw HTML, links and images are not read from it at all.
func writeHTML(w io.Writer, d *document) error {
	p := parser.NewWithExtensions(parser.Tables | parser.NoIntraEmphasis | parser.SpaceHeadings | parser.BackslashLineBreak)
	body := markdown.ToHTML([]byte(documentMarkdown(d)), p, mdhtml.NewRenderer(mdhtml.RendererOptions{
		Flags:          mdhtml.SkipHTML | mdhtml.SkipImages | mdhtml.SkipLinks | mdhtml.Safelink,
		RenderNodeHook: headerScope,
	}))
	var out bytes.Buffer
	if err := page.Execute(&out, map[string]any{
		"Lang":  d.lang,
		"Title": d.title,
		"Brand": d.brandName(),
		"Logo":  d.logoAddress(),
		"About": d.properties(),
		"Style": template.CSS(htmlStyle), // our own file
		"Body":  template.HTML(body),     // made from escaped Markdown, raw HTML skipped
	}); err != nil {
		return referent.E(referent.CodeInternal, "export: write HTML", err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// logoAddress is the logo as an address that holds it, so that a page is one file. "": there is none.
func (d *document) logoAddress() template.URL {
	if !d.brand.hasLogo() {
		return ""
	}
	return template.URL("data:image/" + d.brand.form + ";base64," + base64.StdEncoding.EncodeToString(d.brand.logo)) // our own bytes, known to be an image
}

// headerScope gives header cells their scope, which screen readers use.
func headerScope(w io.Writer, node ast.Node, entering bool) (ast.WalkStatus, bool) {
	cell, ok := node.(*ast.TableCell)
	if !ok || !cell.IsHeader {
		return ast.GoToNext, false
	}
	s := "</th>\n"
	if entering {
		s = `<th scope="col">`
	}
	if _, err := io.WriteString(w, s); err != nil {
		return ast.Terminate, true
	}
	return ast.GoToNext, true
}
