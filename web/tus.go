package web

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web/patience"
	"github.com/referent/referent/web/tus"
)

const (
	uploadsPath = apiRoot + "/uploads"

	meetingHeader = "Referent-Meeting" // on the answer to a creation: the meeting that the upload is for; on a request: the same, to hear of its erasure
	userHeader    = "Referent-User"    // on a request: the id of whoever recorded; anybody else's session is refused with 401
	onceHeader    = "Idempotency-Key"  // on a creation without a body: the same one again within an hour makes nothing new
	erasedHeader  = "Referent-Erased"  // on a 404: the meeting of the request's meetingHeader was erased
)

// The uploads follow tus 1.0 (https://tus.io/protocols/resumable-upload): POST makes one, PATCH brings
// bytes, HEAD tells how many arrived, DELETE gives up. Bytes go from the connection into the pipeline
// as they come; nothing is collected here.
func (s *Server) registerUploads() {
	const metadata = "Upload-Metadata keys: `meeting` (id of a meeting that waits for its recording), or what makes a new one: " +
		"`department`, `title`, `kind`, `language`, `date`, `place`, `body`, `participants` and `agenda` (JSON, CSV or lines of text), `purpose`, `legal_basis`, `told` (`yes`: you confirm that those present were told), `mode`, `spoken`, `speakers`, `writer`. " +
		"`filename` becomes the title when there is none, and is not kept otherwise."
	const user = " With `Referent-User`, here and in what follows, the id of a user, it is refused with 401 when somebody else has signed in."
	registerTus[struct{}](s, http.MethodPost, "", "create-upload", access.Upload, "Begin an upload", metadata+" With `Upload-Defer-Length: 1` in the place of Upload-Length the length is told later, as when it is recorded meanwhile. A creation that repeats the `Idempotency-Key` of one in the last hour answers with the same upload."+user, "201", s.tusCreate)
	registerTus[struct{}](s, http.MethodOptions, "", "upload-options", access.OwnAccount, "What the server's tus can do", "", "204", s.tusOptions)
	registerTus[UploadPath](s, http.MethodOptions, "/{id}", "upload-options-of", access.OwnAccount, "What the server's tus can do", "", "204", s.tusOptions)
	registerTus[UploadPath](s, http.MethodHead, "/{id}", "head-upload", access.Upload, "How many bytes arrived", "A 404 to a request with the meeting's id in `Referent-Meeting` has the header `Referent-Erased` when that meeting was erased.", "200", s.tusHead)
	registerTus[UploadPath](s, http.MethodPatch, "/{id}", "append-upload", access.Upload, "Bring bytes", "The body starts at Upload-Offset; it may be empty. Upload-Checksum is checked before anything is kept. Upload-Length tells how long an upload of unknown length is, and counts when the body has come; when all of that has come, work begins.", "204", s.tusPatch)
	registerTus[UploadPath](s, http.MethodDelete, "/{id}", "delete-upload", access.Upload, "Give an upload up", "", "204", s.tusDelete)
}

// UploadPath is the input of everything about one upload.
type UploadPath struct {
	ID string `path:"id" doc:"The upload's id." maxLength:"64"`
}

// registerTus registers a handler that speaks tus, behind the check of its version.
func registerTus[I any](s *Server, method, path, id string, needs access.Permission, summary, text, status string, h http.HandlerFunc) {
	register(s, operation{method: method, path: "/uploads" + path, id: id, tag: "uploads", needs: needs, summary: summary, text: text,
		responses: map[string]*huma.Response{status: {Description: "Done; see the headers."}}},
		func(ctx context.Context, _ *I) (*huma.StreamResponse, error) {
			return raw(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Tus-Resumable", tus.Version)
				if r.Method != http.MethodOptions && r.Header.Get("Tus-Resumable") != tus.Version {
					w.Header().Set("Tus-Version", tus.Version)
					s.tusProblem(w, r, http.StatusPreconditionFailed, referent.CodeInvalid, "Tus-Resumable must be "+tus.Version)
					return
				}
				// In a browser that several use, what one recorded must not become another's.
				if u := r.Header.Get(userHeader); u != "" && u != whoAsks(ctx).user.ID {
					s.tusProblem(w, r, http.StatusUnauthorized, referent.CodeUnauthorized, "somebody else has signed in")
					return
				}
				h(w, r)
			}), nil
		})
}

