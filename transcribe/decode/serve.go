package decode

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// server hands a recording to one ffmpeg, over HTTP on a loopback interface, with ranges: containers
// that keep their index at the end are read by seeking. The interface is ffmpeg's own where the system lets us
// (package confine); where it is the machine's, whoever does not know the path gets nothing, and nor does a
// process of another user (see sameUser).
type server struct {
	http *http.Server
	done chan struct{}
}

// serve answers at path on l, which it closes. shared says that other processes of this machine can connect too.
func serve(in *source, l net.Listener, path string, shared bool) *server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		// A fixed type, or ServeContent would read the start once more to guess one.
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(in, 0, in.size))
	})
	s := &server{
		done: make(chan struct{}),
		http: &http.Server{
			Handler:           mux,
			ReadHeaderTimeout: 10 * time.Second,
			// ffmpeg drops connections whenever it seeks; that is no news.
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
			ConnContext: func(ctx context.Context, c net.Conn) context.Context {
				if shared && !sameUser(c) {
					c.Close()
				}
				return ctx
			},
		},
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			l.Close() // ffmpeg then fails to read, which is reported
		}
	}()
	return s
}

func (s *server) close() {
	s.http.Close()
	<-s.done
}
