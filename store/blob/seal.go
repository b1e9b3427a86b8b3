package blob

import (
	"errors"
	"io"

	"filippo.io/age"

	"github.com/referent/referent"
)

// Seal encrypts to the keyring's first identity what is written until Close, into w.
func (k *Keyring) Seal(w io.Writer) (io.WriteCloser, error) { return seal(w, k.recipient) }

// Open decrypts what Seal wrote. Sealed with another keyring it is CodeConfig.
func (k *Keyring) Open(r io.Reader) (io.Reader, error) { return unseal(r, k.identities...) }

// Seal encrypts to the meeting's key what is written until Close, into w.
func (k *Key) Seal(w io.Writer) (io.WriteCloser, error) { return seal(w, k.recipient) }

// Open decrypts what Seal wrote. Sealed to another key it is CodeConfig.
func (k *Key) Open(r io.Reader) (io.Reader, error) { return unseal(r, k.identity) }

func seal(w io.Writer, to age.Recipient) (io.WriteCloser, error) {
	sealed, err := age.Encrypt(w, to)
	return sealed, sealError("blob: seal", err)
}

func unseal(r io.Reader, with ...age.Identity) (io.Reader, error) {
	const op = "blob: open what is sealed"
	plain, err := age.Decrypt(r, with...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, referent.E(referent.CodeConfig, op, errors.New("sealed to another key"))
	}
	if err != nil {
		return nil, referent.E(referent.CodeInternal, op, errors.Join(ErrDamaged, err))
	}
	return plain, nil
}
