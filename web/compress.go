package web

import (
	"compress/gzip"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// packedTypes are what is sent packed: text, of which there can be much. Sound and pictures are packed already, and
// an event stream must not wait for more.
var packedTypes = []string{
	"text/html", "text/css", "text/javascript", "text/plain", "text/markdown", "text/vtt", "image/svg+xml",
	"application/json", "application/problem+json", "application/x-subrip", "application/schema+json", "application/openapi+json",
}

// packed sends text packed to whoever takes it so: a transcript of three hours is about a seventh. It is the fastest
// level, since the processors have speech to recognise.
//
// Where a page shows what was asked for beside what is secret, how small it gets tells how alike the two are (BREACH),
// and another site can have a browser ask with its session, by a link to a search. So what another site made a browser
// ask for goes as it is. Programs do not say who made them ask, nor do browsers over plain HTTP, where others on the
// network read the text itself.
func packed() (func(http.Handler) http.Handler, error) {
	pack, err := gzhttp.NewWrapper(gzhttp.ContentTypes(packedTypes), gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.EnableZstd(false))
	return func(next http.Handler) http.Handler {
		small := pack(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.Header.Get("Sec-Fetch-Site") {
			case "cross-site", "same-site": // same-site: another host of the domain, which gets the session as well
				next.ServeHTTP(w, r)
			default:
				small.ServeHTTP(w, r)
			}
		})
	}, err
}
