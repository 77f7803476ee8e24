package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"homestore/api/signin/localissuer"
	"homestore/clienteling/team"
	"homestore/notify/fcm/local"
)

// localServices stand in for what is elsewhere in earnest: Google's FCM, with an inbox that shows each phone, and an identity
// provider for customers. They speak the same protocols, so nothing else knows the difference.
type localServices struct {
	address string // http://…
	server  *http.Server
}

const issuerPath = "/issuer"

func startLocalServices(ctx context.Context, cfg Config, now func() time.Time, log *slog.Logger) (*localServices, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.LocalAddr)
	if err != nil {
		return nil, fmt.Errorf("listen for the local FCM (HOMESTORE_LOCAL_ADDR): %w", err)
	}
	issuer, err := localissuer.New(cfg.DataDir, localIssuer(cfg).Issuer, now)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("/", local.New(now))
	mux.Handle(issuerPath+"/", http.StripPrefix(issuerPath, issuer.Handler()))
	l := &localServices{address: "http://" + cfg.LocalAddr, server: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}
	go func() {
		if err := l.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the local FCM ended", "error", err)
		}
	}()
	return l, nil
}

// localIssuer is the local issuer of a configuration as a brand registers it.
func localIssuer(cfg Config) team.Issuer {
	address := "http://" + cfg.LocalAddr + issuerPath
	return team.Issuer{Provider: "oidc", Issuer: address, Audience: localissuer.Audience, JWKSURL: address + localissuer.KeysPath}
}

// fcmEndpoint is what the Firebase SDK is pointed at.
func (l *localServices) fcmEndpoint() string { return l.address + "/v1" }

func (l *localServices) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	return l.server.Shutdown(ctx)
}
