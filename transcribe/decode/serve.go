package decode

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// server hands a recording to one ffmpeg, over HTTP on the loopback interface, with ranges: containers
// that keep their index at the end are read by seeking. Whoever does not know the path gets nothing,
// and nor does a process of another user (see sameUser).
type server struct {
	URL  string
	http *http.Server
	done chan struct{}
}

func serve(in *source) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	path := "/" + rand.Text()
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		// A fixed type, or ServeContent would read the start once more to guess one.
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(in, 0, in.size))
	})
	s := &server{
		URL:  "http://" + l.Addr().String() + path,
		done: make(chan struct{}),
		http: &http.Server{
			Handler:           mux,
			ReadHeaderTimeout: 10 * time.Second,
			// ffmpeg drops connections whenever it seeks; that is no news.
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
			ConnContext: func(ctx context.Context, c net.Conn) context.Context {
				if !sameUser(c) {
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
	return s, nil
}

func (s *server) close() {
	s.http.Close()
	<-s.done
}
