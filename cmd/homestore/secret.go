package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// serverSecret is HOMESTORE_SECRET, or one that is made on the first start and kept in the data directory, readable to its
// owner alone. Sessions and click ids outlive a restart because it does.
func serverSecret(cfg Config) (string, error) {
	if cfg.Secret != "" {
		return string(cfg.Secret), nil
	}
	file := filepath.Join(cfg.DataDir, "secret")
	b, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails, says crypto/rand
	text := base64.StdEncoding.EncodeToString(raw[:])
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("keep the secret: %w", err)
	}
	// Written beside and renamed: a start that is killed here leaves a whole secret or none.
	if err := os.WriteFile(file+".new", []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the secret: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return "", fmt.Errorf("keep the secret: %w", err)
	}
	return text, nil
}
