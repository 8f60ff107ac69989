package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lren-chuv/automl/mip"
)

// App is an application as Marathon takes it: so many workers, which it keeps running.
type App struct {
	ID        string            `json:"id"`
	Args      []string          `json:"args"`
	Instances int               `json:"instances"`
	CPUs      float64           `json:"cpus"`
	Memory    int               `json:"mem"`
	Env       map[string]string `json:"env"`
	Container appContainer      `json:"container"`
	Kill      int               `json:"taskKillGracePeriodSeconds"`
	Backoff   int               `json:"backoffSeconds"`
}

type appContainer struct {
	Type   string    `json:"type"`
	Docker appDocker `json:"docker"`
}

type appDocker struct {
	Image      string                `json:"image"`
	Network    string                `json:"network"`
	Parameters []mip.DockerParameter `json:"parameters"`
}

// the image's own entry point is that of the platform's jobs
var entry = []mip.DockerParameter{{Key: "entrypoint", Value: "/automl"}}

// Mesos returns the search as a job of Chronos and the workers as an application of Marathon. As nobody knows where Mesos
// will put the search, it needs a NATS server that is there already.
func (p *Plan) Mesos() (mip.ChronosJob, App, error) {
	if p.NATS == "" {
		return mip.ChronosJob{}, App{}, fmt.Errorf("on Mesos the search may run anywhere: name a NATS server by --nats URL")
	}
	search := p.search()
	j := mip.ChronosJob{Name: p.Name + "_search", Command: search[0], Arguments: search[1:], Schedule: "R1//PT1M", CPUs: p.CPUs, Memory: float64(p.Memory),
		Environment: []mip.NameValue{}, Container: mip.ChronosContainer{Type: "DOCKER", Image: p.Image, Network: "HOST", Volumes: []mip.ChronosVolume{}, Parameters: entry}}
	if p.Folder != "" {
		j.Container.Volumes = append(j.Container.Volumes, mip.ChronosVolume{Container: "/data", Host: p.Folder, Mode: "RW"})
	}
	if p.Pin != "" {
		j.Constraints = [][3]string{{"hostname", "EQUALS", p.Pin}}
	}
	a := App{ID: "/automl/" + p.Name, Args: p.worker(p.NATS), Instances: p.Workers, CPUs: p.CPUs, Memory: p.Memory, Env: map[string]string{},
		Container: appContainer{"DOCKER", appDocker{p.Image, "HOST", entry}}, Kill: int(p.Grace.Seconds()), Backoff: 1}
	for _, e := range p.Environ {
		name, value, _ := strings.Cut(e, "=")
		j.Environment = append(j.Environment, mip.NameValue{Name: name, Value: value})
		a.Env[name] = value
	}
	return j, a, nil
}

// MesosFiles are both definitions as JSON.
func MesosFiles(j mip.ChronosJob, a App) ([]File, error) {
	search, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return nil, err
	}
	workers, err := json.MarshalIndent(a, "", "  ")
	return []File{{"chronos.json", string(search) + "\n", true}, {"marathon.json", string(workers) + "\n", true}}, err
}

// RunOnMesos starts the workers and then the search, waits for it and takes both away again.
func RunOnMesos(ctx context.Context, chronos *mip.Chronos, marathon string, j mip.ChronosJob, a App, report func(string)) error {
	if err := ask(ctx, http.MethodPost, marathon, "/v2/apps", a); err != nil {
		return err
	}
	report(fmt.Sprintf("started %d workers as %s", a.Instances, a.ID))
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if err := ask(clean, http.MethodDelete, marathon, "/v2/apps"+a.ID+"?force=true", nil); err != nil {
			report(err.Error())
			return
		}
		report("stopped the workers")
	}()
	if err := chronos.Submit(ctx, j); err != nil {
		return err
	}
	report("submitted " + j.Name)
	err := chronos.Wait(ctx, j.Name)
	if ctx.Err() != nil || err == nil {
		_ = chronos.Delete(context.WithoutCancel(ctx), j.Name)
	}
	return err
}

// ask sends a request to Marathon.
func ask(ctx context.Context, method, base, path string, v any) error {
	var body bytes.Buffer
	if v != nil {
		if err := json.NewEncoder(&body).Encode(v); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(base, "/")+path, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("marathon: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		return fmt.Errorf("marathon: %s answers %s: %s", path, resp.Status, strings.TrimSpace(string(text)))
	}
	return nil
}
