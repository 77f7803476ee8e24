package embedded

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

var rootAlternatives = []identityKind{asOther, inNamespace}

// attributes start a child as the identity, out of reach of the terminal's ^C (the program stops its server itself, after
// its own work), and have the kernel send it a signal when this program dies.
func (id identity) attributes(whenWeDie syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenWeDie}
	switch id.kind {
	case asOther:
		attr.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	case inNamespace:
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: id.uid, HostID: 0, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: id.gid, HostID: 0, Size: 1}}
	}
	return attr
}

// isServerOf says whether the process is the postgres of this cluster: a server works in its cluster's directory.
func isServerOf(pid int, cluster string) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || !strings.HasPrefix(string(name), "postgres") {
		return false
	}
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	at, err := os.Stat(dir)
	if err != nil {
		return false
	}
	want, err := os.Stat(cluster)
	return err == nil && os.SameFile(at, want)
}

// memoryDir is a file system in memory with room for a test run, or nothing. Containers often have 64 MB there; a cluster
// with a template and two hundred clones under way needs some hundred.
func memoryDir() string {
	const dir, room = "/dev/shm", 1 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room {
		return ""
	}
	return dir
}
