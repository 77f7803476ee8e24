// Package embedded runs a private PostgreSQL as a child of the program, so that `make run` needs no database server, no
// configuration and no password.
//
// It is a real server from real binaries: an installed one, or the one that an npm package brings. It listens on a unix
// socket in a directory that only its owner may enter, never on TCP. It holds the promises of any PostgreSQL: what was
// committed is on disk (only a Throwaway server trades that for speed).
//
// Always true:
//   - A data directory has one owner at a time; a second Start is refused.
//   - The server never runs as root. A root program gives it the uid of postgres or nobody; where that uid cannot reach
//     the directory, a user namespace in which root's capabilities are gone.
//   - The server goes when the program goes, also by kill -9 (on Linux at once, elsewhere at the next Start).
//   - Start after any kind of death just works: half a cluster is never left, and a server that is still shutting down is
//     waited for.
//   - Nothing is installed on the machine. `make deps` does that, in the open.
//
// It knows no table and no role of Homestore: see migrations/postgres.
package embedded
