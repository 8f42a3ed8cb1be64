package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"time"
)

type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// A secretStore issues secrets and stores a value for each. It holds the
// SHA-256 of a secret, not the secret. Beyond its limit it drops the oldest
// secret.
type secretStore[T any] struct {
	life  time.Duration
	limit int
	items map[digest]item[T]
}

type item[T any] struct {
	value           T
	issued, expires time.Time
}

func newSecretStore[T any](life time.Duration, limit int) secretStore[T] {
	return secretStore[T]{life: life, limit: limit, items: make(map[digest]item[T])}
}

// put stores value and returns a new secret for it, of at least 128 random bits
// in letters and digits.
func (s *secretStore[T]) put(now time.Time, value T) string {
	if len(s.items) >= s.limit {
		s.dropOldest()
	}
	secret := rand.Text()
	s.items[digestOf(secret)] = item[T]{value: value, issued: now, expires: now.Add(s.life)}
	return secret
}

func (s *secretStore[T]) get(now time.Time, secret string) (item[T], bool) {
	it, ok := s.items[digestOf(secret)]
	return it, ok && now.Before(it.expires)
}

func (s *secretStore[T]) drop(d digest) { delete(s.items, d) }

// dropOldest drops the item that was issued first. All items live equally long,
// so that an expired item is dropped before any other.
func (s *secretStore[T]) dropOldest() {
	var oldest digest
	found := false
	for d, it := range s.items {
		if !found || it.issued.Before(s.items[oldest].issued) {
			oldest, found = d, true
		}
	}
	s.drop(oldest)
}
