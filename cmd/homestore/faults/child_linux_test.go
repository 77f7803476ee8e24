package faults

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// dyingWithUs has the kernel kill a child when this process dies.
func dyingWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

func needProc(*testing.T) {}

// withOwnMounts is for a process that mounts what nobody else sees, and that goes with it: as root, or as somebody whom the
// kernel lets be root in a namespace. At home a test without either is skipped.
func withOwnMounts(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	asRoot, inNamespace := dyingWithUs(), dyingWithUs()
	asRoot.Cloneflags = syscall.CLONE_NEWNS
	inNamespace.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER
	inNamespace.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	inNamespace.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	var failed error
	for _, attr := range []*syscall.SysProcAttr{asRoot, inNamespace} {
		probe := exec.Command("sh", "-c", smallDisk, "true", t.TempDir(), "64k")
		probe.SysProcAttr = attr
		if failed = probe.Run(); failed == nil {
			return attr
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("this test mounts a disk, which neither root nor a namespace of its own may here: ", failed)
	}
	t.Skip("SKIP, this test mounts a disk, which neither root nor a namespace of its own may here: ", failed)
	return nil
}
