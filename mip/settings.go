package mip

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Settings is what the environment says of one job.
type Settings struct {
	JobID, Node, Image, Function string

	Query       string
	Variables   []string // the first one is the target
	Covariables []string
	Grouping    []string
	Meta        map[string]Variable // by lower-cased code; may lack any of them
	MetaError   error               // why Meta is empty, if PARAM_meta cannot be read

	Params map[string]string // parameters of the algorithm, by lower-cased name

	In, Out     Database
	ResultTable string

	InputFile, OutputFile string // file mode: CSV instead of the query, the result's text instead of the row
	Separator             string
	Volume                string // folder shared by train and test

	CPU, Memory float64 // what Chronos grants: cores and MiB; 0 if unknown
}

// Environment is a process's environment; later entries win.
type Environment map[string]string

// ParseEnvironment reads what os.Environ returns.
func ParseEnvironment(environ []string) Environment {
	e := make(Environment, len(environ))
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			e[name] = value
		}
	}
	return e
}

// first returns the first of the named variables that is not empty.
func (e Environment) first(names ...string) string {
	for _, name := range names {
		if v := strings.TrimSpace(e[name]); v != "" {
			return v
		}
	}
	return ""
}

// Settings understands the environments of all generations of the platform: JDBC addresses (2017) and plain ones,
// PARAM_MODEL_ and MODEL_PARAM_ prefixes.
func (e Environment) Settings() *Settings {
	s := &Settings{
		JobID: e.first("JOB_ID"), Node: cmp.Or(e.first("NODE"), "local"), Image: e.first("DOCKER_IMAGE"), Function: cmp.Or(e.first("FUNCTION", "CODE"), "automl"),
		Query: e.first("PARAM_query"), Variables: codes(e["PARAM_variables"]), Covariables: codes(e["PARAM_covariables"]), Grouping: codes(e["PARAM_grouping"]),
		In: e.database("IN_"), Out: e.database("OUT_"), ResultTable: cmp.Or(e.first("RESULT_TABLE"), "job_result"),
		InputFile: e.first("INPUT_FILE"), OutputFile: e.first("OUTPUT_FILE"), Separator: cmp.Or(e["CSV_SEPARATOR"], ","),
		Volume: cmp.Or(e.first("AUTOML_VOLUME"), "/docker-volume"),
		Params: map[string]string{},
	}
	s.Meta, s.MetaError = ParseMeta(e["PARAM_meta"])
	for name, v := range e {
		code, ok := strings.CutPrefix(name, "PARAM_MODEL_")
		if _, newer := e["MODEL_PARAM_"+code]; ok && !newer {
			s.Params[strings.ToLower(code)] = v
		}
		if code, ok := strings.CutPrefix(name, "MODEL_PARAM_"); ok {
			s.Params[strings.ToLower(code)] = v
		}
	}
	s.CPU, _ = strconv.ParseFloat(e.first("CHRONOS_RESOURCE_CPU"), 64)
	s.Memory, _ = strconv.ParseFloat(e.first("CHRONOS_RESOURCE_MEM"), 64)
	return s
}

// codes splits a comma list of column codes.
func codes(list string) []string {
	var out []string
	for _, code := range strings.Split(list, ",") {
		if code = strings.TrimSpace(code); code != "" {
			out = append(out, code)
		}
	}
	return out
}

// features are the columns to predict from, each once, without the target.
func (s *Settings) features() []string {
	var out []string
	seen := map[string]bool{strings.ToLower(s.target()): true}
	for _, list := range [][]string{s.Covariables, s.Grouping} {
		for _, code := range list {
			if key := strings.ToLower(code); !seen[key] {
				seen[key] = true
				out = append(out, code)
			}
		}
	}
	return out
}

func (s *Settings) target() string {
	if len(s.Variables) == 0 {
		return ""
	}
	return s.Variables[0]
}

// params reads the algorithm's parameters; a value of the wrong form leaves the default, as users of the platform
// expect.
type params struct {
	values map[string]string
	log    *slog.Logger
}

func (p params) text(name, otherwise string) string {
	return cmp.Or(strings.TrimSpace(p.values[name]), otherwise)
}

func (p params) int(name string, otherwise, least int) int {
	return read(p, name, otherwise, func(v string) (int, error) {
		f, err := strconv.ParseFloat(v, 64) // whole numbers arrive as 3 or as 3.0
		if n := int(f); err == nil && (float64(n) != f || n < least) {
			err = strconv.ErrRange
		}
		return int(f), err
	})
}

func (p params) float(name string, otherwise, low, high float64) float64 {
	return read(p, name, otherwise, func(v string) (float64, error) {
		f, err := strconv.ParseFloat(v, 64)
		if err == nil && !(f >= low && f <= high) {
			err = strconv.ErrRange
		}
		return f, err
	})
}

func (p params) bool(name string, otherwise bool) bool {
	return read(p, name, otherwise, func(v string) (bool, error) { return strconv.ParseBool(strings.ToLower(v)) })
}

// seconds accepts 20, 20s and 1m30s.
func (p params) seconds(name string, otherwise time.Duration) time.Duration {
	return read(p, name, otherwise, func(v string) (time.Duration, error) {
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			v = fmt.Sprintf("%gs", f)
		}
		d, err := time.ParseDuration(v)
		if err == nil && (d < time.Second || d > 30*24*time.Hour) {
			err = strconv.ErrRange
		}
		return d, err
	})
}

func read[T any](p params, name string, otherwise T, parse func(string) (T, error)) T {
	v := strings.TrimSpace(p.values[name])
	if v == "" {
		return otherwise
	}
	out, err := parse(v)
	if err != nil {
		p.log.Warn("parameter ignored, the default holds", "parameter", name, "default", otherwise)
		return otherwise
	}
	return out
}
