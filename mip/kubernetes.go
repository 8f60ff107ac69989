package mip

import (
	"fmt"
	"strings"
)

// Hardened is the security context of a container that needs no right at all.
func Hardened() map[string]any {
	return map[string]any{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false, "capabilities": map[string]any{"drop": []string{"ALL"}}}
}

// Kubernetes returns the two steps as one Job: train as an init container, test after it in the same pod, so that both
// share an empty volume on whatever machine the pod is. Passwords are taken from the Secret of the job's name. The
// object is plain data, to be printed as JSON, which kubectl takes as it takes YAML.
func (c *Cluster) Kubernetes(id string) map[string]any {
	name := strings.Trim(strings.ToLower(strings.ReplaceAll(c.jobName("job", id), "_", "-")), "-")
	if len(name) > 63 {
		name = strings.Trim(name[:63], "-")
	}
	var env []any
	for _, e := range c.environment(id) {
		if secretName.MatchString(e.Name) {
			env = append(env, map[string]any{"name": e.Name, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": name, "key": e.Name}}})
			continue
		}
		if e.Name != "MODEL_PARAM_store" { // the steps share their pod's volume
			env = append(env, map[string]any{"name": e.Name, "value": e.Value})
		}
	}
	container := func(step string) map[string]any {
		size := map[string]any{"cpu": fmt.Sprintf("%dm", int(c.CPUs*1000)), "memory": fmt.Sprintf("%dMi", int(c.Memory))}
		return map[string]any{"name": step, "image": c.Image, "args": []string{step}, "env": env,
			"resources":       map[string]any{"requests": size, "limits": size},
			"securityContext": Hardened(),
			"volumeMounts":    []any{map[string]any{"name": "job", "mountPath": "/docker-volume"}}}
	}
	volume := map[string]any{"name": "job", "emptyDir": map[string]any{}}
	if c.HostVolume != "" {
		volume = map[string]any{"name": "job", "hostPath": map[string]any{"path": c.HostVolume, "type": "DirectoryOrCreate"}}
	}
	spec := map[string]any{"restartPolicy": "Never", "automountServiceAccountToken": false, "securityContext": map[string]any{"fsGroup": 65532},
		"initContainers": []any{container("train")}, "containers": []any{container("test")}, "volumes": []any{volume}}
	if c.Pin != "" {
		spec["nodeSelector"] = map[string]any{"kubernetes.io/hostname": c.Pin}
	}
	return map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"backoffLimit": c.Retries, "template": map[string]any{"spec": spec}}}
}
