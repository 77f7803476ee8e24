package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// identity is the user that initdb and postgres run as. PostgreSQL refuses to be root, because whoever may run SQL could
// then write any file of the machine.
type identity struct {
	uid, gid int
	kind     identityKind
}

type identityKind int

const (
	asCaller    identityKind = iota // the program's own user, who is not root
	asOther                         // root gives up its uid for another one, who then owns the cluster
	inNamespace                     // root without its capabilities, shown another uid; files stay root's
)

func (id identity) String() string {
	switch id.kind {
	case asOther:
		return fmt.Sprintf("uid %d", id.uid)
	case inNamespace:
		return fmt.Sprintf("uid %d in a user namespace", id.uid)
	default:
		return "the same user"
	}
}

// errRootOnly says that no other identity could run the server.
var errRootOnly = errors.New("PostgreSQL never runs as root, and neither the user postgres nor nobody can reach both the " +
	"data directory and the binaries: put the data elsewhere (such as /var/tmp/homestore), or run this program as another user")

// chooseIdentity tries each identity by running `postgres --version` in the data directory: what passes can reach both.
// Another uid comes before the namespace. Both please PostgreSQL, but root in a namespace still owns root's files: a
// `COPY … TO PROGRAM` there could write to /etc. It is for a checkout under /root, where nobody else gets in.
func chooseIdentity(ctx context.Context, bin binaries, dir string) (identity, error) {
	if os.Geteuid() != 0 {
		return identity{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, kind := range rootAlternatives {
		for _, name := range []string{"postgres", "nobody"} {
			id, ok := userNamed(name, kind)
			if ok && id.canRun(ctx, bin, dir) {
				return id, nil
			}
		}
	}
	return identity{}, errRootOnly
}

func userNamed(name string, kind identityKind) (identity, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return identity{}, false
	}
	uid, badUID := strconv.Atoi(u.Uid)
	gid, badGID := strconv.Atoi(u.Gid)
	return identity{uid: uid, gid: gid, kind: kind}, badUID == nil && badGID == nil && uid > 0
}

func (id identity) canRun(ctx context.Context, bin binaries, dir string) bool {
	cmd := exec.CommandContext(ctx, bin.path("postgres"), "--version")
	cmd.Env, cmd.Dir = cleanEnvironment(), dir
	_, err := id.run(cmd)
	return err == nil
}

// run runs a program to its end as the identity and returns what it said. It keeps its thread meanwhile: the kernel's death
// signal follows the thread that forked, and one on which a server's goroutine had ended would take the program along.
func (id identity) run(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = id.attributes(syscall.SIGKILL)
	return cmd.CombinedOutput()
}

// own gives a tree to the identity, when it is not the identity's already.
func (id identity) own(dir string) error {
	if id.kind == asCaller {
		return nil
	}
	uid, gid := id.uid, id.gid
	if id.kind == inNamespace {
		uid, gid = 0, 0
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look who owns the cluster: %w", err)
	}
	if int(info.Sys().(*syscall.Stat_t).Uid) == uid {
		return nil
	}
	// The top comes last: a walk that was cut short is done again.
	err = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		return os.Lchown(path, uid, gid)
	})
	if err == nil {
		err = os.Lchown(dir, uid, gid)
	}
	if err != nil {
		return fmt.Errorf("give the cluster to %s: %w", id, err)
	}
	return nil
}
