//go:build !linux

package faults

import (
	"syscall"
	"testing"
)

func dyingWithUs() *syscall.SysProcAttr { return nil }

func needProc(t *testing.T) { t.Skip("SKIP, this test needs /proc, which Linux has") }
