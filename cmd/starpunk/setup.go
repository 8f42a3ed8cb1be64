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

// logger is where a command says what happens.
func logger() *slog.Logger { return slog.Default() }

// setLogger makes logger one that writes one event a line to standard error: as
// text for a person, as JSON for a machine. What the standard library's own
// packages have to say goes there, too.
func setLogger(level slog.Level) {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: withUnit}
	if isTerminal(os.Stderr) {
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, options)))
		return
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, options)))
}

// withUnit has a duration say its unit, in JSON too, where it would be a bare
// number of nanoseconds.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// logLevels are the values of --log-level, each with all that follow it.
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

// newVerifier is what a configuration says of whose tokens count.
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
