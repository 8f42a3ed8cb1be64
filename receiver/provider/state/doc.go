// Package state holds the data of the IndieAuth provider that must last: the
// passkeys of the owner, and the apps with their tokens.
//
// A [File] is provider.json, which the server and the command line both change:
//
//	lock ──▶ read and check ──▶ change the State ──▶ write durably ──▶ unlock
//
// Readers need no lock, because the file is replaced as a whole. A file that
// cannot be read is reported with its line, and is never replaced.
//
// No secret is in the file. It has the public keys of passkeys, and the SHA-256
// of tokens and of one-time codes, all of which are random.
//
// The package uses no HTTP and has no log.
package state
