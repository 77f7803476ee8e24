package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/caarlos0/env/v11"

	"homestore/referral/tag"
)

// Secret is a value that is never printed.
type Secret string

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[hidden]"
}

// GoString and MarshalText hide it from %#v, JSON and slog too.
func (s Secret) GoString() string             { return s.String() }
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Config is every variable of the environment that Homestore reads. All of them may be absent.
type Config struct {
	Addr    string `env:"HOMESTORE_ADDR" envDefault:"127.0.0.1:8080"` // where the API listens
	DataDir string `env:"HOMESTORE_DATA_DIR" envDefault:".data"`      // private PostgreSQL, secret, spool
	// PublicURL is what links in answers and QR codes of the demo begin with; empty: http:// and Addr.
	PublicURL string `env:"HOMESTORE_PUBLIC_URL"`

	// DatabaseURL is a PostgreSQL of yours, logging in as the owner of the schema; empty: a private one under DataDir.
	DatabaseURL Secret `env:"HOMESTORE_DATABASE_URL"`
	// AppDatabaseURL and ScanDatabaseURL log in as homestore_app and homestore_scan; empty: DatabaseURL, stepping down to
	// these roles on each connection.
	AppDatabaseURL  Secret `env:"HOMESTORE_APP_DATABASE_URL"`
	ScanDatabaseURL Secret `env:"HOMESTORE_SCAN_DATABASE_URL"`
	Connections     int32  `env:"HOMESTORE_CONNECTIONS" envDefault:"20"` // of the API and workers together

	// Secret is at least 32 bytes, raw or base64, from which every key is derived; "new,old" while it is changed. Empty: made
	// once and kept under DataDir.
	Secret Secret `env:"HOMESTORE_SECRET"`

	// FirebaseCredentials is the file of a service account: messages then go to Google. Empty: to the local FCM.
	FirebaseCredentials string `env:"HOMESTORE_FIREBASE_CREDENTIALS"`
	FirebaseProject     string `env:"HOMESTORE_FIREBASE_PROJECT"` // empty: the one that the credentials name
	// LocalAddr is where the local FCM with its inbox and the local issuer of customers' tokens listen.
	LocalAddr string `env:"HOMESTORE_LOCAL_ADDR" envDefault:"127.0.0.1:8081"`

	// PrivateAddr is where metrics and profiles are read. They ask nobody who she is, so it must never face the internet.
	PrivateAddr string `env:"HOMESTORE_PRIVATE_ADDR" envDefault:"127.0.0.1:8082"`
	// OTLPEndpoint is the base URL of what takes traces by OTLP over HTTP, in the variable that OpenTelemetry gives it; empty: no
	// traces. OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and OTEL_TRACES_SAMPLER are heeded too.
	OTLPEndpoint string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`

	TrustedProxies []string `env:"HOMESTORE_TRUSTED_PROXIES"` // addresses or networks whose X-Real-IP is believed
	LogLevel       string   `env:"HOMESTORE_LOG_LEVEL" envDefault:"info"`
}

// readConfig reads the environment and says everything that is wrong with it.
func readConfig() (Config, error) {
	var c Config
	if err := env.Parse(&c); err != nil {
		return c, err
	}
	var wrong []error
	addresses := map[string]string{"HOMESTORE_ADDR": c.Addr, "HOMESTORE_LOCAL_ADDR": c.LocalAddr, "HOMESTORE_PRIVATE_ADDR": c.PrivateAddr}
	for name, addr := range addresses {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			wrong = append(wrong, fmt.Errorf("%s is host:port, such as 127.0.0.1:8080", name))
		}
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + reachable(c.Addr)
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && tag.IsLoopback(u.Host)) {
		wrong = append(wrong, errors.New("HOMESTORE_PUBLIC_URL is an https address, such as https://go.example.tw, or http on this machine: codes lead nowhere else"))
	}
	if u, err := url.Parse(c.OTLPEndpoint); c.OTLPEndpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		wrong = append(wrong, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT is an http or https address, such as http://127.0.0.1:4318"))
	}
	if c.Connections < 4 {
		wrong = append(wrong, errors.New("HOMESTORE_CONNECTIONS is 4 at least"))
	}
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		wrong = append(wrong, err)
	}
	c.DataDir = dir
	return c, errors.Join(wrong...)
}

// reachable is an address to link to: one that listens on all of the machine's is reached on the machine itself.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// postgresDir is where the private PostgreSQL keeps everything.
func (c Config) postgresDir() string { return filepath.Join(c.DataDir, "postgres") }

// spoolDir is where scans wait for a database that is away.
func (c Config) spoolDir() string { return filepath.Join(c.DataDir, "spool") }

// isLocal says whether messages and customers' tokens stay on this machine.
func (c Config) isLocal() bool { return c.FirebaseCredentials == "" }
