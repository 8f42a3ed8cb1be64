package devauth

import (
	"crypto/rand"
	"crypto/sha256"
	"time"
)

type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// A vault hands out secrets and remembers what each stands for: the value and
// the SHA-256 of the secret, not the secret. It holds a bounded number: the
// oldest makes room.
type vault[T any] struct {
	life  time.Duration
	limit int
	items map[digest]item[T]
}

type item[T any] struct {
	value           T
	issued, expires time.Time
}

func newVault[T any](life time.Duration, limit int) vault[T] {
	return vault[T]{life: life, limit: limit, items: make(map[digest]item[T])}
}

// put returns a new secret, of at least 128 random bits in letters and digits.
func (v *vault[T]) put(now time.Time, value T) string {
	if len(v.items) >= v.limit {
		v.makeRoom()
	}
	secret := rand.Text()
	v.items[digestOf(secret)] = item[T]{value: value, issued: now, expires: now.Add(v.life)}
	return secret
}

func (v *vault[T]) get(now time.Time, secret string) (item[T], bool) {
	it, ok := v.items[digestOf(secret)]
	return it, ok && now.Before(it.expires)
}

func (v *vault[T]) drop(d digest) { delete(v.items, d) }

// makeRoom drops the item that was issued first. All live equally long, so
// that an expired one goes before any other.
func (v *vault[T]) makeRoom() {
	var oldest digest
	found := false
	for d, it := range v.items {
		if !found || it.issued.Before(v.items[oldest].issued) {
			oldest, found = d, true
		}
	}
	v.drop(oldest)
}
