package state

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode"
)

// A Hash is the SHA-256 of a secret. Secrets are random, so that a hash without
// salt reveals nothing about them.
type Hash [sha256.Size]byte

// HashOf returns the hash of a secret.
func HashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// Matches reports whether h is the hash of secret, in a time that does not depend
// on either. The zero Hash matches nothing.
func (h Hash) Matches(secret string) bool { return h.equals(HashOf(secret)) }

// equals is [Hash.Matches] for a secret that is compared with many hashes: its length
// is the stranger's choice, so that it must be hashed once.
func (h Hash) equals(other Hash) bool {
	return subtle.ConstantTimeCompare(h[:], other[:]) == 1 && h != Hash{}
}

// MarshalText returns the hash in hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return errors.New("a hash must have 64 hexadecimal digits")
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// A OneTime is a secret that is valid once, for a limited time.
type OneTime struct {
	Hash    Hash      `json:"sha256"`
	Expires time.Time `json:"expires"`
}

func (o *OneTime) matches(now time.Time, secret string) bool {
	return o != nil && now.Before(o.Expires) && o.Hash.Matches(secret)
}

const (
	oneTimeLife = 10 * time.Minute
	idChars     = 6 // of passkeys and apps, for the owner to type
	codeChars   = 12
)

// NewLink replaces the secret that permits the registration of one passkey, and
// returns it. It has at least 128 random bits and is valid for ten minutes.
func (s *State) NewLink(now time.Time) string {
	secret := rand.Text()
	s.Link = &OneTime{HashOf(secret), inFile(now).Add(oneTimeLife)}
	return secret
}

// LinkMatches reports whether secret permits the registration of a passkey.
func (s *State) LinkMatches(now time.Time, secret string) bool { return s.Link.matches(now, secret) }

// NewCode replaces the code that permits one sign-in without a passkey, and
// returns it, such as "K7QF-2MXA-W4TB". It has 60 random bits, and is valid for
// ten minutes: guessing has no chance, whatever the number of guesses that a
// server can answer in that time.
func (s *State) NewCode(now time.Time) string {
	text := rand.Text()[:codeChars]
	s.Code = &OneTime{HashOf(text), inFile(now).Add(oneTimeLife)}
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}

// UseCode uses the code up if it matches, and reports whether it does. Case,
// spaces and hyphens do not matter.
func (s *State) UseCode(now time.Time, typed string) bool {
	if !s.Code.matches(now, NormalizeCode(typed)) {
		return false
	}
	s.Code = nil
	return true
}

// NormalizeCode removes spaces and hyphens from a code that a person typed, and
// makes its letters capitals.
func NormalizeCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToUpper(r)
	}, code)
}
