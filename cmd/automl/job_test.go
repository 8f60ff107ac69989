package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// job runs automl job with the given variables.
func job(t *testing.T, dir string, env []string, args ...string) ran {
	t.Helper()
	c := process(t, dir, append([]string{"job"}, args...)...)
	c.Env = append(c.Env, env...)
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	_ = c.Run()
	return ran{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

func table(t *testing.T, dir string) string {
	t.Helper()
	text := "y,a,b\n"
	for i := range 80 {
		text += []string{"yes", "no"}[i%2] + "," + []string{"1.5", "2.5", ""}[i%3] + "," + []string{"u", "v"}[i/2%2] + "\n"
	}
	return write(t, dir, "in.csv", text)
}

func TestJobCompute(t *testing.T) {
	dir := t.TempDir()
	env := []string{"JOB_ID=7", "INPUT_FILE=" + table(t, dir), "OUTPUT_FILE=" + filepath.Join(dir, "out.json"), "PARAM_variables=y", "PARAM_covariables=a,b", "MODEL_PARAM_evaluations=3"}
	if r := job(t, dir, env, "compute"); r.status != 0 || r.stdout != "" || !strings.Contains(r.stderr, "job=7") {
		t.Errorf("%+v", r)
	}
	data, err := os.ReadFile(filepath.Join(dir, "out.json"))
	if err != nil || !json.Valid(data) {
		t.Errorf("%v %.200s", err, data)
	}
	for _, args := range [][]string{{"compute", "--mode", "aggregate", "--job-ids", "1", "2"}, {"compute", "--mode=intermediate"}} {
		if r := job(t, dir, env, args...); r.status != exitFailed || !strings.Contains(r.stderr, "not supported") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out.json.error")); err != nil {
		t.Error(err)
	}
}

func TestJobSteps(t *testing.T) {
	dir := t.TempDir()
	env := []string{"INPUT_FILE=" + table(t, dir), "PARAM_variables=y", "PARAM_covariables=a,b", "MODEL_PARAM_evaluations=3"}
	for _, step := range []string{"train", "test"} {
		if r := job(t, dir, env, step, "--volume", dir); r.status != 0 || r.stdout != "" {
			t.Errorf("%s: %+v", step, r)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "predictions.csv")); err != nil {
		t.Error(err)
	}
	if r := job(t, dir, append(env, "PARAM_variables=ghost"), "train", "--volume", dir); r.status != exitData || !strings.Contains(r.stderr, "ghost") {
		t.Errorf("%+v", r)
	}
	for _, args := range [][]string{{}, {"dance"}, {"train", "now"}, {"train", "--fast"}} {
		if r := job(t, dir, env, args...); r.status != exitUsage {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestJobDefinitions(t *testing.T) {
	env := []string{"JOB_ID=7", "DOCKER_IMAGE=hbpmip/automl:1", "IN_HOST=db", "IN_PASSWORD=s3cret"}
	for scheduler, want := range map[string]string{"chronos": `"schedule": "R1//PT1M"`, "kubernetes": `"kind": "Job"`, "slurm": "#SBATCH --mem=512M"} {
		if r := job(t, t.TempDir(), env, scheduler); r.status != 0 || !strings.Contains(r.stdout, want) || strings.Contains(r.stdout, "s3cret") {
			t.Errorf("%s: %+v", scheduler, r)
		}
		if r := job(t, t.TempDir(), env, scheduler, "--host-volume", "/srv"); r.status != exitUsage || !strings.Contains(r.stderr, "--pin") {
			t.Errorf("%s: %+v", scheduler, r)
		}
	}
	if r := job(t, t.TempDir(), env, "chronos", "--with-secrets"); !strings.Contains(r.stdout, "s3cret") {
		t.Errorf("%+v", r)
	}
	if r := job(t, t.TempDir(), env, "chronos", "--submit", "http://127.0.0.1:1"); r.status != exitFailed || strings.Contains(r.stderr, "s3cret") {
		t.Errorf("%+v", r)
	}
}

func TestExportPFA(t *testing.T) {
	dir := t.TempDir()
	data := table(t, dir)
	if r := run(t, dir, "train", data, "--target", "y", "--evaluations", "3", "--no-instances", "--quiet"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	if r := run(t, dir, "export", "model.automl", "--to", "pfa", "-o", "model.pfa"); r.status != 0 || r.stdout != "" {
		t.Errorf("%+v", r)
	}
	doc, err := os.ReadFile(filepath.Join(dir, "model.pfa"))
	if err != nil || !json.Valid(doc) {
		t.Errorf("%v", err)
	}
	for _, args := range [][]string{{"export"}, {"export", "model.automl"}, {"export", "model.automl", "--to", "wood"}} {
		if r := run(t, dir, args...); r.status != exitUsage {
			t.Errorf("%v: %+v", args, r)
		}
	}
}
