package indieauth

import "maps"

// Counters counts the work of a Verifier since it was made.
type Counters struct {
	Discoveries          uint64 // fetches of the profile page for its endpoints
	DiscoveryFailures    uint64 // of these, without a usable result
	EndpointChanges      uint64 // of these, with another result than before
	EndpointCacheHits    uint64
	GraceUses            uint64 // uses of known endpoints during an outage
	Verifications        uint64 // tokens sent to an authorization server
	VerificationFailures uint64 // of these, without a usable answer
	Retries              uint64 // further requests after a failed one
	TokenCacheHits       uint64
	RateLimited          uint64 // requests refused because of their client address
	DiscoveryLimited     uint64 // fetches not made, of all clients

	// Rejections by reason: malformed, refused, inactive, expired, no_me,
	// no_scope, other_owner.
	Rejections map[string]uint64
	// Violations of safety by kind: https, tls, address, redirect, issuer.
	Violations map[string]uint64
}

// A reason is the reason for which a token was rejected.
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

// A violation is an unsafe property of a page or a server.
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

// Counters returns the current counts. Every reason and every violation is a
// key of the maps, also with the count 0.
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

func (v *Verifier) countViolation(what violation) {
	v.count(func(n *Counters) { n.Violations[string(what)]++ })
}
