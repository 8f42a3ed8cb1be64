// Package daemon runs StarPunk until a signal stops it: the receiver, the watcher
// with its preview, or both in one process.
//
// [Run] opens the listeners once. Then one session follows the other, each with
// one configuration and one open index:
//
//	load ─▶ listen ─▶ session ─▶ stop
//	                  ▲     │
//	                  └─────┘  starpunk.toml changed, SIGHUP came, or the index was lost
//
// Between two sessions requests wait at a [receiver.Gate], and no client is
// refused. A session ends in this order: its requests finish, then its builder,
// then its index closes.
//
// The package also reports the state of the process: to a supervisor such
// as systemd, to Prometheus, and through [Health] to "starpunk health". It parses
// no flags, and decides nothing about notes or pages.
package daemon
