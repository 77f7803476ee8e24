//go:build !linux

package faults

import (
	"syscall"
	"testing"
)

func dyingWithUs() *syscall.SysProcAttr { return nil }

func needProc(t *testing.T) { t.Skip("SKIP, this test needs /proc, which Linux has") }

func withOwnMounts(t *testing.T) *syscall.SysProcAttr {
	t.Skip("SKIP, this test needs mounts of its own, which Linux has")
	return nil
}
