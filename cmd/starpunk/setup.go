package main

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"starpunk/receiver/indieauth"
	"starpunk/site"

	"github.com/spf13/cobra"
)

// loadConfig reads the configuration of the site that --site names, and logs its
// warnings.
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

// logger returns the logger of the commands.
func logger() *slog.Logger { return slog.Default() }

// setLogger sets the logger to one that writes an event a line to standard error:
// as text to a terminal, otherwise as JSON. The standard library's packages log
// there, too.
func setLogger(level slog.Level) {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: withUnit}
	if isTerminal(os.Stderr) {
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, options)))
		return
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, options)))
}

// withUnit writes durations with their unit, also in JSON, where they would be
// numbers of nanoseconds.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// logLevels are the values of --log-level. Each includes all that follow it.
var logLevels = []string{"debug", "info", "warn", "error"}

func logLevel(cmd *cobra.Command) (level slog.Level, err error) {
	word, err := cmd.Flags().GetString("log-level")
	if err != nil {
		return level, err
	}
	if !slices.Contains(logLevels, word) {
		return level, &misuseError{cmd.CommandPath(), fmt.Errorf("--log-level: %q is not one of %s", word, strings.Join(logLevels, ", "))}
	}
	return level, level.UnmarshalText([]byte(word))
}

// newVerifier returns the verifier of access tokens for a configuration.
func newVerifier(cfg *site.Config, dev bool) (*indieauth.Verifier, error) {
	r := &cfg.Receiver
	return indieauth.New(indieauth.Options{
		Me: cfg.Me, SiteURL: cfg.URL, Version: release, Dev: dev,
		AllowPrivateNetwork: r.AllowPrivateNetwork,
		IntrospectionSecret: r.IntrospectionSecret,
		TokenCache:          r.TokenCache,
		TokenCacheTTL:       r.TokenCacheTTL.Duration,
		EndpointCacheTTL:    r.EndpointCacheTTL.Duration,
		Logger:              logger(),
	})
}
