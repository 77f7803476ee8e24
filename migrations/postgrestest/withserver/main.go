// Command withserver runs a command beside a throwaway PostgreSQL, named to it in HOMESTORE_TEST_DATABASE_URL:
//
//	go run ./migrations/postgrestest/withserver -- go test ./...
//
// It ends with the command's own exit code and passes signals on to it. When the variable is set already, that server is used
// and none is started. The server and its data go when the command has ended, and also when withserver is killed.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"homestore/migrations/postgrestest"
)

func main() {
	command := os.Args[1:]
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withserver -- COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	code, err := run(command)
	if err != nil {
		fmt.Fprintln(os.Stderr, "withserver:", err)
	}
	os.Exit(code)
}

// run returns the command's exit code; 1 with an error when there was no command to end, or no server.
func run(command []string) (int, error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)

	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv(postgrestest.URLVariable) == "" {
		server, err := postgrestest.StartServer(context.Background())
		if err != nil {
			return 1, err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			_ = server.Stop(ctx) // its data are gone either way
		}()
		cmd.Env = append(cmd.Env, postgrestest.URLVariable+"="+server.DSN("postgres"))
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // fails only when the command has ended
		case err := <-ended:
			return exitCode(err)
		}
	}
}

// exitCode is what a shell would say: the command's own, or 128 and the number of the signal that ended it.
func exitCode(err error) (int, error) {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok && err != nil {
		return 1, err
	}
	if !ok {
		return 0, nil
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
