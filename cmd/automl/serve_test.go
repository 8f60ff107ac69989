package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lren-chuv/automl/internal/pgtest"
)

// instance is a service as a process, which is killed and started again.
type instance struct {
	dir, address string
	args         []string
	mu           sync.Mutex
	c            *exec.Cmd
	log          *os.File
}

func newInstance(t *testing.T, dir, name string, args ...string) *instance {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{dir: dir, address: l.Addr().String(), args: args}
	l.Close()
	if i.log, err = os.Create(filepath.Join(dir, name+".log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		i.kill()
		i.log.Close()
	})
	return i
}

func (i *instance) start(t *testing.T) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.c = process(t, i.dir, append([]string{"serve", "--listen", i.address, "--data", "data", "--workers", "1", "--metrics"}, i.args...)...)
	i.c.Stderr = i.log
	if err := i.c.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process without a warning.
func (i *instance) kill() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.c != nil {
		_ = i.c.Process.Kill()
		_ = i.c.Wait()
		i.c = nil
	}
}

func (i *instance) ask(method, path, key string, body []byte) (int, []byte, error) {
	r, err := http.NewRequest(method, "http://"+i.address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/api/v1/tables") {
		r.Header.Set("Content-Type", "text/csv")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	return resp.StatusCode, out, err
}

// insist asks until there is an answer.
func (i *instance) insist(t *testing.T, method, path, key string, body []byte) []byte {
	t.Helper()
	for range 3000 {
		status, out, err := i.ask(method, path, key, body)
		if err == nil && status/100 == 2 {
			return out
		}
		if err == nil && status/100 == 4 {
			t.Errorf("%s %s: %d %s", method, path, status, out)
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s %s: no answer", method, path)
	return nil
}

// kills runs jobs, all submitted at the same time, on services that are killed at random moments.
func kills(t *testing.T, instances []*instance, jobs, kills int) {
	table, err := os.ReadFile("../../testdata/iris.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range instances {
		i.start(t)
	}
	first := instances[0]
	var uploaded struct{ ID string }
	if err := json.Unmarshal(first.insist(t, "POST", "/api/v1/tables?name=iris.csv", "", table), &uploaded); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var done atomic.Bool
	var submitting, killing sync.WaitGroup
	killing.Go(func() {
		rng := rand.New(rand.NewPCG(1, uint64(kills)))
		for range kills {
			time.Sleep(time.Duration(200+rng.IntN(2000)) * time.Millisecond)
			i := instances[rng.IntN(len(instances))]
			i.kill()
			time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond)
			i.start(t)
		}
		done.Store(true)
	})
	ids := make([]string, jobs)
	for n := range jobs {
		submitting.Go(func() {
			e, _ := json.Marshal(map[string]any{"name": fmt.Sprint(n), "table": uploaded.ID, "variable": "target", "covariables": []string{"petal_length_cm", "sepal_length_cm"},
				"budget": map[string]any{"evaluations": 2}, "seed": n})
			var made struct{ ID string }
			if err := json.Unmarshal(instances[n%len(instances)].insist(t, "POST", "/api/v1/experiments", fmt.Sprint("key ", n), e), &made); err != nil {
				t.Error(err)
			}
			ids[n] = made.ID
		})
	}
	submitting.Wait()
	killing.Wait()
	type experiment struct {
		ID, Name, State, Error string
		Changes                []struct{ State string }
		Result                 struct{ Files []string }
	}
	var all []experiment
	for until := time.Now().Add(10 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		var list struct{ Experiments []experiment }
		if err := json.Unmarshal(first.insist(t, "GET", "/api/v1/experiments?limit=500", "", nil), &list); err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, e := range list.Experiments {
			if e.State != "done" && e.State != "failed" {
				left++
			}
		}
		if all = list.Experiments; left == 0 || time.Now().After(until) {
			break
		}
	}
	seen := map[string]int{}
	for _, e := range all {
		seen[e.ID]++
		var states []string
		for _, c := range e.Changes {
			states = append(states, c.State)
		}
		if got := strings.Join(states, " "); got != "submitted training waiting testing formatting done" {
			t.Errorf("experiment %s (%s): %s %s", e.Name, e.ID, got, e.Error)
		}
		if len(e.Result.Files) < 3 {
			t.Errorf("experiment %s: files %v", e.Name, e.Result.Files)
		}
		if status, out, err := first.ask("GET", "/api/v1/experiments/"+e.ID+"/model", "", nil); status != 200 || len(out) < 1000 || err != nil {
			t.Errorf("experiment %s: model: %d %v", e.Name, status, err)
		}
	}
	for n, id := range ids {
		if seen[id] != 1 {
			t.Errorf("experiment %d (%s) is there %d times", n, id, seen[id])
		}
	}
	if len(all) != jobs {
		t.Errorf("%d experiments, %d were submitted", len(all), jobs)
	}
	// Every state was entered once in all processes' logs together; a kill may have come before the line was written.
	entered := map[string]int{}
	logs, _ := filepath.Glob(filepath.Join(first.dir, "*.log"))
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if at := strings.Index(line, "msg=entered "); at >= 0 {
				entered[strings.TrimSpace(line[at:])]++
			}
		}
	}
	for what, n := range entered {
		if n > 1 {
			t.Errorf("%d times: %s", n, what)
		}
	}
	t.Logf("%d jobs and %d kills in %v; %d of %d changes of state are in the logs", jobs, kills, time.Since(began).Round(time.Second), len(entered), 5*jobs)
}

