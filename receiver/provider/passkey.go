package provider

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"starpunk/receiver/provider/state"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	challengeLife = 5 * time.Minute
	nonceBytes    = 16
	maxNameRunes  = 60
)

// A purpose is the ceremony that a challenge is for. A challenge of one purpose is
// refused for the other.
type purpose byte

const (
	toSignIn purpose = iota + 1
	toRegister
)

// A passkeyVerifier is the relying party of WebAuthn. It requires that the
// authenticator verifies its user, by a finger, a face or a PIN.
//
// A challenge is not stored. It has a random nonce, its end and a MAC:
//
//	nonce (16 bytes) ‖ end (8 bytes, Unix seconds) ‖ HMAC-SHA256 (32 bytes)
//
// So a stranger who requests many challenges neither fills the memory nor
// discards that of the owner. An answered challenge is stored until its end, so that it
// counts once: only the owner can answer one correctly.
type passkeyVerifier struct {
	rp  *webauthn.WebAuthn
	key [sha256.Size]byte // of the MAC; new for each process

	mu   sync.Mutex
	used map[string]time.Time // answered challenges, with the end of each
}

// newPasskeyVerifier returns a verifier for the pages of one origin, such as
// "https://ada.example". host is its host without port.
func newPasskeyVerifier(origin, host, name string) (*passkeyVerifier, error) {
	rp, err := webauthn.New(&webauthn.Config{
		RPID:                  host,
		RPDisplayName:         name,
		RPOrigins:             []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys at %s: %w", origin, err)
	}
	v := &passkeyVerifier{rp: rp, used: map[string]time.Time{}}
	_, _ = rand.Read(v.key[:]) // never fails
	return v, nil
}

// An owner is the only user of the relying party.
type owner struct {
	state *state.State
	name  string
}

func (o owner) WebAuthnID() []byte          { return o.state.User }
func (o owner) WebAuthnName() string        { return o.name }
func (o owner) WebAuthnDisplayName() string { return o.name }

func (o owner) WebAuthnCredentials() []webauthn.Credential {
	credentials := make([]webauthn.Credential, len(o.state.Passkeys))
	for i, p := range o.state.Passkeys {
		credentials[i] = webauthn.Credential{
			ID: p.CredentialID, PublicKey: p.PublicKey,
			Flags:         webauthn.CredentialFlags{BackupEligible: p.BackupEligible},
			Authenticator: webauthn.Authenticator{SignCount: p.SignCount},
		}
	}
	return credentials
}

// signInOptions returns the argument of navigator.credentials.get as JSON
// (WebAuthn §5.5). It names no passkey: the browser offers those of this host.
func (v *passkeyVerifier) signInOptions(now time.Time) (string, error) {
	assertion, _, err := v.rp.BeginDiscoverableLogin(
		webauthn.WithUserVerification(protocol.VerificationRequired),
		webauthn.WithChallenge(v.newChallenge(now, toSignIn)))
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(assertion.Response)
	return string(data), err
}

// registrationOptions returns the argument of navigator.credentials.create as JSON
// (WebAuthn §5.4). An authenticator that has a passkey of the owner makes no
// second one.
func (v *passkeyVerifier) registrationOptions(now time.Time, o owner) (string, error) {
	existing := webauthn.Credentials(o.WebAuthnCredentials()).CredentialDescriptors()
	creation, _, err := v.rp.BeginRegistration(o, webauthn.WithExclusions(existing))
	if err != nil {
		return "", err
	}
	creation.Response.Challenge = v.newChallenge(now, toRegister)
	data, err := json.Marshal(creation.Response)
	return string(data), err
}

// errPasskey is the error for every answer that is not a correct one. The reason
// is for the log.
var errPasskey = errors.New("the answer of the passkey is not valid")

// signIn returns the passkey that answered a challenge of signInOptions, with its
// new counter (WebAuthn §7.2). The challenge is used up.
func (v *passkeyVerifier) signIn(now time.Time, o owner, answer string) (*state.Passkey, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, passkeyError(err)
	}
	session, err := v.session(now, toSignIn, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	find := func(_, userHandle []byte) (webauthn.User, error) {
		if !bytes.Equal(userHandle, o.state.User) {
			return nil, errors.New("another user handle")
		}
		return o, nil
	}
	_, credential, err := v.rp.ValidatePasskeyLogin(find, session, parsed)
	if err != nil {
		return nil, passkeyError(err)
	}
	if credential.Authenticator.CloneWarning { // WebAuthn §7.2, step 22
		return nil, fmt.Errorf("%w: its counter did not increase, as if it had been copied", errPasskey)
	}
	if !v.useUp(now, session.Challenge) {
		return nil, fmt.Errorf("%w: its challenge was answered before", errPasskey)
	}
	p := *o.state.PasskeyOf(credential.ID)
	p.SignCount = credential.Authenticator.SignCount
	return &p, nil
}

// register returns the passkey that answered a challenge of registrationOptions
// (WebAuthn §7.1).
func (v *passkeyVerifier) register(now time.Time, o owner, answer string) (state.Passkey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return state.Passkey{}, passkeyError(err)
	}
	session, err := v.session(now, toRegister, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return state.Passkey{}, err
	}
	session.UserID = o.state.User
	session.CredParams = webauthn.CredentialParametersDefault()
	credential, err := v.rp.CreateCredential(o, session, parsed)
	if err != nil {
		return state.Passkey{}, passkeyError(err)
	}
	if o.state.PasskeyOf(credential.ID) != nil { // WebAuthn §7.1, step 26
		return state.Passkey{}, fmt.Errorf("%w: it is registered already", errPasskey)
	}
	if !v.useUp(now, session.Challenge) {
		return state.Passkey{}, fmt.Errorf("%w: its challenge was answered before", errPasskey)
	}
	return state.Passkey{
		CredentialID:   credential.ID,
		PublicKey:      credential.PublicKey,
		SignCount:      credential.Authenticator.SignCount,
		BackupEligible: credential.Flags.BackupEligible,
	}, nil
}

