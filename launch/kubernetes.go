package launch

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lren-chuv/automl/mip"
)

const natsPort = 4222 // of the server inside a pod

// Kubernetes returns one list of objects: the secret by which workers are let in, the search as a Job, a Service at which
// its NATS server is found, and the workers as an Indexed Job. The data are on a volume claim that the search sees as
// /data; workers get theirs from the search.
func (p *Plan) Kubernetes() ([]File, error) {
	secret := map[string]string{}
	for _, e := range p.Environ {
		name, value, _ := strings.Cut(e, "=")
		secret[name] = value
	}
	items := []any{map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": p.meta("nats"), "type": "Opaque", "stringData": secret}}
	own := *p
	address := p.NATS
	if p.NATS == "" {
		own.Port = natsPort
		address = fmt.Sprintf("nats://%s-search:%d", p.Name, natsPort)
		items = append(items, map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": p.meta("search"), "spec": map[string]any{
			"selector": p.labels("search"), "ports": []any{map[string]any{"name": "nats", "port": natsPort, "targetPort": natsPort, "protocol": "TCP"}}}})
	}
	items = append(items, p.job("search", own.search(), map[string]any{"backoffLimit": 0}),
		p.job("workers", append(own.worker(address), "--once", "--listen", ":9090", "--log-format", "json"), map[string]any{"completionMode": "Indexed", "completions": p.Workers,
			"parallelism": p.Workers, "backoffLimitPerIndex": 10}))
	text, err := json.MarshalIndent(map[string]any{"apiVersion": "v1", "kind": "List", "items": items}, "", "  ")
	return []File{{"kubernetes.json", string(text) + "\n", true}}, err
}

func (p *Plan) labels(role string) map[string]any {
	return map[string]any{"app.kubernetes.io/name": "automl", "app.kubernetes.io/instance": p.Name, "app.kubernetes.io/component": role}
}

func (p *Plan) meta(role string) map[string]any {
	return map[string]any{"name": p.Name + "-" + role, "labels": p.labels(role)}
}

// job is a Job of pods with one container.
func (p *Plan) job(role string, args []string, spec map[string]any) map[string]any {
	size := map[string]any{"cpu": fmt.Sprintf("%dm", int(p.CPUs*1000)), "memory": fmt.Sprintf("%dMi", p.Memory)}
	container := map[string]any{"name": role, "image": p.Image, "command": []string{"/automl"}, "args": args,
		"envFrom":   []any{map[string]any{"secretRef": map[string]any{"name": p.Name + "-nats"}}},
		"resources": map[string]any{"requests": size, "limits": size}, "securityContext": mip.Hardened()}
	mounts, volumes := []any{map[string]any{"name": "tmp", "mountPath": "/tmp"}}, []any{map[string]any{"name": "tmp", "emptyDir": map[string]any{}}}
	switch role {
	case "search":
		if p.NATS == "" {
			container["ports"] = []any{map[string]any{"name": "nats", "containerPort": natsPort, "protocol": "TCP"}}
		}
		if p.Claim != "" {
			mounts = append(mounts, map[string]any{"name": "data", "mountPath": "/data"})
			volumes = append(volumes, map[string]any{"name": "data", "persistentVolumeClaim": map[string]any{"claimName": p.Claim}})
			container["workingDir"] = "/data"
		}
	default:
		container["ports"] = []any{map[string]any{"name": "metrics", "containerPort": 9090, "protocol": "TCP"}}
		container["readinessProbe"] = map[string]any{"httpGet": map[string]any{"path": "/readyz", "port": 9090}, "periodSeconds": 10}
		container["livenessProbe"] = map[string]any{"httpGet": map[string]any{"path": "/healthz", "port": 9090}, "periodSeconds": 10, "failureThreshold": 6}
		spec["podFailurePolicy"] = map[string]any{"rules": []any{map[string]any{"action": "Ignore", // a drained node is nobody's fault
			"onPodConditions": []any{map[string]any{"type": "DisruptionTarget", "status": "True"}}}}}
	}
	container["volumeMounts"] = mounts
	pod := map[string]any{"restartPolicy": "Never", "automountServiceAccountToken": false, "terminationGracePeriodSeconds": int(p.Grace.Seconds()),
		"securityContext": map[string]any{"fsGroup": 65532, "runAsUser": 65532, "seccompProfile": map[string]any{"type": "RuntimeDefault"}},
		"containers":      []any{container}, "volumes": volumes}
	spec["activeDeadlineSeconds"] = int(p.Limit.Seconds())
	spec["template"] = map[string]any{"metadata": map[string]any{"labels": p.labels(role)}, "spec": pod}
	return map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": p.meta(role), "spec": spec}
}
