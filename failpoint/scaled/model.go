package scaled

import (
	"io"
	"net/http"
	"strings"
)

// AnswerNothing is a language model that finds nothing: what is tried with it is how its answers are asked for and kept.
func AnswerNothing(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"{\"items\":[],\"decisions\":[],\"actions\":[],\"votes\":[],\"next_meeting\":null}"}}]}`)
}
