// Package linkheader reads Link headers (RFC 8288).
package linkheader
