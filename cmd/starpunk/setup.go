package main

import (
	"log/slog"
	"os"
	"time"

	"starpunk/receiver/indieauth"
	"starpunk/site"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// loadConfig reads the configuration of the site that --site names and says
// what the owner should hear about it.
func loadConfig(cmd *cobra.Command) (*site.Config, error) {
	cfg, err := site.LoadConfig(siteDir(cmd), os.Getenv)
	if err != nil {
		return nil, err
	}
	for _, warning := range cfg.Warnings {
		logger().Warn(warning)
	}
	return cfg, nil
}

// logger writes one event a line to standard error: as text for a person, as
// JSON for a machine.
func logger() *slog.Logger {
	if isatty.IsTerminal(os.Stderr.Fd()) {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, nil))
}

// newVerifier is what a configuration says of whose tokens count.
func newVerifier(cfg *site.Config, dev bool) (*indieauth.Verifier, error) {
	r := &cfg.Receiver
	return indieauth.New(indieauth.Options{
		Me: cfg.Me, SiteURL: cfg.URL, Version: release, Dev: dev,
		AllowPrivateNetwork: r.AllowPrivateNetwork,
		IntrospectionSecret: r.IntrospectionSecret,
		TokenCache:          r.TokenCache,
		TokenCacheTTL:       time.Duration(r.TokenCacheTTL),
		EndpointCacheTTL:    time.Duration(r.EndpointCacheTTL),
		Logger:              logger(),
	})
}
