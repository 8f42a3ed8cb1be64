package devauth

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"strings"
	"time"
	"unicode"
)

const (
	maxWrongCodes = 5
	wrongCodeRest = time.Minute
)

var (
	errWrongCode    = errors.New("wrong code")
	errTooManyCodes = errors.New("too many wrong codes")
)

// A passcode is the short code that shows whoever answers the form to be at
// the machine. It has 40 random bits, which five guesses a minute do not
// exhaust while a development site runs.
type passcode struct {
	code  string    // such as "K7QF-2MXA"
	wrong int       // wrong codes since then
	since time.Time // when the first of them came
}

func newPasscode() passcode {
	s := rand.Text()
	return passcode{code: s[:4] + "-" + s[4:8]}
}

// check returns nil, errWrongCode or errTooManyCodes. Case, spaces and hyphens
// do not matter. While it rests even the right code is refused, or guessing
// would go on.
func (p *passcode) check(now time.Time, typed string) error {
	if now.Sub(p.since) >= wrongCodeRest {
		p.wrong = 0
	}
	if p.wrong >= maxWrongCodes {
		return errTooManyCodes
	}
	if subtle.ConstantTimeCompare([]byte(plain(typed)), []byte(plain(p.code))) == 1 {
		return nil
	}
	if p.wrong == 0 {
		p.since = now
	}
	p.wrong++
	return errWrongCode
}

func plain(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToUpper(r)
	}, code)
}
