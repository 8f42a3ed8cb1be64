//go:build !unix

package store

const neitherFollowNorWait = 0 // there are no pipes among its files
