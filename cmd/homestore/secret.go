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

// keptSecret is HOMESTORE_SECRET, or the one in the data directory; empty where there is neither.
func keptSecret(cfg Config) (string, error) {
	if cfg.Secret != "" {
		return string(cfg.Secret), nil
	}
	b, err := os.ReadFile(secretFile(cfg))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

func secretFile(cfg Config) string { return filepath.Join(cfg.DataDir, "secret") }

// serverSecret is HOMESTORE_SECRET, or one that is made on the first start and kept in the data directory, readable to its
// owner alone. Sessions and click ids outlive a restart because it does.
func serverSecret(cfg Config) (string, error) {
	if kept, err := keptSecret(cfg); kept != "" || err != nil {
		return kept, err
	}
	file := secretFile(cfg)
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