func (s *Server) tusOptions(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Tus-Version", tus.Version)
	h.Set("Tus-Extension", tus.Extensions)
	h.Set("Tus-Max-Size", strconv.FormatInt(s.cfg.MaxUpload, 10))
	h.Set("Tus-Checksum-Algorithm", strings.Join(tus.ChecksumAlgorithms, ","))
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) tusHead(w http.ResponseWriter, r *http.Request) {
	release, ok := s.lockUpload(w, r, func() {})
	if !ok {
		return
	}
	defer release()
	u, ok := s.upload(w, r)
	if !ok {
		return
	}
	h := w.Header()
	h.Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	if u.Size == store.UnknownSize {
		h.Set("Upload-Defer-Length", "1")
	} else {
		h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	}
	h.Set("Upload-Metadata", "meeting "+base64.StdEncoding.EncodeToString([]byte(u.Meeting)))
	h.Set("Cache-Control", "no-store")
	setExpires(w, u)
	w.WriteHeader(http.StatusOK)
}

func (s *Server) tusPatch(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != tus.ContentType {
		s.tusProblem(w, r, http.StatusUnsupportedMediaType, referent.CodeInvalid, "the body must be "+tus.ContentType)
		return
	}
	offset, err := tus.ParseSize(r.Header.Get("Upload-Offset"))
	if err != nil {
		s.tusProblem(w, r, http.StatusBadRequest, referent.CodeInvalid, "Upload-Offset must be a number of bytes")
		return
	}
	u, ok := s.upload(w, r)
	if !ok {
		return
	}
	s.tusAppend(w, r, u, offset, http.StatusNoContent)
}

// tusAppend takes the body into the upload from offset on and answers with status.
func (s *Server) tusAppend(w http.ResponseWriter, r *http.Request, u *store.Upload, offset int64, status int) {
	sum, err := tus.ParseChecksum(r.Header.Get("Upload-Checksum"))
	if err != nil {
		s.tusProblem(w, r, http.StatusBadRequest, referent.CodeInvalid, "Upload-Checksum must be one of "+strings.Join(tus.ChecksumAlgorithms, ", ")+" and a base64 sum")
		return
	}
	body := patience.NewBody(r.Body, w, s.readTimeout)
	release, ok := s.lockUploadID(w, r, u.ID, body.Interrupt)
	if !ok {
		return
	}
	defer release()
	// What the holder before us stored counts, and so does where the meeting has been moved meanwhile.
	u, err = s.store.Upload(r.Context(), u.ID)
	if err == nil {
		_, err = s.meeting(r.Context(), u.Meeting)
	}
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	if offset != u.Offset {
		w.Header().Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
		s.tusProblem(w, r, http.StatusConflict, referent.CodeConflict, "Upload-Offset is not where the upload stands")
		return
	}
	length, ok := s.toldLength(w, r, offset)
	if !ok {
		return
	}
	if limit := cmp.Or(max(u.Size, 0), s.cfg.MaxUpload); r.ContentLength > limit-offset {
		s.tusProblem(w, r, http.StatusRequestEntityTooLarge, referent.CodeTooLarge, "the body goes beyond Upload-Length, or what this server accepts")
		return
	}
	// The connection's end must not undo what arrived: the bytes are kept, and the client goes on from there.
	at, err := s.pipe.Append(context.WithoutCancel(r.Context()), u.ID, offset, body, sum)
	if err != nil {
		switch {
		case errors.Is(err, pipeline.ErrChecksum):
			s.tusProblem(w, r, tus.StatusChecksumMismatch, referent.CodeInvalid, "the bytes do not match Upload-Checksum; nothing of them was kept")
		case errors.Is(err, pipeline.ErrLocked):
			s.tusProblem(w, r, http.StatusLocked, referent.CodeConflict, "another request is bringing bytes to this upload")
		case errors.Is(err, patience.ErrSlow), errors.Is(err, patience.ErrInterrupted), errors.Is(err, io.ErrUnexpectedEOF):
			w.Header().Set("Connection", "close")
			s.tusProblem(w, r, http.StatusRequestTimeout, referent.CodeTimeout, "the connection brought nothing more; ask with HEAD where to go on")
		default:
			s.writeProblem(w, r, err)
		}
		return
	}
	body.Done()
	// Told before the bytes have come, a length that is never reached would make a failure of what came.
	if length != store.UnknownSize {
		if err := s.pipe.DeclareLength(context.WithoutCancel(r.Context()), u.ID, length); err != nil {
			s.writeProblem(w, r, err)
			return
		}
		u.Size = length
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(at, 10))
	if u.Size == store.UnknownSize || at < u.Size {
		if fresh, err := s.store.Upload(r.Context(), u.ID); err == nil {
			setExpires(w, fresh) // it moves with every byte that arrives
		}
	}
	w.WriteHeader(status)
}

