package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/minio/minio-go/v7"

	"github.com/referent/referent"
)

// answered is an error that the store answered with, without its message, which may name what was asked for.
type answered struct {
	code   string
	status int
}

func (a answered) Error() string {
	return fmt.Sprintf("the object store answers %s (%d)", a.code, a.status)
}

// What stores call a fault, beside the HTTP status. MinIO and Ceph have words of their own for being full.
var (
	gone    = []string{minio.NoSuchKey, minio.NoSuchVersion, minio.NoSuchUpload}
	full    = []string{"QuotaExceeded", "StorageFull", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientCapacity", "QuotaExceededException"}
	busy    = []string{"SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted", "SlowDownRead", "SlowDownWrite"} // of one of many, without a status
	broken  = []string{"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout"}
	refused = []string{minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", "InvalidRegion", "PermanentRedirect"}
)

// wireError gives an error of the client its code. ctx is the caller's: only when that has ended it is CodeCancelled or
// CodeTimeout, which say that nobody waits any longer; the patience that ends here, or in the network, is the store's
// fault.
func wireError(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*referent.Error](err); ok {
		return err
	}
	switch ended := ctx.Err(); {
	case errors.Is(ended, context.DeadlineExceeded):
		return referent.E(referent.CodeTimeout, op, ended)
	case ended != nil:
		return referent.E(referent.CodeCancelled, op, ended)
	}
	if r, ok := errors.AsType[minio.ErrorResponse](err); ok {
		return answerError(op, answered{r.Code, r.StatusCode})
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return referent.E(referent.CodeConfig, op, errors.New("the object store's certificate is not to be trusted")).
			WithHint("name the authority that signed it with blobs.ca, and the store as its certificate does with blobs.endpoint")
	}
	// The address in an error of HTTP names the object, and the library repeats it in words of its own.
	cause := errors.New("the connection broke")
	if n, ok := errors.AsType[*net.OpError](err); ok {
		cause = n
	} else if u, ok := errors.AsType[*url.Error](err); ok && u.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		cause = errors.New("no answer in time")
	}
	return referent.E(referent.CodeUnavailable, op, cause).WithHint("the object store at blobs.endpoint does not answer")
}

// absent reports whether the store answers that what was asked for is not there.
func absent(err error) bool {
	r, ok := errors.AsType[minio.ErrorResponse](err)
	return ok && slices.Contains(gone, r.Code)
}

func answerError(op string, a answered) error {
	is := func(codes []string) bool { return slices.Contains(codes, a.code) }
	switch {
	case is(gone):
		return notFound(op)
	case a.code == minio.NoSuchBucket:
		return noBucket(op)
	case is(full), a.status == http.StatusInsufficientStorage:
		return referent.E(referent.CodeDiskFull, op, a).WithHint("the bucket's quota or the object store is full")
	case a.code == "RequestTimeTooSkewed":
		return referent.E(referent.CodeConfig, op, a).WithHint("this machine's clock and the object store's differ by minutes")
	case is(broken):
		return referent.E(referent.CodeUnavailable, op, a).WithHint("bytes were changed or lost on their way; try again")
	case is(refused), a.status == http.StatusForbidden, a.status == http.StatusUnauthorized:
		return referent.E(referent.CodeConfig, op, a).WithHint("check blobs.access_key, the secret key and blobs.region; docs/storage.md lists what the key must be allowed")
	case is(busy), a.status >= 500, a.status == http.StatusTooManyRequests:
		return referent.E(referent.CodeUnavailable, op, a).WithHint("the object store at blobs.endpoint is in trouble; try again")
	}
	return referent.E(referent.CodeInternal, op, a)
}

func noBucket(op string) error {
	return referent.E(referent.CodeConfig, op, errors.New("there is no such bucket")).WithHint("make the bucket that blobs.bucket names, or name another")
}

// unknown reports whether the store does not know what was asked of it, and so does not have it either.
func unknown(err error) bool {
	r, ok := errors.AsType[minio.ErrorResponse](err)
	return ok && (r.Code == "NotImplemented" || r.Code == "ObjectLockConfigurationNotFoundError" || r.Code == "NoSuchObjectLockConfiguration" ||
		r.Code == "VersioningNotConfigured" || r.StatusCode == http.StatusNotImplemented)
}