// amount is how many jobs and kills there are: few, unless AUTOML_SERVE_KILLS names others, such as 200x20.
func amount(t *testing.T, jobs, kills int) (int, int) {
	if text := os.Getenv("AUTOML_SERVE_KILLS"); text != "" {
		if _, err := fmt.Sscanf(text, "%dx%d", &jobs, &kills); err != nil {
			t.Fatalf("AUTOML_SERVE_KILLS=%s: want JOBSxKILLS", text)
		}
	}
	return jobs, kills
}

func TestServeIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("a service is killed and started again for some seconds")
	}
	jobs, n := amount(t, 5, 2)
	kills(t, []*instance{newInstance(t, t.TempDir(), "one", "--jobs", "2")}, jobs, n)
}

// Two services share a store in PostgreSQL and a folder; each is killed now and then.
func TestServicesAreKilled(t *testing.T) {
	if testing.Short() || os.Getenv("AUTOML_SERVE_KILLS") == "" {
		t.Skip("services are killed and started again for some seconds if AUTOML_SERVE_KILLS says how often")
	}
	server := &pgtest.Server{Password: "secret"}
	defer server.Stop()
	port, why := server.Start()
	if port == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
		t.Skip(why)
	}
	jobs, n := amount(t, 6, 2)
	dir := t.TempDir()
	args := []string{"--store", "postgres://postgres:secret@127.0.0.1:" + port + "/postgres?sslmode=disable", "--lease", "3s"}
	kills(t, []*instance{newInstance(t, dir, "one", args...), newInstance(t, dir, "two", args...)}, jobs, n)
}

// certificate writes a certificate of this machine and its key.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(crand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return pool
}

// HTTPS, with a password; an interrupt ends the service well.
func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	pool := certificate(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "users"), []byte("me:secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := newInstance(t, dir, "one", "--tls-cert", "tls.crt", "--tls-key", "tls.key", "--users", "users")
	i.start(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 10 * time.Second}
	get := func(password string) int {
		r, err := http.NewRequest("GET", "https://"+i.address+"/api/v1/info", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("me", password)
		for range 200 {
			if resp, err := client.Do(r); err == nil {
				resp.Body.Close()
				return resp.StatusCode
			}
			time.Sleep(50 * time.Millisecond)
		}
		return 0
	}
	if status := get("secret"); status != 200 {
		t.Errorf("status %d", status)
	}
	if status := get("wrong"); status != 401 {
		t.Errorf("a wrong password: %d", status)
	}
	if err := i.c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := i.c.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
	i.c = nil
}

func TestServeUsage(t *testing.T) {
	dir := t.TempDir()
	for why, args := range map[string][]string{"open to all": {"--listen", ":0"}, "no port": {"--listen", "x"}, "half a certificate": {"--tls-cert", "x"}, "no jobs": {"--jobs", "0"}, "store": {"--store", "mysql://x"},
		"features": {"--features", "x"}, "backend": {"--backend", "mainframe"}, "size": {"--max-upload", "big"}, "argument": {"now"}} {
		if r := run(t, dir, append([]string{"serve"}, args...)...); r.status != exitUsage {
			t.Errorf("%s: %d %s", why, r.status, r.stderr)
		}
	}
}
