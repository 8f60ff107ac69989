package mip

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// image loads the container image that AUTOML_IMAGE names, an OCI archive as make image writes it; tests of containers
// are skipped without it.
func image(t *testing.T) string {
	t.Helper()
	archive := os.Getenv("AUTOML_IMAGE")
	if archive == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of AUTOML_IMAGE and podman: %s\n", t.Name())
		t.Skip("AUTOML_IMAGE names no image")
	}
	out, err := exec.Command("podman", "load", "-q", "-i", archive).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	name := regexp.MustCompile(`Loaded images?: *(\S+)`).FindStringSubmatch(string(out))
	if name == nil {
		t.Fatalf("%s", out)
	}
	return name[1]
}

// container runs the image as a cluster does: any user, a read-only root, little memory.
func container(t *testing.T, image string, env, flags []string, step string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte(strings.Join(env, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"run", "--rm", "--network", "host", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges",
		"--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5", "--env-file", file}, flags...)
	out, err := exec.Command("podman", append(args, image, step)...).CombinedOutput()
	return string(out), err
}

func status(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

func TestContainer(t *testing.T) {
	img := image(t)
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 150)
	env := modern(d)
	t.Run("compute", func(t *testing.T) {
		for range 2 {
			start := time.Now()
			out, err := container(t, img, env, nil, "compute")
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			t.Logf("%.1f s\n%s", time.Since(start).Seconds(), out)
			if strings.Contains(out, secret) {
				t.Error("a password in the log")
			}
		}
		all := rows(t, d, "3fa8-1")
		if len(all) != 1 {
			t.Fatalf("%d rows", len(all))
		}
		document(t, all[0])
	})
	t.Run("small", func(t *testing.T) { // 200 MB and half a processor are enough for a search of ten seconds
		out, err := container(t, img, append(env, "JOB_ID=small", "MODEL_PARAM_evaluations=", "MODEL_PARAM_time=10"), []string{"--memory", "200m", "--memory-swap", "200m"}, "compute")
		if err != nil || len(rows(t, d, "small")) != 1 {
			t.Fatalf("%v: %s", err, out)
		}
		m := regexp.MustCompile(`first result" ms=(\d+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatal(out)
		}
		t.Logf("first result after %s ms", m[1])
		if ms, _ := strconv.Atoi(m[1]); ms > 3000 { // half a second on a quiet machine
			t.Errorf("the first result came after %d ms", ms)
		}
	})
	t.Run("failure", func(t *testing.T) {
		out, err := container(t, img, append(env, "JOB_ID=wrong", "PARAM_query=SELECT 1"), nil, "compute")
		if status(err) != 1 || len(rows(t, d, "wrong")) != 1 {
			t.Errorf("%v: %s", err, out)
		}
		if out, err := container(t, img, env, nil, "dance"); status(err) != 2 {
			t.Errorf("%v: %s", err, out)
		}
	})
	t.Run("killed", func(t *testing.T) {
		slow := append(env, "JOB_ID=killed", "MODEL_PARAM_evaluations=", "MODEL_PARAM_time=120")
		name := fmt.Sprintf("automl-test-%d", os.Getpid())
		go func() {
			time.Sleep(4 * time.Second)
			_ = exec.Command("podman", "kill", "--signal", "KILL", name).Run()
		}()
		if out, err := container(t, img, slow, []string{"--name", name}, "compute"); status(err) != 137 {
			t.Errorf("%v: %s", err, out)
		}
		if all := rows(t, d, "killed"); len(all) != 0 {
			t.Errorf("%d rows after a kill", len(all))
		}
		if out, err := container(t, img, append(env, "JOB_ID=killed"), nil, "compute"); err != nil || len(rows(t, d, "killed")) != 1 {
			t.Errorf("%v: %s", err, out)
		}
	})
	t.Run("steps", func(t *testing.T) { steps(t, img, env) })
}

// steps runs train and test with a volume between them, and with volumes that fail.
func steps(t *testing.T, img string, env []string) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	mount := []string{"-v", dir + ":/docker-volume"}
	for _, step := range []string{"train", "test"} {
		if out, err := container(t, img, env, mount, step); err != nil {
			t.Fatalf("%s: %v: %s", step, err, out)
		}
	}
	for _, name := range []string{modelFile, "pipeline.txt", "predictions.csv", "predictions.json", "scores.json"} {
		if _, err := os.Stat(filepath.Join(dir, "3fa8-1", name)); err != nil {
			t.Error(err)
		}
	}
	for name, flags := range map[string][]string{"read-only": {"-v", dir + ":/docker-volume:ro"}, "full": {"--tmpfs", "/docker-volume:size=8k,mode=777"}} {
		out, err := container(t, img, append(env, "JOB_ID="+name), flags, "train")
		if status(err) != 1 || !strings.Contains(out, "written") {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	if out, err := container(t, img, append(env, "JOB_ID=none"), mount, "test"); status(err) != 1 && status(err) != 3 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestChronosContainer lets the stand-in of Chronos run the steps as real containers, with a volume between them.
func TestChronosContainer(t *testing.T) {
	img := image(t)
	d := database(t)
	features(t, d, 120)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	s := &standIn{run: func(j ChronosJob) error {
		var env, flags []string
		for _, e := range j.Environment {
			env = append(env, e.Name+"="+e.Value)
		}
		for _, v := range j.Container.Volumes {
			flags = append(flags, "-v", v.Host+":"+v.Container+":"+strings.ToLower(v.Mode))
		}
		out, err := container(t, j.Container.Image, env, flags, j.Command)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}}
	c := &Cluster{Image: img, CPUs: 0.5, Memory: 256, HostVolume: dir, Pin: "agent1", Environ: modern(d)}
	train, test := c.Chronos("in-containers")
	if err := client(t, s).Run(context.Background(), train, test, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "in-containers", "predictions.csv")); err != nil {
		t.Error(err)
	}
	c.Environ = modern(d, "IN_PASSWORD=wrong")
	train, test = c.Chronos("failing")
	if err := client(t, s).Run(context.Background(), train, test, func(string) {}); err == nil || !strings.Contains(err.Error(), "failed") {
		t.Errorf("%v", err)
	}
}
