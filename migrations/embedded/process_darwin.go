package embedded

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

var rootAlternatives = []identityKind{asOther}

// attributes start a child as the identity, out of reach of the terminal's ^C. This system sends no signal when a parent
// dies: the next Start ends a server that was left behind.
func (id identity) attributes(syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if id.kind == asOther {
		attr.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return attr
}

// isServerOf says whether the process is the postgres of this cluster.
func isServerOf(pid int, cluster string) bool {
	line, err := exec.Command("/bin/ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(line), "postgres -D "+cluster+" ")
}

// memoryDir is nothing: this system has no file system in memory.
func memoryDir() string { return "" }
