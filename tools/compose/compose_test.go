package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// load reads a file as docker compose does: schema, interpolation, references.
func load(t *testing.T, file string) (*types.Project, error) {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{file}, cli.WithName("automl"))
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(t.Context())
}

// What compose.yaml says is what is meant, as docker compose reads it: every file that is mounted is there, every name of a machine is a
// service's, every volume is declared and used, and who is waited for has a way to say that it is there.
func TestCompose(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	p, err := load(t, filepath.Join(root, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if names := p.ServiceNames(); !slices.Equal(names, []string{"db", "nats", "service", "worker"}) {
		t.Fatalf("services %v", names)
	}
	used := map[string]bool{}
	for name, s := range p.Services {
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeVolume {
				if used[v.Source] = true; p.Volumes[v.Source].Name == "" {
					t.Errorf("%s uses the volume %s, which is not declared", name, v.Source)
				}
				continue
			}
			if info, err := os.Stat(v.Source); err != nil || info.IsDir() {
				t.Errorf("%s mounts %s: %v", name, v.Source, err)
			}
		}
		for other, d := range s.DependsOn {
			if d.Condition == types.ServiceConditionHealthy && p.Services[other].HealthCheck == nil {
				t.Errorf("%s waits for the health of %s, which tells nothing of it", name, other)
			}
		}
		texts := append([]string{}, s.Command...)
		for _, v := range s.Environment {
			texts = append(texts, *v)
		}
		for _, text := range texts {
			_, rest, ok := strings.Cut(text, "://")
			if !ok {
				continue
			}
			host := strings.FieldsFunc(rest[strings.LastIndex(rest, "@")+1:], func(r rune) bool { return strings.ContainsRune(":/?", r) })[0]
			if _, ok := p.Services[host]; !ok {
				t.Errorf("%s looks for %s, which is no service: %s", name, host, text)
			}
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s can be reached from other machines at port %s", name, port.Published)
			}
		}
	}
	for v := range p.Volumes {
		if !used[v] {
			t.Errorf("nobody uses the volume %s", v)
		}
	}
	service, worker := p.Services["service"], p.Services["worker"]
	if service.Build == nil || service.Build.Context != root || worker.Image != service.Image || worker.PullPolicy != service.PullPolicy {
		t.Errorf("the worker's image %s is not the service's, %s", worker.Image, service.Image)
	}
}

// The loader refuses what is not in the schema, so that the other test can fail.
func TestSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "compose.yaml")
	for _, bad := range []string{"services:\n  a:\n    image: x\n    commands: [y]\n", "services:\n  a:\n    image: x\n    depends_on: [b]\n"} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(t, file); err == nil {
			t.Errorf("loaded:\n%s", bad)
		}
	}
}
