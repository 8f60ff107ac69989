// Package whole writes files whole or not at all: into a temporary file beside the place, which takes the name when all of
// it is on the disk.
package whole

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes the file at path, or replaces it, with what write writes. Until it returns nil the old file, if there is
// one, is what others see.
func Write(path string, mode fs.FileMode, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails, rightly, once renamed
	b := bufio.NewWriter(tmp)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// Data returns a function for [Write] that writes data.
func Data(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}