// passkeyError returns an error of the library with its details.
func passkeyError(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) && e.DevInfo != "" {
		return fmt.Errorf("%w: %s: %s", errPasskey, e.Details, shorten(e.DevInfo, maxLoggedRunes))
	}
	return fmt.Errorf("%w: %s", errPasskey, shorten(err.Error(), maxLoggedRunes))
}

// session returns the data with which the library checks the answer to a challenge
// of this process.
func (v *passkeyVerifier) session(now time.Time, use purpose, challenge string) (webauthn.SessionData, error) {
	data, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil || !v.isChallenge(now, use, data) {
		return webauthn.SessionData{}, fmt.Errorf("%w: its challenge is not of this page, or too old", errPasskey)
	}
	return webauthn.SessionData{
		Challenge:        challenge,
		RelyingPartyID:   v.rp.Config.RPID,
		UserVerification: protocol.VerificationRequired,
	}, nil
}

func (v *passkeyVerifier) newChallenge(now time.Time, use purpose) []byte {
	challenge := make([]byte, nonceBytes, nonceBytes+8+sha256.Size)
	_, _ = rand.Read(challenge) // never fails
	challenge = binary.BigEndian.AppendUint64(challenge, uint64(now.Add(challengeLife).Unix()))
	return append(challenge, v.mac(use, challenge)...)
}

func (v *passkeyVerifier) isChallenge(now time.Time, use purpose, challenge []byte) bool {
	if len(challenge) != nonceBytes+8+sha256.Size {
		return false
	}
	content, mac := challenge[:nonceBytes+8], challenge[nonceBytes+8:]
	end := time.Unix(int64(binary.BigEndian.Uint64(content[nonceBytes:])), 0)
	return hmac.Equal(mac, v.mac(use, content)) && now.Before(end)
}

func (v *passkeyVerifier) mac(use purpose, content []byte) []byte {
	h := hmac.New(sha256.New, v.key[:])
	h.Write(slices.Concat([]byte{byte(use)}, content))
	return h.Sum(nil)
}

// useUp stores a challenge that was answered, and reports whether it is the first
// answer.
func (v *passkeyVerifier) useUp(now time.Time, challenge string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for old, end := range v.used {
		if !now.Before(end) {
			delete(v.used, old)
		}
	}
	if _, again := v.used[challenge]; again {
		return false
	}
	v.used[challenge] = now.Add(challengeLife)
	return true
}
