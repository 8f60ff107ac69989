package kubernetes

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
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

	"github.com/lren-chuv/automl/launch"
	"github.com/lren-chuv/automl/mip"
)

// apiServer is a Kubernetes API server of its own, over an etcd of its own.
type apiServer struct {
	url, token string
	client     *http.Client
}

// startServer starts the programs that AUTOML_KUBERNETES names.
func startServer(t *testing.T) *apiServer {
	t.Helper()
	programs := strings.Fields(os.Getenv("AUTOML_KUBERNETES"))
	if len(programs) != 2 {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of AUTOML_KUBERNETES=\"KUBE-APISERVER ETCD\": %s\n", t.Name())
		t.Skip("AUTOML_KUBERNETES names no kube-apiserver and etcd")
	}
	dir := t.TempDir()
	clients, peers, port := free(t), free(t), free(t)
	start(t, dir, programs[1], "--data-dir", filepath.Join(dir, "etcd"), "--listen-client-urls", "http://"+clients, "--advertise-client-urls", "http://"+clients,
		"--listen-peer-urls", "http://"+peers, "--initial-advertise-peer-urls", "http://"+peers, "--initial-cluster", "default=http://"+peers, "--unsafe-no-fsync")
	key, tokens := filepath.Join(dir, "key.pem"), filepath.Join(dir, "tokens.csv")
	write(t, key, signingKey(t))
	write(t, tokens, []byte("secret,admin,1,system:masters\n"))
	_, number, err := net.SplitHostPort(port)
	if err != nil {
		t.Fatal(err)
	}
	start(t, dir, programs[0], "--etcd-servers", "http://"+clients, "--bind-address", "127.0.0.1", "--secure-port", number, "--cert-dir", filepath.Join(dir, "certificates"),
		"--service-account-issuer", "https://automl.test", "--service-account-key-file", key, "--service-account-signing-key-file", key, "--token-auth-file", tokens,
		"--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/24", "--disable-admission-plugins", "ServiceAccount")
	s := &apiServer{url: "https://" + port, token: "secret", client: &http.Client{Timeout: 20 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}} // its certificate is its own
	for range 600 {
		if status, _ := s.ask("GET", "/api/v1/namespaces/default", nil); status == http.StatusOK {
			return s
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the API server does not start")
	return nil
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a program until the test ends.
func start(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(dir, filepath.Base(program)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, args...)
	c.Stdout, c.Stderr, c.Dir = log, log, dir
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = c.Wait()
		_ = log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s:\n%s", program, text[max(0, len(text)-3000):])
		}
	})
}

func signingKey(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}

func (s *apiServer) ask(method, path string, body []byte) (int, []byte) {
	r, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, []byte(err.Error())
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer resp.Body.Close()
	out, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, out
}

// create hands an object to the server, which is to refuse what it does not know.
func (s *apiServer) create(object []byte) (int, []byte) {
	var kind struct{ APIVersion, Kind string }
	if err := json.Unmarshal(object, &kind); err != nil {
		return 0, []byte(err.Error())
	}
	path := map[string]string{"Job": "/apis/batch/v1", "Service": "/api/v1", "Secret": "/api/v1"}[kind.Kind] + "/namespaces/default/" + strings.ToLower(kind.Kind) + "s"
	return s.ask("POST", path+"?fieldValidation=Strict", object)
}

// A real API server takes everything that is written for it, and refuses what is wrong.
func TestServerTakesTheManifests(t *testing.T) {
	s := startServer(t)
	plans := map[string]func(*launch.Plan){
		"with a server inside": func(p *launch.Plan) { p.Name = "inside" },
		"with a server outside": func(p *launch.Plan) {
			p.Name, p.NATS, p.Claim, p.Environ = "outside", "nats://nats.infra:4222", "", []string{"AUTOML_NATS_USER=a", "AUTOML_NATS_PASSWORD=b"}
		},
	}
	for name, change := range plans {
		p := launch.Plan{Workers: 5, CPUs: 2.5, Memory: 2048, Limit: time.Hour, Grace: 30 * time.Second, Image: "hbpmip/automl", Claim: "data", Train: []string{"x.csv", "--target", "y"}}
		change(&p)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if err := p.Secure(); err != nil {
			t.Fatal(err)
		}
		files, err := p.Kubernetes()
		if err != nil {
			t.Fatal(err)
		}
		var list struct{ Items []json.RawMessage }
		if err := json.Unmarshal([]byte(files[0].Text), &list); err != nil || len(list.Items) < 3 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, item := range list.Items {
			if status, out := s.create(item); status != http.StatusCreated {
				t.Errorf("%s: %d %s\nfor %s", name, status, out, item)
			}
		}
	}
	for i, volume := range []string{"", "/srv/jobs"} {
		c := &mip.Cluster{Image: "hbpmip/automl", CPUs: 0.5, Memory: 512, HostVolume: volume, Pin: "node1", Retries: 2, Environ: []string{"PARAM_query=select 1", "IN_PASSWORD=secret", "IN_HOST=db"}}
		job, err := json.Marshal(c.Kubernetes(fmt.Sprint("Job ", i)))
		if err != nil {
			t.Fatal(err)
		}
		if status, out := s.create(job); status != http.StatusCreated {
			t.Errorf("the platform's job with volume %q: %d %s\nfor %s", volume, status, out, job)
		}
		for what, change := range map[string][2]string{"a restart policy": {`"Never"`, `"Sometimes"`}, "a field": {`"restartPolicy"`, `"restartPolitics"`}, "a name": {`"automl-`, `"Automl_`}} {
			if wrong := bytes.ReplaceAll(job, []byte(change[0]), []byte(change[1])); bytes.Equal(wrong, job) {
				t.Errorf("%s: nothing to change in %s", what, job)
			} else if status, out := s.create(wrong); status/100 != 4 || status == http.StatusConflict {
				t.Errorf("%s that is wrong: %d %s", what, status, out)
			}
		}
	}
}
