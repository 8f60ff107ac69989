// Package pgtest starts a PostgreSQL server for the tests of a package, if its programs are installed.
package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// Server is a server of the tests' own, started when first needed.
type Server struct {
	Password string // of the user postgres, who logs in at 127.0.0.1
	// Prepare, if it is not nil, is given the server's folder before the start and returns settings such as ssl=on. Files must be
	// given to the server's user by Own.
	Prepare func(dir string) ([]string, error)

	once sync.Once
	bin  string
	dir  string
	port string
	why  string // it could not be started
}

// Start starts the server unless it is running, and returns its port, or why there is none.
func (s *Server) Start() (port, why string) {
	s.once.Do(func() {
		if err := s.start(); err != nil {
			s.why = err.Error()
		}
	})
	return s.port, s.why
}

// Dir is the server's folder.
func (s *Server) Dir() string { return s.dir }

// Stop ends the server and removes its folder.
func (s *Server) Stop() {
	if s.port != "" {
		_ = command(s.bin+"/pg_ctl", "-D", s.dir+"/data", "-m", "immediate", "-w", "stop").Run()
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// owner is the user that the server runs as: it refuses to be root.
func owner() (uid, gid int, other bool, err error) {
	if os.Getuid() != 0 {
		return 0, 0, false, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return 0, 0, false, fmt.Errorf("there is no user postgres")
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true, nil
}

// Own gives a file to the server's user.
func Own(path string) error {
	uid, gid, other, err := owner()
	if err != nil || !other {
		return err
	}
	return os.Chown(path, uid, gid)
}

// command runs a program of PostgreSQL as the server's user.
func command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = "/"
	if uid, gid, other, err := owner(); err == nil && other {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return c
}

func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

func (s *Server) start() error {
	if s.bin = binaries(); s.bin == "" {
		return fmt.Errorf("initdb is not installed")
	}
	var err error
	if s.dir, err = os.MkdirTemp("", "automl-pg"); err != nil {
		return err
	}
	if err := Own(s.dir); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte(s.Password+"\n"), 0o644); err != nil {
		return err
	}
	options := fmt.Sprintf("-p %s -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c fsync=off", port, s.dir)
	if s.Prepare != nil {
		settings, err := s.Prepare(s.dir)
		if err != nil {
			return err
		}
		for _, setting := range settings {
			options += " -c " + setting
		}
	}
	for _, c := range []*exec.Cmd{
		command(s.bin+"/initdb", "-D", s.dir+"/data", "--no-sync", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale=C.UTF-8"),
		command(s.bin+"/pg_ctl", "-D", s.dir+"/data", "-w", "-o", options, "-l", s.dir+"/log", "start"),
	} {
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %v: %s", filepath.Base(c.Path), err, out)
		}
	}
	s.port = port
	return nil
}
