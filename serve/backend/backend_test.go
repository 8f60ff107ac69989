package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/method"
	"github.com/lren-chuv/automl/serve/work"
)

// The test binary stands in for the programs of engines and clusters: under their names it does what they document, and runs the
// container's train in itself. Nothing here proves how the real ones behave.
func TestMain(m *testing.M) {
	stand, ok := map[string]func(args []string) int{"podman": podman, "kubectl": kubectl, "sbatch": sbatch, "squeue": squeue, "scancel": squeue}[filepath.Base(os.Args[0])]
	if ok {
		os.Exit(stand(os.Args[1:]))
	}
	if flag.Parse(); testing.Short() { // the race detector makes minutes of what searches do inside operators
		os.Setenv("STAND_IN_SPACE", "fast")
	}
	os.Exit(m.Run())
}

// train is the container's train; failing says that it must not succeed.
func train(env []string) error {
	count, _ := os.ReadFile(state("trained"))
	_ = os.WriteFile(state("trained"), append(count, 'x'), 0o600)
	if space := os.Getenv("STAND_IN_SPACE"); space != "" {
		env = append(slices.Clip(env), "MODEL_PARAM_config="+space)
	}
	j := &mip.Job{Settings: mip.ParseEnvironment(env).Settings(), Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Started: time.Now()}
	if os.Getenv("STAND_IN_FAILS") != "" {
		return errors.New("no luck")
	}
	return j.Train(context.Background())
}

// state names a file of the stand-ins' memory.
func state(name string) string { return filepath.Join(os.Getenv("STAND_IN_STATE"), name) }

func podman(args []string) int {
	name := args[len(args)-1]
	switch args[0] {
	case "run":
		name = args[slices.Index(args, "--name")+1]
		var env []string
		for i, a := range args {
			if a == "--env" {
				env = append(env, args[i+1])
			}
		}
		code := "0"
		if args[len(args)-1] != "train" || args[len(args)-2] != "some/image" {
			return 125
		}
		if err := train(env); err != nil {
			code = "1"
		}
		_ = os.WriteFile(state(name), []byte(code), 0o600)
	case "inspect", "wait":
		code, err := os.ReadFile(state(name))
		if err != nil {
			fmt.Fprintln(os.Stderr, "no such container")
			return 125
		}
		fmt.Println(string(code))
	case "logs":
		fmt.Println("what it said")
	case "rm":
		os.Remove(state(name))
	}
	return 0
}

func kubectl(args []string) int {
	switch args[0] {
	case "create":
		var j struct {
			Metadata struct{ Name string }
			Spec     struct {
				Template struct {
					Spec struct {
						InitContainers []struct {
							Env []struct{ Name, Value string }
						}
					}
				}
			}
		}
		if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
			return 1
		}
		var env []string
		for _, e := range j.Spec.Template.Spec.InitContainers[0].Env {
			env = append(env, e.Name+"="+e.Value)
		}
		status := "Complete"
		if err := train(env); err != nil {
			status = "Failed"
		}
		_ = os.WriteFile(state("kube"+j.Metadata.Name), []byte(status), 0o600)
	case "get":
		status, err := os.ReadFile(state("kube" + args[2]))
		if err != nil {
			return 0
		}
		if slices.Contains(args, "json") {
			fmt.Printf(`{"status":{"conditions":[{"type":"Other","status":"True"},{"type":%q,"status":"True","message":"why"}]}}`, status)
		} else {
			fmt.Println("job.batch/" + args[2])
		}
	case "delete":
		os.Remove(state("kube" + args[2]))
	}
	return 0
}

func sbatch(args []string) int {
	script, err := io.ReadAll(os.Stdin)
	if err != nil || !bytes.HasPrefix(script, []byte("#!/bin/bash\n#SBATCH")) || !bytes.Contains(script, []byte("automl job")) {
		return 1
	}
	variables, err := os.ReadFile(args[len(args)-1])
	if err != nil {
		return 1
	}
	_ = train(strings.Split(strings.TrimSpace(string(variables)), "\n"))
	fmt.Println("7")
	return 0
}

func squeue([]string) int { return 0 }

