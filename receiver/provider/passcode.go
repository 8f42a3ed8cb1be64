package provider

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"time"

	"starpunk/receiver/provider/state"
)

const (
	maxWrongCodes  = 5
	wrongCodePause = time.Minute
)

var (
	errWrongCode    = errors.New("wrong code")
	errTooManyCodes = errors.New("too many wrong codes")
)

// A passcode is the short code which proves that the person at the form is at
// the machine. It has 40 random bits. Five guesses a minute do not exhaust them
// while a development site runs.
type passcode struct {
	code  string    // such as "K7QF-2MXA"
	wrong int       // wrong codes since the time below
	since time.Time // the time of the first wrong code
}

func newPasscode() passcode {
	s := rand.Text()
	return passcode{code: s[:4] + "-" + s[4:8]}
}

// check returns nil, errWrongCode or errTooManyCodes. Case, spaces and hyphens
// do not matter. After too many wrong codes it refuses the right code too,
// until the pause is over; otherwise guessing could continue.
func (p *passcode) check(now time.Time, typed string) error {
	if now.Sub(p.since) >= wrongCodePause {
		p.wrong = 0
	}
	if p.wrong >= maxWrongCodes {
		return errTooManyCodes
	}
	if subtle.ConstantTimeCompare([]byte(state.NormalizeCode(typed)), []byte(state.NormalizeCode(p.code))) == 1 {
		return nil
	}
	if p.wrong == 0 {
		p.since = now
	}
	p.wrong++
	return errWrongCode
}
