package mip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Cluster says how a scheduler is to run the container's two steps.
type Cluster struct {
	Image      string
	CPUs       float64  // cores
	Memory     float64  // MiB
	HostVolume string   // folder on the agents that becomes the job's volume; "" if the model goes through the database
	Shared     bool     // the folder is the same on all machines
	Pin        string   // name of the agent on which both steps must run, as a volume of a machine is there only
	Retries    int      // of a failed step
	Owner      string   // whom Chronos tells of failures
	Network    string   // of the container: BRIDGE or HOST
	Environ    []string // what the container is told, passwords included
}

// ChronosJob is a job as Chronos 3.0.2 takes it. It ignores keys that it does not know, so that none is here that it
// would not honour (epsilon and async are ignored since 3.0).
type ChronosJob struct {
	Name        string           `json:"name"`
	Command     string           `json:"command"`
	Arguments   []string         `json:"arguments"`
	Shell       bool             `json:"shell"` // false: the image's entry point gets command and arguments
	Schedule    string           `json:"schedule,omitempty"`
	Parents     []string         `json:"parents,omitempty"`
	Owner       string           `json:"owner,omitempty"`
	CPUs        float64          `json:"cpus"`
	Memory      float64          `json:"mem"`
	Retries     int              `json:"retries"`
	Disabled    bool             `json:"disabled"`
	Priority    bool             `json:"highPriority"`
	Environment []nameValue      `json:"environmentVariables"`
	Container   chronosContainer `json:"container"`
	Constraints [][3]string      `json:"constraints,omitempty"`
}

type nameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type chronosContainer struct {
	Type      string          `json:"type"`
	Image     string          `json:"image"`
	Network   string          `json:"network"`
	ForcePull bool            `json:"forcePullImage"`
	Volumes   []chronosVolume `json:"volumes"`
}

type chronosVolume struct {
	Container string `json:"containerPath"`
	Host      string `json:"hostPath"`
	Mode      string `json:"mode"`
}

var notInJobNames = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// jobName is fit for Chronos, and for Kubernetes once in lower case.
func (c *Cluster) jobName(step, id string) string {
	base := c.Image[strings.LastIndexByte(c.Image, '/')+1:]
	base, _, _ = strings.Cut(base, ":")
	return notInJobNames.ReplaceAllString(strings.Join([]string{base, step, id}, "_"), "_")
}

// Chronos returns the definitions of the steps: train runs once, at once, and test when train has succeeded.
func (c *Cluster) Chronos(id string) (train, test ChronosJob) {
	make := func(step string) ChronosJob {
		j := ChronosJob{Name: c.jobName(step, id), Command: step, Arguments: []string{}, CPUs: c.CPUs, Memory: c.Memory, Retries: c.Retries, Owner: c.Owner,
			Container:   chronosContainer{Type: "DOCKER", Image: c.Image, Network: c.Network, Volumes: []chronosVolume{}},
			Environment: c.environment(id)}
		if j.Container.Network == "" {
			j.Container.Network = "BRIDGE"
		}
		if c.HostVolume != "" {
			j.Container.Volumes = append(j.Container.Volumes, chronosVolume{"/docker-volume", c.HostVolume, "RW"})
		}
		if c.Pin != "" {
			j.Constraints = [][3]string{{"hostname", "EQUALS", c.Pin}}
		}
		return j
	}
	train, test = make("train"), make("test")
	train.Schedule = "R1//PT1M"
	test.Parents = []string{train.Name}
	return train, test
}

// forwarded are the variables that describe a job; others belong to the machine that asks.
var forwarded = regexp.MustCompile(`^(JOB_ID|NODE|DOCKER_IMAGE|FUNCTION|RESULT_TABLE|INPUT_FILE|CSV_SEPARATOR|AUTOML_VOLUME|(IN|OUT|PARAM|MODEL_PARAM)_.*)$`)

var secretName = regexp.MustCompile(`PASSWORD$|JDBC_URL$`)

