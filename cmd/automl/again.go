package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// again is the command that gives the same model again: what has no influence on it is left out, and of files only the
// names are told.
func again(cmd *cobra.Command, data string) string {
	words := []string{"automl", cmd.Name(), quoted(filepath.Base(data))}
	without := []string{"workers", "out", "report", "json", "quiet", "log", "checkpoint", "resume", "memory",
		"nats", "nats-store", "nats-creds", "nats-ca", "nats-cert", "nats-key", "slots"}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(without, f.Name) {
			return
		}
		value := f.Value.String()
		if s, ok := f.Value.(pflag.SliceValue); ok {
			value = strings.Join(s.GetSlice(), ",")
		}
		if f.Name == "seed-pipelines" {
			value = filepath.Base(value)
		}
		if f.Value.Type() == "bool" {
			words = append(words, "--"+f.Name)
			return
		}
		words = append(words, "--"+f.Name, quoted(value))
	})
	return strings.Join(words, " ")
}

// quoted is the word as a shell wants it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./=,:+@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
