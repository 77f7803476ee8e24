package faults

import (
	"syscall"
	"testing"
)

// dyingWithUs has the kernel kill a child when this process dies.
func dyingWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

func needProc(*testing.T) {}
