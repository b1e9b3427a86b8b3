package web

import (
	"html/template"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What may stand in a document that is shown inside a page. Everything else is left out: elements
// with their tags only, so that their text stays; those in dropped with all they hold.
var (
	allowedElements = map[atom.Atom]bool{
		atom.Article: true, atom.Section: true, atom.Header: true, atom.Footer: true, atom.Div: true, atom.Span: true,
		atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.P: true, atom.Br: true, atom.Hr: true,
		atom.Ul: true, atom.Ol: true, atom.Li: true, atom.Dl: true, atom.Dt: true, atom.Dd: true,
		atom.Table: true, atom.Caption: true, atom.Thead: true, atom.Tbody: true, atom.Tr: true, atom.Th: true, atom.Td: true,
		atom.Strong: true, atom.Em: true, atom.B: true, atom.I: true, atom.Small: true, atom.Sup: true, atom.Sub: true,
		atom.Blockquote: true, atom.Time: true, atom.Abbr: true, atom.Code: true, atom.Pre: true, atom.A: true,
	}
	dropped = map[atom.Atom]bool{
		atom.Head: true, atom.Script: true, atom.Style: true, atom.Template: true, atom.Iframe: true, atom.Object: true,
		atom.Embed: true, atom.Svg: true, atom.Math: true, atom.Noscript: true, atom.Textarea: true, atom.Title: true,
	}
	allowedAttributes = map[string]bool{
		"class": true, "lang": true, "scope": true, "colspan": true, "rowspan": true, "datetime": true, "title": true, "start": true,
	}
)

// sanitize reduces an HTML document to the elements and attributes above. Headings move one level
// down, since the page has its own first heading. Links stay only when they lead to a place in the
// page itself.
func sanitize(r io.Reader) (template.HTML, error) {
	doc, err := html.Parse(r)
	if err != nil {
		return "", err
	}
	root := &html.Node{Type: html.DocumentNode}
	copyAllowed(root, doc)
	var b strings.Builder
	if err := html.Render(&b, root); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

func copyAllowed(to, from *html.Node) {
	for n := range from.ChildNodes() {
		switch n.Type {
		case html.TextNode:
			to.AppendChild(&html.Node{Type: html.TextNode, Data: n.Data})
		case html.ElementNode:
			if dropped[n.DataAtom] || n.Namespace != "" {
				continue
			}
			into := to
			if allowedElements[n.DataAtom] {
				into = allowedCopy(n)
				to.AppendChild(into)
			}
			copyAllowed(into, n)
		}
	}
}

func allowedCopy(n *html.Node) *html.Node {
	c := &html.Node{Type: html.ElementNode, DataAtom: n.DataAtom, Data: n.Data}
	switch n.DataAtom {
	case atom.H1:
		c.DataAtom, c.Data = atom.H2, "h2"
	case atom.H2:
		c.DataAtom, c.Data = atom.H3, "h3"
	case atom.H3, atom.H4:
		c.DataAtom, c.Data = atom.H4, "h4"
	}
	for _, a := range n.Attr {
		if a.Namespace != "" {
			continue
		}
		if allowedAttributes[a.Key] || (a.Key == "href" && n.DataAtom == atom.A && strings.HasPrefix(a.Val, "#")) {
			c.Attr = append(c.Attr, html.Attribute{Key: a.Key, Val: a.Val})
		}
	}
	return c
}
