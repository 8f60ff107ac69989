package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is the command running in a pseudo-terminal.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	mu     sync.Mutex
	seen   bytes.Buffer
	closed chan struct{}
}

// inTerminal starts the command in a terminal of the given size.
func inTerminal(t *testing.T, width, height int, env []string, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("SKIPPED: no pseudo-terminals here: %v", err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(height), Col: uint16(width)})
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, master: master, cmd: process(t, t.TempDir(), args...), closed: make(chan struct{})}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = slave, slave, slave
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // so that Ctrl-C is the terminal's
	x.cmd.Env = append(append(x.cmd.Env, "TERM=xterm-256color", "NO_COLOR="), env...)
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	go func() {
		defer close(x.closed)
		_, _ = io.Copy(x, master)
	}()
	t.Cleanup(func() { _ = x.cmd.Process.Kill(); _ = master.Close() })
	return x
}

func (x *terminal) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.Write(p)
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seen.String()
}

// expect waits until the terminal has shown a text.
func (x *terminal) expect(text string) {
	x.t.Helper()
	for range 600 {
		if strings.Contains(x.text(), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.t.Fatalf("never showed %q:\n%q", text, x.text())
}

// end returns the exit status and all that was shown.
func (x *terminal) end() (int, string) {
	var exit *exec.ExitError
	if err := x.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		x.t.Fatal(err)
	}
	<-x.closed
	return x.cmd.ProcessState.ExitCode(), x.text()
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*3[0-9][;0-9]*m")

// search is a command that goes on until it is interrupted.
func search(t *testing.T) []string {
	return []string{"train", testdata(t, "iris.csv"), "--target", "target", "--evaluations", "100000", "--workers", "1", "--config", "light", "-o", "m.automl"}
}

func TestLiveViewAndInterrupt(t *testing.T) {
	x := inTerminal(t, 100, 30, nil, search(t)...)
	for _, want := range []string{"budget", "tried", "log_loss", "front", "prefixes known"} {
		x.expect(want)
	}
	_, _ = x.master.Write([]byte{3}) // Ctrl-C
	status, text := x.end()
	if status != 0 || !strings.Contains(text, "interrupted: fitting the best so far") || !strings.Contains(text, "log_loss") {
		t.Errorf("status %d: %q", status, text)
	}
	if !colour.MatchString(text) || strings.Count(text, "\x1b[?25l") != strings.Count(text, "\x1b[?25h") {
		t.Errorf("no colours, or the cursor is lost: %q", text)
	}
	if _, err := os.Stat(filepath.Join(x.cmd.Dir, "m.automl")); err != nil {
		t.Error(err)
	}
}

// TestTerminalsThatCanLess: no colours where none are wanted, one line where there is no room, plain lines where there are
// no escape sequences, and nothing at all when quiet.
func TestTerminalsThatCanLess(t *testing.T) {
	short := []string{"train", testdata(t, "iris.csv"), "--target", "target", "--evaluations", "3", "--folds", "2", "--ensemble", "0", "--config", "light", "-o", "m.automl"}
	for _, c := range []struct {
		name          string
		width, height int
		env, args     []string
		want, without string
	}{
		{"no colour", 100, 30, []string{"NO_COLOR=1"}, nil, "front", "?1049h"},
		{"narrow", 40, 30, nil, nil, "\r\x1b[K", "front"},
		{"flat", 100, 6, nil, nil, "\r\x1b[K", "front"},
		{"dumb", 100, 30, []string{"TERM=dumb"}, nil, "3 evaluated", "\x1b"},
		{"quiet", 100, 30, nil, []string{"--quiet"}, "in cross-validation", "\x1b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := inTerminal(t, c.width, c.height, c.env, append(short, c.args...)...)
			status, text := x.end()
			if status != 0 || !strings.Contains(text, c.want) || strings.Contains(text, c.without) {
				t.Errorf("status %d: %q", status, text)
			}
			if c.name == "no colour" && colour.MatchString(text) {
				t.Errorf("coloured: %q", text)
			}
		})
	}
}
