package mip

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// standIn is no Chronos. It answers as the documentation of Chronos 3.0.2's REST interface says and runs the jobs in this
// process, by run; nothing here proves how a real Chronos behaves.
type standIn struct {
	sync.Mutex
	run    func(j ChronosJob) error
	jobs   []*standInJob
	posted []string
}

type standInJob struct {
	job     ChronosJob
	state   State
	started bool
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	switch path := strings.TrimPrefix(r.URL.Path, "/v1/scheduler/"); {
	case r.Method == http.MethodPost && (path == "iso8601" || path == "dependency"):
		s.post(w, r, path)
	case r.Method == http.MethodGet && path == "jobs/search":
		s.search(w, r)
	case r.Method == http.MethodDelete && strings.HasPrefix(path, "job/"):
		s.jobs = slices.DeleteFunc(s.jobs, func(j *standInJob) bool { return j.state.Name == strings.TrimPrefix(path, "job/") })
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}

var standInName = regexp.MustCompile(`^[\w.-]+$`)

func (s *standIn) post(w http.ResponseWriter, r *http.Request, path string) {
	var j ChronosJob
	if err := json.NewDecoder(r.Body).Decode(&j); err != nil || !standInName.MatchString(j.Name) || (path == "iso8601") != regexp.MustCompile(`^R[0-9]*/.*/P`).MatchString(j.Schedule) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"status":"BAD_REQUEST","message":"the job cannot be understood"}`)
		return
	}
	s.posted = append(s.posted, path+" "+j.Name)
	s.jobs = slices.DeleteFunc(s.jobs, func(old *standInJob) bool { return old.state.Name == j.Name })
	s.jobs = append(s.jobs, &standInJob{job: j, state: State{Name: j.Name, Parents: j.Parents}})
	s.schedule()
	w.WriteHeader(http.StatusNoContent)
}

// schedule starts what may start; the caller holds the lock.
func (s *standIn) schedule() {
	for _, j := range s.jobs {
		ready := !j.started
		for _, parent := range j.state.Parents {
			k := slices.IndexFunc(s.jobs, func(p *standInJob) bool { return p.state.Name == parent })
			ready = ready && k >= 0 && s.jobs[k].state.SuccessCount > 0
		}
		if !ready {
			continue
		}
		j.started = true
		go func() {
			err := s.run(j.job)
			s.Lock()
			defer s.Unlock()
			if err != nil {
				j.state.ErrorCount++
				j.state.LastError = "2026-01-01T00:00:00.000Z"
			} else {
				j.state.SuccessCount++
				j.state.Disabled = j.job.Schedule != ""
			}
			s.schedule()
		}()
	}
}

// search finds all names that contain the one asked for, whatever the case, and some that do not matter.
func (s *standIn) search(w http.ResponseWriter, r *http.Request) {
	out := []State{}
	for _, j := range s.jobs {
		if strings.Contains(strings.ToLower(j.state.Name), strings.ToLower(r.FormValue("name"))) {
			out = append(out, j.state)
		}
	}
	var offset, limit int
	fmt.Sscan(r.FormValue("offset"), &offset)
	fmt.Sscan(r.FormValue("limit"), &limit)
	_ = json.NewEncoder(w).Encode(out[min(offset, len(out)):min(offset+limit, len(out))])
}

func cluster(env []string) *Cluster {
	return &Cluster{Image: "localhost/hbp/automl:0.1.0", CPUs: 0.5, Memory: 512, Environ: env}
}

func client(t *testing.T, s *standIn) *Chronos {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &Chronos{URL: server.URL + "/", Every: 20 * time.Millisecond}
}

// TestThroughChronos runs both steps, with the model in the database, as the stand-in starts them.
func TestThroughChronos(t *testing.T) {
	d := database(t)
	features(t, d, 120)
	dir := t.TempDir()
	c := cluster(modern(d, "HOME=/root", "MODEL_PARAM_evaluations=2"))
	step := func(j ChronosJob) error {
		var env []string
		for _, e := range j.Environment {
			env = append(env, e.Name+"="+e.Value)
		}
		own, _ := job(append(env, "AUTOML_VOLUME="+filepath.Join(dir, j.Command))) // each step has a machine of its own
		if j.Command == "train" {
			return own.Train(context.Background())
		}
		return own.Test(context.Background())
	}
	s := &standIn{run: step}
	for k := range 12 { // more names than one page of the search holds contain the one looked for
		s.jobs = append(s.jobs, &standInJob{state: State{Name: fmt.Sprintf("x%d_automl_train_job7", k), ErrorCount: 1}, started: true})
	}
	train, test := c.Chronos("job7")
	var said []string
	if err := client(t, s).Run(context.Background(), train, test, func(text string) { said = append(said, text) }); err != nil {
		t.Fatal(err)
	}
	if len(said) != 4 || !slices.Equal(s.posted, []string{"iso8601 automl_train_job7", "dependency automl_test_job7"}) {
		t.Errorf("%q %q", said, s.posted)
	}
	if _, err := os.Stat(filepath.Join(dir, "test", "job7", "predictions.csv")); err != nil {
		t.Error(err)
	}
}

func TestChronosFailures(t *testing.T) {
	s := &standIn{run: func(ChronosJob) error { return fmt.Errorf("exit status 1") }}
	train, test := cluster(nil).Chronos("j")
	if err := client(t, s).Run(context.Background(), train, test, func(string) {}); err == nil || !strings.Contains(err.Error(), "failed 1 times") {
		t.Errorf("%v", err)
	}
	if len(s.jobs) != 0 {
		t.Errorf("%d jobs are left", len(s.jobs))
	}
	if err := client(t, s).Wait(context.Background(), "ghost"); err == nil || !strings.Contains(err.Error(), "knows no such job") {
		t.Errorf("%v", err)
	}
	test.Schedule, test.Parents = "tomorrow", nil
	if err := client(t, s).Submit(context.Background(), test); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	slow := &standIn{run: func(ChronosJob) error { time.Sleep(time.Second); return nil }}
	if err := client(t, slow).Run(ctx, train, test, func(string) {}); err == nil {
		t.Error("no error")
	}
}

func TestDefinitions(t *testing.T) {
	d := Database{Host: "db", Port: "5432", Name: "features", User: "u", Password: "s3cret-word"}
	c := cluster(modern(d, "HOME=/root"))
	c.HostVolume, c.Pin = "/srv/it's", "agent1"
	train, test := c.Chronos("3fa8/1.x")
	if train.Name != "automl_train_3fa8_1_x" || train.Shell || train.Schedule == "" || test.Schedule != "" || !slices.Equal(test.Parents, []string{train.Name}) || train.Retries != 0 ||
		train.Constraints[0] != [3]string{"hostname", "EQUALS", "agent1"} || test.Constraints[0] != train.Constraints[0] || train.Container.Volumes[0].Host != c.HostVolume {
		t.Errorf("%+v", train)
	}
	for _, e := range train.Environment {
		if e.Name == "HOME" {
			t.Error("the environment of this machine is handed on")
		}
	}
	masked, _ := json.Marshal(train.Masked())
	k8s, _ := json.Marshal(c.Kubernetes("3fa8/1.x"))
	for name, text := range map[string]string{"chronos": string(masked), "kubernetes": string(k8s), "slurm": c.Slurm("3fa8/1.x")} {
		if strings.Contains(text, d.Password) {
			t.Errorf("%s shows a password", name)
		}
	}
	if whole, _ := json.Marshal(train); !strings.Contains(string(whole), d.Password) {
		t.Error("Chronos is not told the password")
	}
	if c.Pin = ""; c.Check() == nil {
		t.Error("a volume without a machine")
	}
	for _, image := range []string{"", c.Image} {
		c.Image = image
		script := c.Slurm("3fa8/1.x")
		cmd := exec.Command("bash", "-n")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, out, script)
		}
	}
}
