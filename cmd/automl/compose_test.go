//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/internal/pgtest"
)

// composed is a service of compose.yaml, as far as this test runs it.
type composed struct {
	command []string
	environ []string
}

// readCompose reads the commands and environments of compose.yaml, which are written in a simple way.
func readCompose(t *testing.T) map[string]*composed {
	t.Helper()
	text, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*composed{}
	var s *composed
	key := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch indent := len(line) - len(strings.TrimLeft(line, " ")); {
		case indent == 0 && line == "volumes:": // the services come before
			return out
		case indent == 2:
			s, key = &composed{}, ""
			out[strings.TrimSuffix(strings.TrimSpace(line), ":")] = s
		case indent == 4:
			key, _, _ = strings.Cut(strings.TrimSpace(line), ":")
			if key == "command" {
				if err := json.Unmarshal([]byte(line[strings.Index(line, "["):]), &s.command); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
			}
		case indent == 6 && key == "environment":
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			s.environ = append(s.environ, name+"="+value)
		}
	}
	return out
}

// loadFeatures runs the script that the database of compose.yaml runs at its first start.
func loadFeatures(t *testing.T, address string) {
	t.Helper()
	script, err := os.ReadFile("../../compose/features.sql")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address+"postgres?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { conn.Close(ctx) }()
	plain := regexp.MustCompile(`(?m)^--.*\n`).ReplaceAllString(string(script), "")
	plain = regexp.MustCompile(`(?m)^\\connect (\w+)$`).ReplaceAllString(plain, `\connect $1;`)
	for statement := range strings.SplitSeq(plain, ";\n") {
		statement = strings.TrimSpace(statement)
		switch database, connect := strings.CutPrefix(statement, `\connect `); {
		case statement == "":
		case connect:
			conn.Close(ctx)
			if conn, err = pgx.Connect(ctx, address+strings.TrimSuffix(database, ";")+"?sslmode=disable"); err != nil {
				t.Fatal(err)
			}
		case strings.HasPrefix(statement, "COPY"):
			file, err := os.Open("../../testdata/clinic.csv")
			if err != nil {
				t.Fatal(err)
			}
			_, err = conn.PgConn().CopyFrom(ctx, file, strings.Replace(statement, "'/sample/clinic.csv'", "STDIN", 1))
			file.Close()
			if err != nil {
				t.Fatal(err)
			}
		default:
			if _, err := conn.Exec(ctx, statement); err != nil {
				t.Fatalf("%v: %s", err, statement)
			}
		}
	}
}

// compose starts what compose.yaml describes, with its commands and environments, but for containers, names of machines, ports and
// folders, and returns the service's address and the logs of service and worker.
func compose(t *testing.T) (address string, service, worker *bytes.Buffer) {
	t.Helper()
	server := &pgtest.Server{Password: "postgres"}
	t.Cleanup(server.Stop)
	port, why := server.Start()
	if port == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
		t.Skip(why)
	}
	loadFeatures(t, "postgres://postgres:postgres@127.0.0.1:"+port+"/")
	users, err := filepath.Abs("../../compose/users.txt")
	if err != nil {
		t.Fatal(err)
	}
	config := readCompose(t)
	address = "127.0.0.1:" + freePort(t)
	queue := freePort(t)
	here := strings.NewReplacer("@db/", "@127.0.0.1:"+port+"/", "nats://nats:4222", "nats://127.0.0.1:"+queue, "/users.txt", users)
	start := func(name, folder string, more ...string) *bytes.Buffer {
		one := config[name]
		if one == nil {
			t.Fatalf("there is no service %s", name)
		}
		dir := t.TempDir()
		var args []string
		for _, a := range one.command {
			switch a {
			case folder:
				a = dir
			case ":8080":
				a = address
			}
			args = append(args, here.Replace(a))
		}
		c := process(t, dir, append(args, more...)...)
		if name == "nats" {
			c.Env = append(c.Env, "AUTOML_TEST_NATS_SERVER=1")
		}
		for _, e := range one.environ {
			c.Env = append(c.Env, here.Replace(e))
		}
		log := &bytes.Buffer{}
		c.Stderr = log
		begin(t, c)
		return log
	}
	start("nats", "/data", "--addr", "127.0.0.1", "--port", queue)
	service = start("service", "/docker-volume")
	worker = start("worker", "")
	return address, service, worker
}

// A first experiment, whose search is a worker's, and a request of the platform are answered by the processes of compose.yaml.
func TestCompose(t *testing.T) {
	if testing.Short() {
		t.Skip("a database, a NATS server, a service and a worker are started")
	}
	address, log, worker := compose(t)
	ask := func(method, path, user string, body any) (int, []byte) {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(method, "http://"+address+path, bytes.NewReader(encoded))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth(user, user)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, nil
		}
		defer resp.Body.Close()
		out, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, out
	}
	for range 200 {
		if status, _ := ask("GET", "/readyz", "", nil); status == 200 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if status, _ := ask("GET", "/api/v1/tables", "intruder", nil); status != http.StatusUnauthorized {
		t.Errorf("an intruder: %d", status)
	}
	var list struct{ Tables []struct{ ID, Name string } }
	status, out := ask("GET", "/api/v1/tables", "clinic", nil)
	if err := json.Unmarshal(out, &list); err != nil || len(list.Tables) != 1 || list.Tables[0].Name != "clinic" {
		t.Fatalf("%d %s", status, out)
	}
	var made struct{ ID, State, Error string }
	status, out = ask("POST", "/api/v1/experiments", "clinic", map[string]any{"table": list.Tables[0].ID, "variable": "diagnosis", "covariables": []string{"age", "mmse", "hippocampus_ml", "sex"},
		"budget": map[string]any{"evaluations": 3}})
	if err := json.Unmarshal(out, &made); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, out)
	}
	for range 600 {
		if _, out = ask("GET", "/api/v1/experiments/"+made.ID, "clinic", nil); json.Unmarshal(out, &made) == nil && (made.State == "done" || made.State == "failed") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if made.State != "done" {
		t.Errorf("%s", out)
	}
	status, out = ask("POST", "/mining/job", "clinic", json.RawMessage(`{"user":{"code":"clinic"},"variables":[{"code":"mmse"}],"covariables":[{"code":"age"}],"covariablesMustExist":true,"grouping":[],"filters":"","algorithm":{"code":"linearRegression","parameters":[]}}`))
	if status != 200 || !bytes.Contains(out, []byte(`"coefficients"`)) {
		t.Errorf("%d %s", status, out)
	}
	if status, out := ask("GET", "/metrics", "clinic", nil); status != 200 || !bytes.Contains(out, []byte("automl_jobs_ended_total")) {
		t.Errorf("metrics: %d", status)
	}
	if strings.Contains(log.String(), "no worker is there") || !strings.Contains(worker.String(), "serving") {
		t.Errorf("the worker has done nothing: %s%s", log, worker)
	}
	for line := range strings.Lines(log.String()) {
		if !strings.HasPrefix(line, "automl: ") && !json.Valid([]byte(line)) {
			t.Errorf("log line %q", line)
		}
	}
}
