package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/tus"
)

func (s *Server) tusCreate(w http.ResponseWriter, r *http.Request) {
	bad := func(hint string) { s.tusProblem(w, r, http.StatusBadRequest, referent.CodeInvalid, hint) }
	size, err := tus.ParseLength(r.Header)
	if err != nil {
		bad("Upload-Length must be a number of bytes, or Upload-Defer-Length 1 and Upload-Length absent")
		return
	}
	if size > s.cfg.MaxUpload {
		s.tusProblem(w, r, http.StatusRequestEntityTooLarge, referent.CodeTooLarge, "the limit is "+strconv.FormatInt(s.cfg.MaxUpload, 10)+" bytes")
		return
	}
	meta, err := tus.ParseMetadata(strings.Join(r.Header.Values("Upload-Metadata"), ","))
	if err != nil {
		bad("Upload-Metadata must be pairs of a key and base64 of UTF-8")
		return
	}
	withBody := r.Header.Get("Content-Type") == tus.ContentType
	if r.ContentLength != 0 && !withBody {
		s.tusProblem(w, r, http.StatusUnsupportedMediaType, referent.CodeInvalid, "a body must be "+tus.ContentType)
		return
	}
	once := ""
	if key := r.Header.Get(onceHeader); key != "" && len(key) <= 100 && !withBody {
		once = hashSecret(whoAsks(r.Context()).user.ID + " " + key)
		release, ok := s.lockUploadID(w, r, once, func() {})
		if !ok {
			return
		}
		defer release()
		u, err := s.createdBefore(r.Context(), once)
		if err != nil {
			s.writeProblem(w, r, err)
			return
		}
		if u != nil {
			s.tusCreated(w, u)
			w.WriteHeader(http.StatusCreated)
			return
		}
	}
	meeting, made, err := s.uploadMeeting(r.Context(), meta)
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	u, err := s.pipe.BeginUpload(r.Context(), meeting, whoAsks(r.Context()).user.ID, size)
	if err != nil {
		if made { // the meeting is of no use without its upload
			if _, derr := s.pipe.Delete(r.Context(), meeting, whoAsks(r.Context()).user.ID); derr != nil {
				err = errors.Join(err, derr)
			}
		}
		s.writeProblem(w, r, err)
		return
	}
	if once != "" {
		if u, err = s.createdOnce(r.Context(), once, u, made); err != nil {
			s.writeProblem(w, r, err)
			return
		}
	}
	s.tusCreated(w, u)
	if !withBody {
		w.WriteHeader(http.StatusCreated)
		return
	}
	s.tusAppend(w, r, u, 0, http.StatusCreated)
}

// createdBefore is the upload that the same creation has made, if it is there and may be seen; nil: none.
func (s *Server) createdBefore(ctx context.Context, once string) (*store.Upload, error) {
	id, err := s.store.Creation(ctx, once)
	var u *store.Upload
	if err == nil {
		u, err = s.store.Upload(ctx, id)
	}
	if err == nil {
		_, err = s.meeting(ctx, u.Meeting)
	}
	if err != nil && codeOf(err) == referent.CodeNotFound {
		return nil, nil
	}
	return u, err
}

// createdOnce notes what a creation has made. Where the same creation came to another server meanwhile and was first, what
// that made counts, and a meeting that was made for this one goes.
func (s *Server) createdOnce(ctx context.Context, once string, u *store.Upload, made bool) (*store.Upload, error) {
	for {
		var first string
		err := s.store.Tx(ctx, func(tx store.Tx) (err error) {
			if err := tx.DeleteCreations(ctx, s.now().Add(-store.CreationsKept)); err != nil {
				return err
			}
			first, err = tx.AddCreation(ctx, once, u.ID, s.now())
			return err
		})
		if err != nil || first == u.ID {
			return u, err
		}
		before, err := s.createdBefore(ctx, once)
		if err != nil {
			return nil, err
		}
		if before != nil {
			if made {
				_, err = s.pipe.Delete(ctx, u.Meeting, whoAsks(ctx).user.ID)
			}
			return before, err
		}
		// One whose upload has gone, or may not be seen, is begun anew.
		err = s.store.Tx(ctx, func(tx store.Tx) error {
			now, err := tx.Creation(ctx, once)
			if errors.Is(err, store.ErrNotFound) || err == nil && now != first {
				return nil
			}
			if err != nil {
				return err
			}
			return tx.DeleteCreation(ctx, once)
		})
		if err != nil {
			return nil, err
		}
	}
}

// tusCreated tells where the upload is and whose recording it brings.
func (s *Server) tusCreated(w http.ResponseWriter, u *store.Upload) {
	w.Header().Set("Location", uploadsPath+"/"+u.ID)
	w.Header().Set(meetingHeader, u.Meeting)
	setExpires(w, u)
}
