// Package logtest has a buffer for logs, for the tests of the receiver's packages.
// A test reads the log while servers still write to it.
package logtest
