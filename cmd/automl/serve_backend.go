package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/backend"
	"github.com/lren-chuv/automl/serve/work"
)

// backendFlags say where the searches of the service run.
type backendFlags struct {
	name, image, folder string
	chronos, namespace  string
	cluster             mip.Cluster
}

func (f *backendFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.name, "backend", "local", "where searches run: local, podman, docker, chronos, kubernetes or slurm")
	fl.StringVar(&f.image, "image", "hbpmip/automl", "container image of a backend other than local (slurm: empty for the program itself)")
	fl.StringVar(&f.folder, "volume", "", "folder that a backend's machines share with this one (default DATA/volume)")
	fl.Float64Var(&f.cluster.CPUs, "step-cpus", 1, "cores of one search in a backend")
	fl.Float64Var(&f.cluster.Memory, "step-memory", 1024, "MiB of one search in a backend")
	fl.StringVar(&f.cluster.Pin, "pin", "", "machine of the cluster on which searches run, if the folder is there only")
	fl.StringVar(&f.chronos, "chronos", "http://localhost:4400", "address of Chronos")
	fl.StringVar(&f.namespace, "namespace", "", "namespace of Kubernetes")
}

// backend returns the backend, nil for this process.
func (f *backendFlags) backend(data string) (work.Backend, error) {
	if f.name == "local" {
		return nil, nil
	}
	folder := f.folder
	if folder == "" {
		folder = filepath.Join(data, "volume")
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	c := f.cluster
	c.Image, c.HostVolume, c.Shared = f.image, folder, c.Pin == ""
	shared := &backend.Shared{Folder: folder, Inside: "/docker-volume"}
	switch f.name {
	case "podman", "docker":
		shared.Launcher = &backend.Container{Engine: f.name, Image: f.image, Folder: folder, CPUs: c.CPUs, Memory: c.Memory}
	case "chronos":
		shared.Launcher = &backend.Chronos{Client: &mip.Chronos{URL: f.chronos}, Cluster: c}
	case "kubernetes":
		shared.Launcher = &backend.Kubernetes{Namespace: f.namespace, Cluster: c}
	case "slurm":
		shared.Launcher = &backend.Slurm{Folder: folder, Cluster: c}
		if f.image == "" {
			shared.Inside = folder
		}
	default:
		return nil, usagef("--backend %s: want local, podman, docker, chronos, kubernetes or slurm", f.name)
	}
	if f.image == "" && f.name != "slurm" {
		return nil, usagef("--backend %s: --image is wanted", f.name)
	}
	return shared, nil
}
