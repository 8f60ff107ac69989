// Command image writes the algorithm container as an OCI archive without any container engine. The same binary and
// arguments give the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	binary := flag.String("binary", "bin/automl", "static binary to put in the image")
	out := flag.String("o", "bin/automl-oci.tar", "archive to write")
	version := flag.String("version", "dev", "version of the program")
	revision := flag.String("revision", "unknown", "commit it was built from")
	arch := flag.String("arch", "amd64", "architecture of the binary")
	name := flag.String("name", "localhost/hbpmip/automl", "name of the image in the archive")
	flag.Parse()
	digest, err := write(*binary, *out, *name, *version, *revision, *arch)
	if err != nil {
		fmt.Fprintln(os.Stderr, "image: "+err.Error())
		os.Exit(1)
	}
	fmt.Println(*out, digest)
}

func write(binary, out, name, version, revision, arch string) (string, error) {
	data, err := os.ReadFile(binary)
	if err != nil {
		return "", err
	}
	files, err := rootFS(data)
	if err != nil {
		return "", err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil }, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return "", err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if img, err = mutate.Append(img, mutate.Addendum{Layer: layer, MediaType: types.OCILayer}); err != nil {
		return "", err
	}
	if img, err = mutate.ConfigFile(img, configured(img, version, revision, arch)); err != nil {
		return "", err
	}
	digest, err := img.Digest()
	if err != nil {
		return "", err
	}
	return digest.String(), archive(img, out, name+":"+version)
}

// rootFS is the only layer: the binary and the folder of the volume, which any user may write to.
func rootFS(binary []byte) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	epoch := time.Unix(0, 0)
	for _, h := range []*tar.Header{
		{Name: "automl", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(binary)), ModTime: epoch},
		{Name: "docker-volume/", Typeflag: tar.TypeDir, Mode: 0o777, Uid: 65532, Gid: 65532, ModTime: epoch},
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777, ModTime: epoch},
	} {
		h.Format = tar.FormatUSTAR
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write(binary); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), w.Close()
}

// configured says what the Dockerfile says.
func configured(img v1.Image, version, revision, arch string) *v1.ConfigFile {
	c, err := img.ConfigFile()
	if err != nil {
		c = &v1.ConfigFile{}
	}
	c = c.DeepCopy()
	const about, source = "Finds the best machine-learning pipeline for patients' features", "https://github.com/lren-chuv/automl"
	created := time.Unix(0, 0).UTC().Format(time.RFC3339)
	c.Architecture, c.OS, c.Created = arch, "linux", v1.Time{Time: time.Unix(0, 0).UTC()}
	c.Config = v1.Config{
		User: "65532:65532", Entrypoint: []string{"/automl", "job"}, Cmd: []string{"compute"},
		Env:     []string{"FUNCTION=automl", "DOCKER_IMAGE=hbpmip/automl:" + version},
		Volumes: map[string]struct{}{"/docker-volume": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title": "automl", "org.opencontainers.image.description": about, "org.opencontainers.image.version": version,
			"org.opencontainers.image.revision": revision, "org.opencontainers.image.created": created, "org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.source": source,
			"org.label-schema.schema-version": "1.0", "org.label-schema.name": "automl", "org.label-schema.description": about,
			"org.label-schema.version": version, "org.label-schema.vcs-type": "git", "org.label-schema.vcs-url": source, "org.label-schema.vcs-ref": revision,
			"org.label-schema.build-date": created, "org.label-schema.vendor": "LREN CHUV", "org.label-schema.license": "Apache-2.0",
			"org.label-schema.docker.dockerfile": "Dockerfile", "org.label-schema.memory-hint": "512",
		},
	}
	for i := range c.History {
		c.History[i].Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	}
	return c
}

// archive packs the OCI layout of the image into one file, its entries in the order of their names.
func archive(img v1.Image, out, reference string) error {
	dir, err := os.MkdirTemp("", "image")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	if err := l.AppendImage(img, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": reference})); err != nil {
		return err
	}
	var names []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(names)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, path := range names {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(data)), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}
