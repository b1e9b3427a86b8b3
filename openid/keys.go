package openid

import (
	"context"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// privateAlgorithms are those where only the provider has the key that signs. The others would let whoever reads
// our secret, or nobody at all, sign.
var privateAlgorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// watchedKeys tells that the keys could not be read apart from a signature that is wrong, which the verifier's
// error does not. It is for one token.
type watchedKeys struct {
	oidc.KeySet
	failed error
}

// VerifySignature implements oidc.KeySet.
func (k *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, jwt)
	if err != nil && (ctx.Err() != nil || strings.HasPrefix(err.Error(), "fetching keys")) {
		k.failed = err
	}
	return payload, err
}
