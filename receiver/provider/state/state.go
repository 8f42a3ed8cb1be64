package state

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	version     = 1
	maxApps     = 1000
	maxPasskeys = 100
	userBytes   = 32
)

// A State is the content of provider.json.
type State struct {
	Version  int       `json:"version"`
	User     []byte    `json:"user"` // user handle of the owner (WebAuthn §4): random, the same for all passkeys
	Passkeys []Passkey `json:"passkeys,omitempty"`
	Apps     []App     `json:"apps,omitempty"`
	Link     *OneTime  `json:"link,omitempty"` // permits the registration of one passkey
	Code     *OneTime  `json:"code,omitempty"` // permits one sign-in without a passkey
}

// A Passkey is a public key of the owner (WebAuthn §4, credential record).
type Passkey struct {
	ID             string    `json:"id"` // short, for the owner
	Name           string    `json:"name,omitempty"`
	Added          time.Time `json:"added"`
	CredentialID   []byte    `json:"credential_id"`
	PublicKey      []byte    `json:"public_key"` // COSE_Key
	SignCount      uint32    `json:"sign_count,omitempty"`
	BackupEligible bool      `json:"backup_eligible,omitempty"` // may be copied to other devices of the owner
}

// inFile returns a time as the file has it: in whole seconds, in UTC.
func inFile(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func newState() *State {
	user := make([]byte, userBytes)
	_, _ = rand.Read(user) // never fails
	return &State{Version: version, User: user}
}

// AddPasskey uses the link up and stores a passkey under a new ID. It returns
// false if secret does not permit the registration any more.
func (s *State) AddPasskey(now time.Time, secret string, p Passkey) bool {
	if !s.LinkMatches(now, secret) {
		return false
	}
	s.Link = nil
	p.ID, p.Added = s.newID(), inFile(now)
	if len(s.Passkeys) >= maxPasskeys {
		s.Passkeys = s.Passkeys[1:] // in the order of registration
	}
	s.Passkeys = append(s.Passkeys, p)
	return true
}

// PasskeyOf returns the passkey with a credential ID, or nil.
func (s *State) PasskeyOf(credentialID []byte) *Passkey {
	i := slices.IndexFunc(s.Passkeys, func(p Passkey) bool { return string(p.CredentialID) == string(credentialID) })
	if i < 0 {
		return nil
	}
	return &s.Passkeys[i]
}

// HasPasskey reports whether a passkey with this ID exists.
func (s *State) HasPasskey(id string) bool {
	return slices.ContainsFunc(s.Passkeys, func(p Passkey) bool { return p.ID == id })
}

// Remove removes the passkey or the app with this ID, and reports whether one had
// it.
func (s *State) Remove(id string) bool {
	if s.HasPasskey(id) {
		s.Passkeys = slices.DeleteFunc(s.Passkeys, func(p Passkey) bool { return p.ID == id })
		return true
	}
	return s.RemoveApp(id)
}

// newID returns an ID that no passkey and no app has.
func (s *State) newID() string {
	for {
		id := rand.Text()[:idChars]
		if !s.HasPasskey(id) && s.app(id) == nil {
			return id
		}
	}
}

// check returns an error if the state is not one that this version writes. Only
// values that a person changed can be the reason.
func (s *State) check() error {
	if s.Version != version {
		return fmt.Errorf("version: must be %d; a newer StarPunk may have written the file", version)
	}
	if len(s.User) < 16 || len(s.User) > 64 { // WebAuthn §5.4.3
		return errors.New("user: must have 16 to 64 bytes")
	}
	if len(s.Apps) > maxApps || len(s.Passkeys) > maxPasskeys {
		return fmt.Errorf("apps, passkeys: must be at most %d and %d", maxApps, maxPasskeys)
	}
	seen := map[string]bool{}
	for _, id := range s.ids() {
		if id == "" || seen[id] {
			return fmt.Errorf("id: %q must be the ID of exactly one passkey or app", id)
		}
		seen[id] = true
	}
	for _, p := range s.Passkeys {
		if len(p.CredentialID) == 0 || len(p.PublicKey) == 0 {
			return fmt.Errorf("passkey %s: credential_id and public_key must not be empty", p.ID)
		}
	}
	return nil
}

func (s *State) ids() []string {
	var ids []string
	for _, p := range s.Passkeys {
		ids = append(ids, p.ID)
	}
	for _, a := range s.Apps {
		ids = append(ids, a.ID)
	}
	return ids
}