// toldLength is the length that a PATCH tells of its upload, store.UnknownSize when it tells none. It answers what
// cannot be so.
func (s *Server) toldLength(w http.ResponseWriter, r *http.Request, offset int64) (int64, bool) {
	header := r.Header.Get("Upload-Length")
	if r.Method != http.MethodPatch || header == "" {
		return store.UnknownSize, true
	}
	size, err := tus.ParseSize(header)
	switch {
	case err != nil:
		s.tusProblem(w, r, http.StatusBadRequest, referent.CodeInvalid, "Upload-Length must be a number of bytes")
	case size > s.cfg.MaxUpload:
		s.tusProblem(w, r, http.StatusRequestEntityTooLarge, referent.CodeTooLarge, "the limit is "+strconv.FormatInt(s.cfg.MaxUpload, 10)+" bytes")
	case size < offset+max(r.ContentLength, 0):
		s.tusProblem(w, r, http.StatusUnprocessableEntity, referent.CodeInvalid, "more bytes than Upload-Length have come, or come with this")
	default:
		return size, true
	}
	return 0, false
}

// finish ends a meeting's recording with what has come. Whoever brings bytes just now is asked to stop first.
func (s *Server) finish(ctx context.Context, meeting string) error {
	uploads, err := s.store.UploadsOf(ctx, meeting)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		release, ok := s.uploads.Acquire(ctx, u.ID, func() {})
		if !ok {
			return referent.E(referent.CodeConflict, "web: finish recording", pipeline.ErrLocked)
		}
		defer release()
	}
	return s.pipe.Finish(ctx, meeting)
}

func (s *Server) tusDelete(w http.ResponseWriter, r *http.Request) {
	release, ok := s.lockUpload(w, r, func() {})
	if !ok {
		return
	}
	defer release()
	u, ok := s.upload(w, r)
	if !ok {
		return
	}
	if err := s.pipe.AbortUpload(r.Context(), u.ID); err != nil {
		s.writeProblem(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// upload finds the upload of the request's path, if whoever asks may upload to its meeting, or answers why not.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) (*store.Upload, bool) {
	u, err := s.store.Upload(r.Context(), path.Base(r.URL.Path))
	if err == nil {
		_, err = s.meeting(r.Context(), u.Meeting)
	}
	if err != nil {
		if erased, rerr := s.erased(r, err); rerr != nil {
			err = rerr
		} else if erased {
			w.Header().Set(erasedHeader, "yes")
		}
		s.writeProblem(w, r, err)
		return nil, false
	}
	if !u.Complete() && !u.Expires.IsZero() && !s.now().Before(u.Expires) {
		s.tusProblem(w, r, http.StatusGone, referent.CodeNotFound, "the upload has expired; begin a new one")
		return nil, false
	}
	return u, true
}

// erased reports whether the upload was not found because its meeting was erased, to whoever knows the meeting's
// id. What a browser keeps of a recording may be deleted then, and for no other reason.
func (s *Server) erased(r *http.Request, why error) (bool, error) {
	meeting := r.Header.Get(meetingHeader)
	if meeting == "" || codeOf(why) != referent.CodeNotFound {
		return false, nil
	}
	receipts, err := s.store.Receipts(r.Context(), 0)
	return slices.ContainsFunc(receipts, func(x store.Receipt) bool { return x.Meeting == meeting && x.What == store.ErasedMeeting }), err
}

// lockUpload locks the upload of the request's path. Who may not see the upload must not interrupt it
// either, so that is checked first.
func (s *Server) lockUpload(w http.ResponseWriter, r *http.Request, interrupt func()) (func(), bool) {
	u, ok := s.upload(w, r)
	if !ok {
		return nil, false
	}
	return s.lockUploadID(w, r, u.ID, interrupt)
}

func (s *Server) lockUploadID(w http.ResponseWriter, r *http.Request, id string, interrupt func()) (func(), bool) {
	release, ok := s.uploads.Acquire(r.Context(), id, interrupt)
	if !ok {
		s.tusProblem(w, r, http.StatusLocked, referent.CodeConflict, "another request is bringing bytes to this upload")
	}
	return release, ok
}

func (s *Server) tusProblem(w http.ResponseWriter, r *http.Request, status int, code referent.Code, hint string) {
	sendProblem(w, newProblem(r.Context(), status, code, hint, referent.E(code, "web: serve upload", nil)))
}

func setExpires(w http.ResponseWriter, u *store.Upload) {
	if !u.Expires.IsZero() {
		w.Header().Set("Upload-Expires", u.Expires.UTC().Format(http.TimeFormat))
	}
}
