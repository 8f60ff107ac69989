package whole

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := Write(path, 0o640, Data([]byte("one"))); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("half-way")
	err := Write(path, 0o640, func(w io.Writer) error {
		_, _ = w.Write([]byte("tw"))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "one" {
		t.Errorf("the file holds %q", data)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
	if Write(filepath.Join(dir, "no", "folder"), 0o644, Data(nil)) == nil {
		t.Error("a missing folder gives no error")
	}
}
