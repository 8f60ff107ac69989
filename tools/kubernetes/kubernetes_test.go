package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/lren-chuv/automl/launch"
	"github.com/lren-chuv/automl/mip"
)

// strict decodes an object as an API server does that is asked for strict validation: a field it does not know, or one of
// another type, is an error.
func strict(t *testing.T, data []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Errorf("%v in\n%s", err, data)
	}
}

// named checks names as the API server does.
func named(t *testing.T, name string) {
	t.Helper()
	if why := validation.IsDNS1035Label(name); len(why) > 0 {
		t.Errorf("name %q: %v", name, why)
	}
}

func pod(t *testing.T, j *batch.Job) *core.PodSpec {
	t.Helper()
	named(t, j.Name)
	p := &j.Spec.Template.Spec
	if p.RestartPolicy != core.RestartPolicyNever {
		t.Errorf("%s: restart policy %q", j.Name, p.RestartPolicy)
	}
	for _, c := range append(p.InitContainers, p.Containers...) {
		named(t, c.Name)
		for name, limit := range c.Resources.Limits {
			if request := c.Resources.Requests[name]; limit.IsZero() || request.Cmp(limit) > 0 {
				t.Errorf("%s: %s is limited to %v and %v is asked for", j.Name, name, limit.String(), request.String())
			}
		}
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.Value != "" {
				t.Errorf("%s: %s has a value and a source", j.Name, e.Name)
			}
		}
		for _, m := range c.VolumeMounts {
			found := false
			for _, v := range p.Volumes {
				found = found || v.Name == m.Name
			}
			if !found {
				t.Errorf("%s: there is no volume %s", j.Name, m.Name)
			}
		}
	}
	return p
}

type objects struct {
	secret          *core.Secret
	service         *core.Service
	search, workers *batch.Job
}

func planned(t *testing.T, change func(*launch.Plan)) objects {
	t.Helper()
	p := launch.Plan{Name: "trial", Workers: 5, CPUs: 2.5, Memory: 2048, Limit: time.Hour, Grace: 30 * time.Second, Image: "hbpmip/automl",
		Claim: "data", Train: []string{"x.csv", "--target", "y", "--time", "30m"}}
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
	if len(files) != 1 || !files[0].Secret {
		t.Errorf("the file with the token may be read by all")
	}
	var list struct {
		APIVersion, Kind string
		Items            []json.RawMessage
	}
	strict(t, []byte(files[0].Text), &list)
	var o objects
	for _, item := range list.Items {
		var kind struct {
			APIVersion, Kind string
			Metadata         struct{ Name string }
		}
		if err := json.Unmarshal(item, &kind); err != nil {
			t.Fatal(err)
		}
		switch kind.APIVersion + " " + kind.Kind {
		case "v1 Secret":
			o.secret = new(core.Secret)
			strict(t, item, o.secret)
		case "v1 Service":
			o.service = new(core.Service)
			strict(t, item, o.service)
		case "batch/v1 Job":
			j := new(batch.Job)
			strict(t, item, j)
			if strings.HasSuffix(kind.Metadata.Name, "-workers") {
				o.workers = j
			} else {
				o.search = j
			}
		default:
			t.Errorf("unexpected %s %s", kind.APIVersion, kind.Kind)
		}
	}
	return o
}

func TestClusterOfASearchAndItsWorkers(t *testing.T) {
	o := planned(t, func(*launch.Plan) {})
	named(t, o.secret.Name)
	named(t, o.service.Name)
	search, workers := pod(t, o.search), pod(t, o.workers)
	labels := o.search.Spec.Template.Labels
	for k, v := range o.service.Spec.Selector {
		if labels[k] != v {
			t.Errorf("the service looks for %s=%s among %v", k, v, labels)
		}
	}
	if maps.Equal(labels, o.workers.Spec.Template.Labels) {
		t.Error("the service would find workers, too")
	}
	if port := o.service.Spec.Ports[0]; port.TargetPort.IntVal != search.Containers[0].Ports[0].ContainerPort {
		t.Errorf("the service leads to port %v", port.TargetPort)
	}
	url := fmt.Sprintf("nats://%s:%d", o.service.Name, o.service.Spec.Ports[0].Port)
	if args := strings.Join(workers.Containers[0].Args, " "); !strings.Contains(args, url) || !strings.Contains(args, "--once") || !strings.Contains(args, "--workers 2 ") {
		t.Errorf("workers are told %s", args)
	}
	if args := strings.Join(search.Containers[0].Args, " "); !strings.Contains(args, "--nats embedded:4222") || !strings.Contains(args, "--slots 12") {
		t.Errorf("the search is told %s", args)
	}
	w := o.workers.Spec
	if *w.CompletionMode != batch.IndexedCompletion || *w.Completions != 5 || *w.Parallelism != 5 || *w.BackoffLimitPerIndex != 10 || *w.ActiveDeadlineSeconds != 3600 {
		t.Errorf("the workers are %+v", w)
	}
	if *workers.TerminationGracePeriodSeconds != 30 {
		t.Errorf("%d s of grace", *workers.TerminationGracePeriodSeconds)
	}
	for _, p := range []*core.PodSpec{search, workers} {
		if from := p.Containers[0].EnvFrom[0].SecretRef; from == nil || from.Name != o.secret.Name {
			t.Errorf("the token comes from %v", from)
		}
	}
	if len(o.secret.StringData["AUTOML_NATS_TOKEN"]) < 20 {
		t.Error("the token is short")
	}
}

func TestClusterWithAServerThatIsThere(t *testing.T) {
	o := planned(t, func(p *launch.Plan) {
		p.NATS, p.Claim, p.Environ = "nats://nats.infra:4222", "", []string{"AUTOML_NATS_USER=a", "AUTOML_NATS_PASSWORD=b"}
	})
	if o.service != nil {
		t.Error("there is a service nobody needs")
	}
	pod(t, o.search)
	if args := strings.Join(pod(t, o.workers).Containers[0].Args, " "); !strings.Contains(args, "nats://nats.infra:4222") {
		t.Errorf("workers are told %s", args)
	}
	if len(o.secret.StringData) != 2 {
		t.Errorf("the secret is %v", o.secret.StringData)
	}
}

func TestJobOfThePlatform(t *testing.T) {
	for _, volume := range []string{"", "/srv/jobs"} {
		c := &mip.Cluster{Image: "hbpmip/automl", CPUs: 0.5, Memory: 512, HostVolume: volume, Pin: "node1", Retries: 2,
			Environ: []string{"PARAM_query=select 1", "IN_PASSWORD=secret", "IN_HOST=db"}}
		data, err := json.Marshal(c.Kubernetes("Job 7"))
		if err != nil {
			t.Fatal(err)
		}
		var j batch.Job
		strict(t, data, &j)
		pod(t, &j)
	}
}
