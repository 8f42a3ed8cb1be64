// Package storetest has a site for the tests of the store: a folder with real files, a real
// index, and a generator that marks rows as built and renders nothing.
package storetest
