package browsertest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var program string // automl, built once

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if program = os.Getenv("AUTOML_PROGRAM"); program != "" || browser() == "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "automl")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "automl")
	build := exec.Command("go", "build", "-o", program, "./cmd/automl")
	build.Dir = filepath.Join("..", "..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// service is a running automl serve that can be killed and started again at the same address.
type service struct {
	t       *testing.T
	dir     string
	address string
	flags   []string
	login   string // name:password@ for the address
	cmd     *exec.Cmd
}

func startService(t *testing.T, flags ...string) *service {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &service{t: t, dir: t.TempDir(), address: l.Addr().String(), flags: flags}
	must(t, l.Close())
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *service) start() {
	s.t.Helper()
	s.cmd = exec.Command(program, append([]string{"serve", "--listen", s.address, "--data", s.dir, "--jobs", "2"}, s.flags...)...)
	out, err := s.cmd.StderrPipe()
	must(s.t, err)
	must(s.t, s.cmd.Start())
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "msg=ready") {
				ready <- true
			}
			if strings.Contains(lines.Text(), "level=ERROR") {
				fmt.Fprintln(os.Stderr, lines.Text())
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		s.t.Fatal("the service does not start")
	}
}

// kill is kill -9.
func (s *service) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *service) url(path string) string { return "http://" + s.address + path }

func (s *service) page(hash string) string { return "http://" + s.login + s.address + "/" + hash }

// upload brings a table of the project's test data to the service.
func (s *service) upload(file string) {
	s.t.Helper()
	f, err := os.Open(data(file))
	must(s.t, err)
	defer f.Close()
	r, err := http.Post(s.url("/api/v1/tables?name="+file), "text/csv", f)
	must(s.t, err)
	defer r.Body.Close()
	if r.StatusCode != http.StatusCreated {
		s.t.Fatalf("upload: %s", r.Status)
	}
}

func data(file string) string {
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "testdata", file))
	if err != nil {
		panic(err)
	}
	return path
}