// chronos answers as the documentation of Chronos 3 says.
func chronos(t *testing.T) *httptest.Server {
	jobs := map[string]mip.State{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.TrimPrefix(r.URL.Path, "/v1/scheduler/"); {
		case path == "iso8601":
			var j struct {
				Name        string
				Environment []struct{ Name, Value string } `json:"environmentVariables"`
			}
			if err := json.NewDecoder(r.Body).Decode(&j); err != nil {
				t.Error(err)
			}
			var env []string
			for _, e := range j.Environment {
				env = append(env, e.Name+"="+e.Value)
			}
			one := mip.State{Name: j.Name, SuccessCount: 1, Disabled: true}
			if err := train(env); err != nil {
				one = mip.State{Name: j.Name, ErrorCount: 1, LastError: "now"}
			}
			jobs[j.Name] = one
			w.WriteHeader(http.StatusNoContent)
		case path == "jobs/search":
			found := []mip.State{}
			for name, j := range jobs {
				if strings.Contains(name, r.URL.Query().Get("name")) {
					found = append(found, j)
				}
			}
			_ = json.NewEncoder(w).Encode(found)
		case r.Method == http.MethodDelete:
			delete(jobs, strings.TrimPrefix(path, "job/"))
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func step(id string) *work.Step {
	n := 60
	y, x, c := make([]int32, n), make([]float64, n), make([]int32, n)
	for i := range n {
		y[i], x[i], c[i] = int32(i%2), float64(i%2)+math.Sin(float64(i)), int32(i%3)
		if i%11 == 0 {
			x[i] = math.NaN()
		}
	}
	s := dataset.Sample{Y: dataset.NewCategorical("diagnosis, \"final\"", y, []string{"AD", "CN"}), X: dataset.MustFrame(n, dataset.NewNumeric("volume", x), dataset.NewCategorical("code", c, []string{"0", "1", "2"}))}
	return &work.Step{ID: id, Algorithm: method.ByCode("automl"), Input: method.Input{Sample: s, MinCount: 1, Parameters: method.Values{"folds": "3", "ensemble": "2"},
		Options: automl.Options{Evaluations: 2, Metric: "log_loss"}}}
}

func TestBackends(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	for _, name := range []string{"podman", "kubectl", "sbatch", "squeue", "scancel"} {
		if err := os.Symlink(self, filepath.Join(programs, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	for name, launcher := range map[string]func(folder string) Launcher{
		"container": func(folder string) Launcher {
			return &Container{Engine: "podman", Image: "some/image", Folder: folder, CPUs: 1, Memory: 512}
		},
		"chronos": func(folder string) Launcher {
			return &Chronos{Client: &mip.Chronos{URL: chronos(t).URL, Every: time.Millisecond}, Cluster: mip.Cluster{Image: "some/image", CPUs: 1, Memory: 512, HostVolume: folder, Shared: true}}
		},
		"kubernetes": func(folder string) Launcher {
			return &Kubernetes{Cluster: mip.Cluster{Image: "some/image", CPUs: 1, Memory: 512, HostVolume: folder, Shared: true}, Every: time.Millisecond}
		},
		"slurm": func(folder string) Launcher {
			return &Slurm{Folder: folder, Cluster: mip.Cluster{CPUs: 1, Memory: 512}, Every: time.Millisecond}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("STAND_IN_STATE", t.TempDir())
			folder := t.TempDir()
			b := &Shared{Launcher: launcher(folder), Folder: folder, Inside: folder}
			ctx := context.Background()
			s := step("0123-0-0")
			out, err := b.Run(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			m := out.Model
			if m == nil || !out.Derived || m.Target != s.Input.Sample.Y.Name || !slices.Equal(m.Levels, []string{"AD", "CN"}) || m.Search.Rows != 60 || m.Search.Columns != 2 {
				t.Fatalf("%+v", m)
			}
			table, err := dataset.NewTable(s.Input.Sample.X.Columns()...)
			if err != nil {
				t.Fatal(err)
			}
			x, err := m.Schema.Features(table)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := m.Predict(ctx, x); err != nil || p.Rows() != 60 {
				t.Errorf("%v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) != 0 {
				t.Errorf("left in the folder: %v", left)
			}
			// A run that was started by a process that is no longer there is found, and not started again.
			env, err := b.hand(filepath.Join(folder, s.ID), s)
			if err != nil {
				t.Fatal(err)
			}
			dead, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := b.Run(dead, s); err == nil {
				t.Error("a context that has ended")
			}
			_ = os.Remove(state("trained"))
			if err := b.Await(ctx, s.ID, env); err != nil {
				t.Fatal(err)
			}
			if n, _ := os.ReadFile(state("trained")); len(n) != 1 {
				t.Errorf("trained %d times", len(n))
			}
			if err := b.Stop(ctx, s.ID); err != nil {
				t.Error(err)
			}
			t.Setenv("STAND_IN_FAILS", "1")
			var bad method.Unsuitable
			if _, err := b.Run(ctx, step("0123-0-1")); !errors.As(err, &bad) {
				t.Errorf("a failure: %v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) != 0 {
				t.Errorf("left in the folder: %v", left)
			}
			if err := b.Stop(ctx, "0123-0-9"); err != nil {
				t.Errorf("stopping what is not there: %v", err)
			}
		})
	}
}

// engineStandIn makes a folder where the container engine is this test's own program.
func engineStandIn(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := os.Symlink(self, filepath.Join(programs, "podman")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STAND_IN_STATE", t.TempDir())
	return programs
}

// A search of an hour in a container ends when the service is asked for what it has found.
func TestEnough(t *testing.T) {
	programs := engineStandIn(t)
	folder := t.TempDir()
	b := &Shared{Launcher: &Container{Engine: filepath.Join(programs, "podman"), Image: "some/image", Folder: folder, CPUs: 1, Memory: 512}, Folder: folder, Inside: folder}
	s := step("0123-0-0")
	asked := make(chan struct{})
	s.Input.Options.Evaluations, s.Input.Options.Time, s.Input.Options.Enough = 0, time.Hour, asked
	time.AfterFunc(time.Second/2, func() { close(asked) })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := b.Run(ctx, s)
	if err != nil || out.Model.Search.Evaluated < 1 {
		t.Fatalf("%v %v", out, err)
	}
}

// A run in progress is attached to rather than started again.
func TestAttach(t *testing.T) {
	programs := engineStandIn(t)
	folder := t.TempDir()
	c := &Container{Engine: filepath.Join(programs, "podman"), Image: "some/image", Folder: folder, CPUs: 1, Memory: 512}
	b := &Shared{Launcher: c, Folder: folder, Inside: folder}
	s := step("0123-0-0")
	env, err := b.hand(filepath.Join(folder, s.ID), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := train(env); err != nil { // by a container that an earlier process started
		t.Fatal(err)
	}
	if err := os.WriteFile(state("automl-"+s.ID), []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Run(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if n, _ := os.ReadFile(state("trained")); len(n) != 1 {
		t.Errorf("trained %d times", len(n))
	}
}
