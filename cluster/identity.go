package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"runtime/debug"
)

// protocol changes when messages of this package do.
const protocol = 1

// Identity says which program evaluates. Only equal programs on processors of one kind are sure to give equal bits.
type Identity struct {
	Version  string // of the program
	Commit   string // it was built from, if known
	Go       string // compiler, whose mathematics it uses
	Arch     string
	Protocol int
}

// Self is the identity of this program, whose version the caller knows.
func Self(version string) Identity {
	id := Identity{Version: version, Go: runtime.Version(), Arch: runtime.GOARCH, Protocol: protocol}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				id.Commit = s.Value[:min(12, len(s.Value))]
			}
			if s.Key == "vcs.modified" && s.Value == "true" {
				id.Commit += "+"
			}
		}
	}
	return id
}

// String is for people who wonder why two programs do not work together.
func (id Identity) String() string {
	commit := id.Commit
	if commit == "" {
		commit = "unknown"
	}
	return fmt.Sprintf("automl %s (commit %s, %s, %s, protocol %d)", id.Version, commit, id.Go, id.Arch, id.Protocol)
}

// kind is a short name of the identity, for subjects.
func (id Identity) kind() string {
	sum := sha256.Sum256([]byte(id.String()))
	return hex.EncodeToString(sum[:6])
}
