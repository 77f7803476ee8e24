// Package faults breaks a running Homestore and checks the history afterwards. It holds tests only.
//
// Everything is as an operator runs it: the binary, as a process of its own; a durable PostgreSQL (fsync on) on disk, another
// process; clients that speak HTTP. Processes are killed with SIGKILL, stopped in the middle of their work, or lack a disk.
//
// Always true of each test: its client writes down what Homestore acknowledged. Afterwards what was acknowledged is there
// exactly once, and what was not is there at most once. Each test has processes, addresses and directories of its own, which
// go with it, also when it fails or is interrupted.
//
// The tests find processes in /proc, so they run on Linux. Elsewhere, and at home without PostgreSQL, they skip.
package faults
