package indieauth

import "maps"

// Counters is what a Verifier has done since it was made.
type Counters struct {
	Discoveries          uint64 // profile pages fetched for their endpoints
	DiscoveryFailures    uint64 // of these, without a usable result
	EndpointChanges      uint64 // of these, with another result than before
	EndpointCacheHits    uint64
	GraceUses            uint64 // old endpoints used through an outage
	Verifications        uint64 // tokens that a server was asked about
	VerificationFailures uint64 // of these, without an answer
	Retries              uint64 // further requests after a failed one
	TokenCacheHits       uint64
	RateLimited          uint64 // requests turned away, by client address
	DiscoveryLimited     uint64 // fetches not made, over all

	// Rejections by reason: malformed, refused, inactive, expired, no_me,
	// no_scope, other_owner.
	Rejections map[string]uint64
	// Violations of what is safe: https, tls, address, redirect, issuer.
	Violations map[string]uint64
}

// A reason is why a token was rejected.
type reason string

const (
	reasonMalformed  reason = "malformed"
	reasonRefused    reason = "refused"
	reasonInactive   reason = "inactive"
	reasonExpired    reason = "expired"
	reasonNoMe       reason = "no_me"
	reasonNoScope    reason = "no_scope"
	reasonOtherOwner reason = "other_owner"
)

// A violation is what an unsafe page or server has done.
type violation string

const (
	violationHTTPS    violation = "https"
	violationTLS      violation = "tls"
	violationAddress  violation = "address"
	violationRedirect violation = "redirect"
	violationIssuer   violation = "issuer"
)

func newCounters() Counters {
	c := Counters{Rejections: map[string]uint64{}, Violations: map[string]uint64{}}
	for _, r := range []reason{reasonMalformed, reasonRefused, reasonInactive, reasonExpired, reasonNoMe, reasonNoScope, reasonOtherOwner} {
		c.Rejections[string(r)] = 0
	}
	for _, r := range []violation{violationHTTPS, violationTLS, violationAddress, violationRedirect, violationIssuer} {
		c.Violations[string(r)] = 0
	}
	return c
}

// Counters returns the counts as they are now. Every reason and violation is a
// key of the maps, counted or not.
func (v *Verifier) Counters() Counters {
	v.counting.Lock()
	defer v.counting.Unlock()
	c := v.counters
	c.Rejections = maps.Clone(c.Rejections)
	c.Violations = maps.Clone(c.Violations)
	return c
}

func (v *Verifier) count(add func(*Counters)) {
	v.counting.Lock()
	defer v.counting.Unlock()
	add(&v.counters)
}

func (v *Verifier) violated(what violation) {
	v.count(func(n *Counters) { n.Violations[string(what)]++ })
}
