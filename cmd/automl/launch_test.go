//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// slurm starts a Slurm cluster of three nodes, all of them on this machine, and returns the environment of its commands.
func slurm(t *testing.T) []string {
	t.Helper()
	for _, program := range []string{"slurmctld", "slurmd", "sbatch", "munged"} {
		if _, err := exec.LookPath(program); err != nil {
			fmt.Fprintf(os.Stderr, "SKIPPED: %s is not installed: nothing is run by Slurm\n", program)
			t.Skipf("%s is not installed", program)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("only root can start nodes of Slurm")
	}
	dir := t.TempDir()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"state", "munge"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	key := filepath.Join(dir, "munge", "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("no secret at all", 8)), 0o400); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "munge", "socket")
	conf := write(t, dir, "slurm.conf", fmt.Sprintf(`ClusterName=test
SlurmctldHost=%[1]s
SlurmctldPort=%[3]s
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=%[4]s
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
StateSaveLocation=%[2]s/state
SlurmdSpoolDir=%[2]s/spool-%%n
SlurmctldPidFile=%[2]s/slurmctld.pid
SlurmdPidFile=%[2]s/slurmd-%%n.pid
SlurmctldLogFile=%[2]s/slurmctld.log
SlurmdLogFile=%[2]s/slurmd-%%n.log
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
ReturnToService=2
MpiDefault=none
SchedulerParameters=sched_interval=1
NodeName=n1 NodeHostname=%[1]s Port=%[5]s CPUs=2 RealMemory=2000
NodeName=n2 NodeHostname=%[1]s Port=%[6]s CPUs=2 RealMemory=2000
NodeName=n3 NodeHostname=%[1]s Port=%[7]s CPUs=2 RealMemory=2000
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`, host, dir, freePort(t), socket, freePort(t), freePort(t), freePort(t)))
	env := append(os.Environ(), "SLURM_CONF="+conf)
	daemon := func(name string, args ...string) {
		c := exec.Command(name, args...)
		c.Env = env
		begin(t, c)
	}
	daemon("munged", "--foreground", "--force", "--socket="+socket, "--key-file="+key, "--pid-file="+filepath.Join(dir, "munge", "pid"),
		"--log-file="+filepath.Join(dir, "munge", "log"), "--seed-file="+filepath.Join(dir, "munge", "seed"))
	for range 100 {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	daemon("slurmctld", "-D", "-f", conf)
	for _, node := range []string{"n1", "n2", "n3"} {
		daemon("slurmd", "-D", "-f", conf, "-N", node)
	}
	for range 300 {
		out, _ := asked(env, "sinfo", "-h", "-N", "-o", "%t")
		if strings.Count(out, "idle") == 3 {
			return env
		}
		time.Sleep(100 * time.Millisecond)
	}
	out, err := asked(env, "sinfo")
	log, _ := os.ReadFile(filepath.Join(dir, "slurmctld.log"))
	t.Fatalf("Slurm does not start: %s %v\n%s", out, err, log)
	return nil
}

func asked(env []string, program string, args ...string) (string, error) {
	c := exec.Command(program, args...)
	c.Env = env
	out, err := c.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// TestOnSlurm has Slurm run a search and three workers, one of which is killed, and wants the model of a local run.
func TestOnSlurm(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster")
	}
	env := slurm(t)
	dir := t.TempDir()
	train := []string{testdata(t, "clinic.csv"), "--target", "diagnosis", "--quiet", "--evaluations", "400", "--config", "light", "--folds", "3", "--ensemble", "2"} // long enough for workers to come
	mustRun(t, dir, append(append([]string{"train"}, train...), "-o", "here")...)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plan := filepath.Join(dir, "plan")
	args := append([]string{"cluster", "slurm", "--submit", "--name", "trial", "--workers", "3", "--cpus", "1", "--memory", "512MB", "--limit", "10m", "--program", self, "-o", plan, "--"}, train...)
	c := process(t, dir, append(args, "-o", "there")...)
	c.Env = append(env, "AUTOML_TEST_MAIN=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	killed := false
	for begun := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		left, _ := asked(env, "squeue", "-h", "-o", "%j %i %t")
		if left == "" {
			break
		}
		for _, job := range strings.Split(left, "\n") {
			if f := strings.Fields(job); len(f) == 3 && f[0] == "trial-workers" && f[2] == "R" && !killed && time.Since(begun) > 2*time.Second {
				killed = true
				_, _ = asked(env, "scancel", "--signal=KILL", "--full", f[1])
			}
		}
		if time.Since(begun) > 2*time.Minute {
			t.Errorf("still there after two minutes:\n%s", left)
			break
		}
	}
	logs, _ := filepath.Glob(filepath.Join(plan, "*.log"))
	var said strings.Builder
	for _, name := range logs {
		text, _ := os.ReadFile(name)
		fmt.Fprintf(&said, "%s:\n%s\n", filepath.Base(name), text)
	}
	if _, err := os.Stat(filepath.Join(dir, "there")); err != nil {
		t.Fatalf("no model; the logs:\n%s", said.String())
	}
	sameFile(t, filepath.Join(dir, "here"), filepath.Join(dir, "there"))
	if ready := strings.Count(said.String(), "msg=ready"); ready < 3 {
		t.Errorf("%d of 3 workers were there:\n%s", ready, said.String())
	}
	token, err := os.ReadFile(filepath.Join(plan, "secrets.env"))
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(filepath.Join(plan, "secrets.env")); info.Mode().Perm() != 0o600 {
		t.Errorf("the secrets have mode %v", info.Mode())
	}
	_, secret, _ := strings.Cut(strings.TrimSpace(string(token)), "=")
	scripts, _ := filepath.Glob(filepath.Join(plan, "*"))
	for _, name := range scripts {
		text, _ := os.ReadFile(name)
		if filepath.Base(name) != "secrets.env" && strings.Contains(string(text), strings.Trim(secret, "'")) {
			t.Errorf("%s tells the token", name)
		}
	}
}

// mesos stands in for Chronos and Marathon: it answers as their documentation says and runs nothing.
type mesos struct {
	sync.Mutex
	said []string
	job  map[string]any
	app  map[string]any
}

func (m *mesos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.Lock()
	defer m.Unlock()
	m.said = append(m.said, r.Method+" "+r.URL.Path)
	switch r.Method + " " + r.URL.Path {
	case "POST /v2/apps":
		_ = json.NewDecoder(r.Body).Decode(&m.app)
		w.WriteHeader(http.StatusCreated)
	case "POST /v1/scheduler/iso8601":
		_ = json.NewDecoder(r.Body).Decode(&m.job)
		w.WriteHeader(http.StatusNoContent)
	case "GET /v1/scheduler/jobs/search":
		_ = json.NewEncoder(w).Encode([]any{map[string]any{"name": m.job["name"], "successCount": 1, "disabled": true}})
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func TestOnMesos(t *testing.T) {
	m := &mesos{}
	server := httptest.NewServer(m)
	defer server.Close()
	dir := t.TempDir()
	c := process(t, dir, "cluster", "chronos", "--nats", "nats://nats:4222", "--submit", "--chronos", server.URL, "--marathon", server.URL, "--workers", "7", "--cpus", "2",
		"--memory", "1GB", "--host-volume", "/srv/data", "--pin", "agent1", "--", "/data/x.csv", "--target", "y", "--evaluations", "50", "-o", "/data/m.automl")
	c.Env = append(c.Env, "AUTOML_NATS_TOKEN=hidden-token")
	if out, err := c.CombinedOutput(); err != nil || strings.Contains(string(out), "hidden-token") {
		t.Fatalf("%v: %s", err, out)
	}
	want := "POST /v2/apps|POST /v1/scheduler/iso8601|GET /v1/scheduler/jobs/search|DELETE /v1/scheduler/job/automl_search|DELETE /v2/apps/automl/automl"
	if got := strings.Join(m.said, "|"); got != want {
		t.Errorf("asked %s\nwant  %s", got, want)
	}
	if m.app["instances"] != 7.0 || m.app["cpus"] != 2.0 || m.app["mem"] != 1024.0 || m.app["taskKillGracePeriodSeconds"] != 30.0 {
		t.Errorf("the application is %v", m.app)
	}
	if m.app["env"].(map[string]any)["AUTOML_NATS_TOKEN"] != "hidden-token" {
		t.Errorf("workers are not told the token: %v", m.app["env"])
	}
	line := fmt.Sprint(m.job["command"], m.job["arguments"])
	if want := "train[/data/x.csv --target y --evaluations 50 -o /data/m.automl --nats nats://nats:4222 --slots 14 --workers 2 --memory 921MB]"; line != want {
		t.Errorf("the search is %s\nwant %s", line, want)
	}
}

func TestClusterRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ args, says string }{
		{"cluster", "slurm, kubernetes and chronos"},
		{"cluster slurm", "automl train"},
		{"cluster slurm --workers 0 -- x.csv", "workers"},
		{"cluster slurm --name A! -- x.csv", "small letters"},
		{"cluster slurm --limit 1s -- x.csv", "limit"},
		{"cluster slurm --grace 1s -- x.csv", "grace"},
		{"cluster slurm --nats embedded:1 -- x.csv", "leave it out"},
		{"cluster slurm -- x.csv --slots 4", "--slots"},
		{"cluster slurm -- x.csv --nats=nats://a", "--nats"},
		{"cluster chronos -- x.csv", "--nats URL"},
		{"cluster chronos --nats nats://a --submit -- x.csv", "--marathon"},
	} {
		r := run(t, dir, strings.Fields(c.args)...)
		if r.status != 2 || !strings.Contains(r.stderr, c.says) {
			t.Errorf("automl %s: status %d, %s", c.args, r.status, r.stderr)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("files are left behind: %q", left)
	}
}