func (c *Cluster) environment(id string) []nameValue {
	out := []nameValue{{"JOB_ID", id}}
	for name, value := range ParseEnvironment(c.Environ) {
		if forwarded.MatchString(name) && name != "JOB_ID" {
			out = append(out, nameValue{name, value})
		}
	}
	if _, told := ParseEnvironment(c.Environ)["MODEL_PARAM_store"]; c.HostVolume == "" && !told {
		out = append(out, nameValue{"MODEL_PARAM_store", "database"})
	}
	slices.SortFunc(out, func(a, b nameValue) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Check reports what cannot work.
func (c *Cluster) Check() error {
	switch {
	case c.Image == "":
		return errors.New("no image is given")
	case !(c.CPUs > 0) || !(c.Memory >= 64):
		return fmt.Errorf("%g cores and %g MiB: want more than 0 and at least 64", c.CPUs, c.Memory)
	case c.HostVolume != "" && c.Pin == "" && !c.Shared:
		return errors.New("a volume is there on one machine only: name the agent on which both steps are to run (--pin), or leave the volume out and let the model go through the database")
	case c.Network != "" && c.Network != "BRIDGE" && c.Network != "HOST":
		return fmt.Errorf("network %q: want BRIDGE or HOST", c.Network)
	}
	return nil
}

// Masked is the definition without its secrets, for people.
func (j ChronosJob) Masked() ChronosJob {
	j.Environment = slices.Clone(j.Environment)
	for i, e := range j.Environment {
		if secretName.MatchString(e.Name) && e.Value != "" {
			j.Environment[i].Value = "***"
		}
	}
	return j
}

// Chronos is a client of the scheduler's REST interface.
type Chronos struct {
	URL   string // such as http://chronos:4400
	HTTP  *http.Client
	Every time.Duration // between two looks at a job; default 2 s
}

// Submit hands a job in: one with parents as dependent, others by their schedule. A job of the same name is replaced.
func (c *Chronos) Submit(ctx context.Context, j ChronosJob) error {
	path := "iso8601"
	if len(j.Parents) > 0 {
		path = "dependency"
	}
	body, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, http.MethodPost, path, body)
	return err
}

func (c *Chronos) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.URL, "/")+"/v1/scheduler/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("chronos: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return nil, fmt.Errorf("chronos: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		text, _, _ := strings.Cut(strings.TrimSpace(string(data)), "\n") // a stack trace may follow
		return nil, fmt.Errorf("chronos: %s answers %s: %.300s", path, resp.Status, text)
	}
	return data, nil
}

// State is how a job of Chronos stands.
type State struct {
	Name         string   `json:"name"`
	SuccessCount int      `json:"successCount"`
	ErrorCount   int      `json:"errorCount"`
	Disabled     bool     `json:"disabled"`
	SoftError    bool     `json:"softError"`
	LastError    string   `json:"lastError"`
	Parents      []string `json:"parents"`
}

// ErrLost is returned for a job that Chronos no longer knows.
var ErrLost = errors.New("chronos knows no such job")

// State looks a job up. The search finds all names that contain the one asked for, at most ten at a time.
func (c *Chronos) State(ctx context.Context, name string) (State, error) {
	for offset := 0; ; offset += 10 {
		data, err := c.do(ctx, http.MethodGet, fmt.Sprintf("jobs/search?name=%s&limit=10&offset=%d", url.QueryEscape(name), offset), nil)
		if err != nil {
			return State{}, err
		}
		var found []State
		if err := json.Unmarshal(data, &found); err != nil {
			return State{}, fmt.Errorf("chronos: unexpected answer: %w", err)
		}
		for _, s := range found {
			if s.Name == name {
				return s, nil
			}
		}
		if len(found) < 10 {
			return State{}, fmt.Errorf("%w: %s", ErrLost, name)
		}
	}
}

// done tells whether the job has ended, and how. One that runs by a schedule is disabled once it has run; one that
// depends on others never is.
func (s State) done() (ended, well bool) {
	switch {
	case s.SuccessCount > 0 && (s.Disabled || len(s.Parents) > 0):
		return true, true
	case s.SuccessCount == 0 && (s.ErrorCount > 0 || s.SoftError):
		return true, false
	}
	return false, false
}

// Wait polls until the job has ended; a failure is an error.
func (c *Chronos) Wait(ctx context.Context, name string) error {
	every := c.Every
	if every <= 0 {
		every = 2 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		s, err := c.State(ctx, name)
		if err != nil {
			return err
		}
		switch ended, well := s.done(); {
		case ended && well:
			return nil
		case ended:
			return fmt.Errorf("job %s failed %d times, the last time %s", name, s.ErrorCount, s.LastError)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Delete removes a job.
func (c *Chronos) Delete(ctx context.Context, name string) error {
	_, err := c.do(ctx, http.MethodDelete, "job/"+url.PathEscape(name), nil)
	return err
}

// Kill ends the tasks of a job that are running.
func (c *Chronos) Kill(ctx context.Context, name string) error {
	_, err := c.do(ctx, http.MethodDelete, "task/kill/"+url.PathEscape(name), nil)
	return err
}

// Run submits both steps, waits for them and tells report what happens. A failed train leaves nothing scheduled.
func (c *Chronos) Run(ctx context.Context, train, test ChronosJob, report func(string)) error {
	if err := c.Submit(ctx, train); err != nil {
		return err
	}
	report("submitted " + train.Name)
	if err := c.Submit(ctx, test); err != nil {
		return errors.Join(err, c.Delete(context.WithoutCancel(ctx), train.Name))
	}
	report("submitted " + test.Name)
	for _, name := range []string{train.Name, test.Name} {
		if err := c.Wait(ctx, name); err != nil {
			clean := context.WithoutCancel(ctx)
			_ = c.Delete(clean, test.Name) // it must not start later, by another run of its parent
			_ = c.Delete(clean, train.Name)
			return err
		}
		report("done " + name)
	}
	return nil
}
