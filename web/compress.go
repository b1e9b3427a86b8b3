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

// packed sends text packed to whoever takes it so: a transcript of three hours is a tenth. It is the fastest level,
// since the processors have speech to recognise. Where a page shows what somebody asked for beside what is secret, how
// small it gets would tell how alike the two are: some bytes, as many as a hash of the answer says, blur that.
func packed() (func(http.Handler) http.HandlerFunc, error) {
	return gzhttp.NewWrapper(gzhttp.ContentTypes(packedTypes), gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.EnableZstd(false), gzhttp.RandomJitter(64, 0, false))
}
