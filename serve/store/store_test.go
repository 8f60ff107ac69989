package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/internal/pgtest"
)

var postgres = pgtest.Server{Password: "secret"}

func TestMain(m *testing.M) {
	status := m.Run()
	postgres.Stop()
	os.Exit(status)
}

// each runs a test on both stores; open opens the same store again.
func each(t *testing.T, f func(t *testing.T, open func() Store)) {
	t.Run("bolt", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.db")
		f(t, func() Store {
			s, err := OpenBolt(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		})
	})
	t.Run("postgres", func(t *testing.T) {
		port, why := postgres.Start()
		if port == "" {
			fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
			t.Skip(why)
		}
		config, err := pgx.ParseConfig("host=127.0.0.1 user=postgres password=secret dbname=postgres sslmode=disable port=" + port)
		if err != nil {
			t.Fatal(err)
		}
		f(t, func() Store {
			s, err := OpenPostgres(context.Background(), config, "automl"+strconv.Itoa(os.Getpid())+filepath.Base(t.Name())+t.Name()[:8])
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		})
	})
}

func keys(t *testing.T, s Store, prefix string) (out []string) {
	t.Helper()
	err := s.Read(context.Background(), func(tx Tx) error {
		out = nil
		return tx.Scan(prefix, func(k string, v []byte) bool {
			out = append(out, k+"="+string(v))
			return true
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStores(t *testing.T) {
	each(t, func(t *testing.T, open func() Store) {
		ctx := context.Background()
		s := open()
		put := func(pairs ...string) error {
			return s.Write(ctx, func(tx Tx) error {
				for i := 0; i < len(pairs); i += 2 {
					if err := tx.Put(pairs[i], []byte(pairs[i+1])); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := put("b/2", "two", "b/1", "one", "a", "", "b", "x", "c", "z", "b/10", "ten", "B/1", "upper", "b/é", "accent"); err != nil {
			t.Fatal(err)
		}
		if got := keys(t, s, "b/"); !slices.Equal(got, []string{"b/1=one", "b/10=ten", "b/2=two", "b/é=accent"}) {
			t.Errorf("%q", got)
		}
		// A transaction that fails leaves nothing.
		failed := errors.New("no")
		if err := s.Write(ctx, func(tx Tx) error { return errors.Join(tx.Put("b/3", []byte("x")), tx.Put("c", nil), failed) }); !errors.Is(err, failed) {
			t.Errorf("%v", err)
		}
		// A transaction sees what it wrote; nil removes, empty does not.
		err := s.Write(ctx, func(tx Tx) error {
			if err := errors.Join(tx.Put("b/2", nil), tx.Put("b/1", []byte("uno"))); err != nil {
				return err
			}
			one, err := Get(tx, "b/1")
			two, err2 := Get(tx, "b/2")
			empty, err3 := Get(tx, "a")
			none, err4 := Get(tx, "b/")
			if string(one) != "uno" || two != nil || empty == nil || len(empty) != 0 || none != nil {
				t.Errorf("%q %q %v %q", one, two, empty, none)
			}
			return errors.Join(err, err2, err3, err4)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := keys(t, s, ""); !slices.Equal(got, []string{"B/1=upper", "a=", "b=x", "b/1=uno", "b/10=ten", "b/é=accent", "c=z"}) {
			t.Errorf("%q", got)
		}
		// Many keys, more than are read at a time.
		err = s.Write(ctx, func(tx Tx) error {
			for i := range 1200 {
				if err := tx.Put(fmt.Sprintf("n/%05d", i), []byte("v")); err != nil {
					return err
				}
			}
			return nil
		})
		if got := keys(t, s, "n/"); err != nil || len(got) != 1200 || !slices.IsSorted(got) {
			t.Errorf("%d keys, %v", len(got), err)
		}
	})
}

// Writers of one process, and of two where that is possible, never overlap: none of their additions is lost.
func TestWritersFollowOneAnother(t *testing.T) {
	each(t, func(t *testing.T, open func() Store) {
		stores := []Store{open()}
		if _, shared := stores[0].(*Postgres); shared {
			stores = append(stores, open())
		}
		const writers, times = 8, 10
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for range times {
					err := stores[w%len(stores)].Write(context.Background(), func(tx Tx) error {
						v, err := Get(tx, "count")
						n, _ := strconv.Atoi(string(v))
						return errors.Join(err, tx.Put("count", []byte(strconv.Itoa(n+1))))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := keys(t, stores[0], "count"); len(got) != 1 || got[0] != fmt.Sprintf("count=%d", writers*times) {
			t.Errorf("%q", got)
		}
	})
}

func TestBoltIsOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := OpenBolt(path)
	if err != nil {
		t.Fatal(err)
	}
	if !testing.Short() { // it waits for three seconds
		if _, err := OpenBolt(path); err == nil {
			t.Error("opened twice")
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenBolt(path); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}
