// Package assets holds the third-party files of the pages: Designsystemet's style and theme, and the font.
// `make assets` brings them from npm, by the versions and hashes of package-lock.json beside this file,
// and a program built without them has none. What is not here: our own scripts and styles (web/static), and what
// only tests need, which stays in the cache.
package assets

import "embed"

//go:embed dist
var dist embed.FS

// The files that `make assets` brings, as setup/assets.sh names them.
const (
	Components = "designsystemet.css"
	Theme      = "designsystemet-theme.css"
	Font       = "inter-latin.woff2"
	FontMore   = "inter-latin-ext.woff2" // the Sámi letters among others
	Licences   = "third-party.txt"       // of all of them: they go where the files go
)

// Names lists them all.
func Names() []string {
	return []string{Components, Theme, Font, FontMore, Licences}
}

// Files are the files that the program was built with, by name: all of [Names], or nil when one is missing.
func Files() map[string][]byte {
	files := map[string][]byte{}
	for _, name := range Names() {
		body, err := dist.ReadFile("dist/" + name)
		if err != nil {
			return nil
		}
		files[name] = body
	}
	return files
}
