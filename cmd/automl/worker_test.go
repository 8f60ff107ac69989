//go:build linux

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// begin starts a command that the end of the test kills.
func begin(t *testing.T, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	var log bytes.Buffer
	if c.Stderr == nil {
		c.Stderr = &log
	}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%v:\n%s", c.Args[1:], log.String())
		}
	})
	return c
}

func natsServer(t *testing.T, port, dir string) *exec.Cmd {
	t.Helper()
	c := process(t, dir, dir)
	c.Env = append(c.Env, "AUTOML_TEST_NATS="+port)
	begin(t, c)
	for range 200 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = conn.Close()
			return c
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the NATS server does not start")
	return nil
}

func mustRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	if r := run(t, dir, args...); r.status != 0 {
		t.Fatalf("%v: status %d\n%s", args, r.status, r.stderr)
	}
}

func sameFile(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("%s (%d bytes) and %s (%d bytes) differ", a, len(x), b, len(y))
	}
}

// TestTheSameModelOnACluster trains here, on the embedded server, and on a server with one worker.
func TestTheSameModelOnACluster(t *testing.T) {
	dir := t.TempDir()
	args := []string{"train", testdata(t, "clinic.csv"), "--target", "diagnosis", "--quiet", "--evaluations", "10", "--config", space(t), "--folds", "2", "--ensemble", "2"}
	mustRun(t, dir, append(args, "-o", "here")...)
	mustRun(t, dir, append(args, "-o", "embedded", "--nats", "embedded:0", "--workers", "2")...)
	sameFile(t, filepath.Join(dir, "here"), filepath.Join(dir, "embedded"))
	port := freePort(t)
	natsServer(t, port, t.TempDir())
	url := "nats://127.0.0.1:" + port
	w := begin(t, process(t, dir, "worker", "--nats", url, "--once", "--workers", "2", "--listen", "127.0.0.1:0", "--pprof"))
	mustRun(t, dir, append(args, "-o", "there", "--nats", url)...)
	sameFile(t, filepath.Join(dir, "here"), filepath.Join(dir, "there"))
	if err := w.Wait(); err != nil {
		t.Errorf("the worker, whose search has ended: %v", err)
	}
}

func TestWorkerRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"worker", 2, "--nats is required"},
		{"worker --nats embedded:1", 2, "--nats is required"},
		{"worker --nats nats://x --workers 0", 2, "--workers"},
		{"worker --nats nats://x --pprof", 2, "--listen"},
		{"worker --nats nats://x --nats-cert a", 2, "--nats-key"},
		{"worker --nats nats://x --nats-ca missing.pem", 2, "missing.pem"},
		{"train x.csv --target y --slots 3", 2, "--slots"},
		{"train x.csv --target y --nats embedded:high", 2, "embedded:PORT"},
	} {
		r := run(t, dir, strings.Fields(c.args)...)
		if r.status != c.status || !strings.Contains(r.stderr, c.says) {
			t.Errorf("automl %s: status %d, %s", c.args, r.status, r.stderr)
		}
	}
}

// TestClusterUnderFire kills a worker every three seconds, at first every second, and the server once, and wants the model of a local run.
// AUTOML_CHAOS is the number of evaluations.
func TestClusterUnderFire(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("AUTOML_CHAOS"))
	if n == 0 {
		t.Skip("AUTOML_CHAOS is not set: no worker is killed")
	}
	const every = 3 // seconds: any of the four lives twelve, long enough for the slowest pipeline; the first three come at once
	dir, store, port := t.TempDir(), t.TempDir(), freePort(t)
	args := []string{"train", testdata(t, "clinic.csv"), "--target", "diagnosis", "--quiet", "--evaluations", strconv.Itoa(n), "--folds", "3", "--config", "light"}
	begun := time.Now()
	mustRun(t, dir, append(args, "-o", "here")...)
	local := time.Since(begun)
	server := natsServer(t, port, store)
	url := "nats://127.0.0.1:" + port
	worker := func() *exec.Cmd { return begin(t, process(t, dir, "worker", "--nats", url, "--workers", "1")) }
	workers := []*exec.Cmd{worker(), worker(), worker(), worker()}
	begun = time.Now()
	search := begin(t, process(t, dir, append(args, "-o", "there", "--nats", url)...))
	done := make(chan error, 1)
	go func() { done <- search.Wait() }()
	killed := 0
	second := 0
	for tick := time.NewTicker(time.Second); ; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d evaluations: %v here, %v with %d workers killed and the server once", n, local, time.Since(begun), killed)
			if killed < 3 {
				t.Errorf("only %d workers were killed: the run is too short to show anything", killed)
			}
			sameFile(t, filepath.Join(dir, "here"), filepath.Join(dir, "there"))
			return
		case <-tick.C:
			if second++; killed >= 3 && second%every != 0 {
				continue
			}
			if n < 1000 && killed == 8 { // on a machine that is too busy, a pipeline may take longer than any worker lives
				continue
			}
			w := &workers[killed%len(workers)]
			_ = (*w).Process.Kill()
			if killed++; killed == 3 {
				_ = server.Process.Kill()
				_ = server.Wait()
				server = natsServer(t, port, store)
			}
			*w = worker()
		}
	}
}
