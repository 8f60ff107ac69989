package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve"
	"github.com/lren-chuv/automl/serve/data"
	jobs "github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/store"
	"github.com/lren-chuv/automl/serve/work"
)

// serveFlags are the flags of automl serve.
type serveFlags struct {
	listen, dir, store, features, meta, users        string
	mainTable                                        string
	schemas, tables                                  []string
	cert, key, node                                  string
	jobs, queue, minCount, workers                   int
	maxUpload, memory                                string
	maxBudget, retention, lease                      time.Duration
	metrics, pprof, open, rows, logJSON, noInstances bool
	backend                                          backendFlags
	nats                                             natsFlags
}

func serveCommand() *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run the experiment service with its web page",
		Example: "  automl serve\n  automl serve --listen :8080 --users users.txt --features postgres://reader@db/features",
		Args:    exactly(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context()) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", "127.0.0.1:8080", "address to listen on")
	fl.StringVar(&f.dir, "data", "automl-data", "folder for tables, jobs and, by default, the store")
	fl.StringVar(&f.store, "store", os.Getenv("AUTOML_STORE"), "PostgreSQL address of the jobs' store, which several services may share, with the folder (default a file in the folder; $AUTOML_STORE)")
	fl.StringVar(&f.features, "features", os.Getenv("AUTOML_FEATURES"), "PostgreSQL address of the features ($AUTOML_FEATURES)")
	fl.StringSliceVar(&f.schemas, "schema", []string{"public"}, "schemas of the features' database whose tables are offered")
	fl.StringSliceVar(&f.tables, "table", nil, "tables that are offered (default all of the schemas)")
	fl.StringVar(&f.meta, "meta", "", "JSON file that describes the platform's variables")
	fl.StringVar(&f.mainTable, "main-table", "", "table of the features' database for queries of the platform that name none")
	fl.StringVar(&f.users, "users", "", "file of lines name:password; without it the service listens on this machine only")
	fl.BoolVar(&f.open, "open", false, "listen on other addresses without --users, behind something else that asks for passwords")
	fl.StringVar(&f.cert, "tls-cert", "", "certificate file for HTTPS")
	fl.StringVar(&f.key, "tls-key", "", "key file for HTTPS")
	fl.StringVar(&f.node, "node", "local", "name of this place in answers to the platform")
	fl.IntVar(&f.jobs, "jobs", 1, "jobs that are worked on at a time")
	fl.IntVar(&f.queue, "queue", 1000, "jobs that may wait")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "concurrent evaluations of all jobs together")
	fl.StringVar(&f.memory, "memory", "", "soft memory limit, such as 2GB (default 80% of the machine's or cgroup's)")
	fl.IntVar(&f.minCount, "min-count", mip.DefaultMinCount, "nothing is learned of fewer patients of the features' database")
	fl.BoolVar(&f.rows, "row-predictions", false, "predictions of single patients of the features' database may be downloaded")
	fl.BoolVar(&f.noInstances, "no-instances", false, "refuse methods whose models hold rows of the features' database (k-NN)")
	fl.StringVar(&f.maxUpload, "max-upload", "64MB", "size of an uploaded file")
	fl.DurationVar(&f.maxBudget, "max-time", time.Hour, "time that one search may be given")
	fl.DurationVar(&f.retention, "retention", 30*24*time.Hour, "how long ended jobs and uploaded tables are kept; 0 keeps them")
	fl.DurationVar(&f.lease, "lease", 15*time.Second, "silence after which another service takes over a job (PostgreSQL store)")
	fl.BoolVar(&f.metrics, "metrics", false, "serve /metrics for Prometheus")
	fl.BoolVar(&f.pprof, "pprof", false, "serve /debug/pprof")
	f.backend.add(fl)
	f.nats.add(cmd, "searches are evaluated by the workers that listen there (see automl worker): nats://HOST:PORT ($AUTOML_NATS)")
	fl.BoolVar(&f.logJSON, "log-json", false, "log as JSON")
	return cmd
}

// check refuses what cannot work, or should not.
func (f *serveFlags) check() error {
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return usagef("--listen %s: want HOST:PORT", f.listen)
	}
	if ip := net.ParseIP(host); f.users == "" && !f.open && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("--listen %s: others could reach the service, so --users is wanted (or --open)", f.listen)
	}
	if (f.cert == "") != (f.key == "") {
		return usagef("--tls-cert and --tls-key go together")
	}
	if f.jobs < 1 || f.queue < 1 || f.workers < 1 || f.minCount < 1 {
		return usagef("--jobs, --queue, --workers and --min-count: want at least 1")
	}
	if f.lease < time.Second || f.maxBudget < time.Second {
		return usagef("--lease and --max-time: want at least 1s")
	}
	return nil
}

func (f *serveFlags) run(ctx context.Context) error {
	if err := f.check(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if f.logJSON {
		log = slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	kept, alone, err := f.openStore(ctx)
	if err != nil {
		return err
	}
	defer kept.Close()
	config, err := f.config(kept, alone, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return err
	}
	return f.serve(ctx, listener, config)
}

// closer is a store that can be closed.
type closer interface {
	store.Store
	Close() error
}

func (f *serveFlags) openStore(ctx context.Context) (s closer, alone bool, err error) {
	if f.store == "" {
		s, err := store.OpenBolt(filepath.Join(f.dir, "jobs.db"))
		return s, true, err
	}
	d, err := mip.ParseDatabase(f.store)
	if err != nil {
		return nil, false, usagef("--store: %v", err)
	}
	config, err := d.Config()
	if err != nil {
		return nil, false, err
	}
	config.RuntimeParams["application_name"] = "automl serve"
	p, err := store.OpenPostgres(ctx, config, "automl_service")
	return p, false, err
}

// config wires the service.
func (f *serveFlags) config(kept store.Store, alone bool, log *slog.Logger) (*serve.Config, error) {
	upload, err := memoryLimit(f.maxUpload)
	if err != nil {
		return nil, usagef("--max-upload %s: want a size such as 64MB", f.maxUpload)
	}
	limit, err := memoryLimit(f.memory)
	if err != nil {
		return nil, err
	}
	debug.SetMemoryLimit(limit)
	source := &data.Source{Uploads: &data.Uploads{Dir: filepath.Join(f.dir, "tables"), MaxBytes: 8 * upload, Busy: make(chan struct{}, 1)}}
	if f.features != "" {
		d, err := mip.ParseDatabase(f.features)
		if err != nil {
			return nil, usagef("--features: %v", err)
		}
		source.Catalogue = &data.Catalogue{Database: d, Schemas: f.schemas, Only: f.tables, MinCount: f.minCount, MaxRows: 2_000_000, MaxBytes: limit / 4}
		if source.Catalogue.Meta, err = readVariables(f.meta); err != nil {
			return nil, err
		}
	}
	c := &serve.Config{Source: source, Log: log, Version: automl.Version, Node: f.node, MainTable: f.mainTable, NoRows: f.noInstances, MaxUpload: upload, MaxBudget: f.maxBudget, Pprof: f.pprof, Local: f.users == "" && !f.open}
	if f.metrics {
		c.Metrics = serve.NewMetrics()
	}
	if f.users != "" {
		file, err := os.Open(f.users)
		if err != nil {
			return nil, unreadable(f.users, err)
		}
		defer file.Close()
		if c.Users, err = serve.ReadUsers(file); err != nil {
			return nil, fmt.Errorf("%s: %w", f.users, err)
		}
	}
	c.Queue = jobs.NewQueue(kept, jobs.Options{Alone: alone, Lease: f.lease, Most: f.queue})
	c.Worker = &work.Worker{Source: source, Dir: filepath.Join(f.dir, "jobs"), Threads: max(1, f.workers/f.jobs), Memory: limit / int64(f.jobs),
		MinCount: f.minCount, Rows: f.rows, Log: log}
	if c.Worker.Join, err = f.joined(log); err != nil {
		return nil, err
	}
	c.Worker.Backend, err = f.backend.backend(f.dir)
	return c, err
}

func readVariables(path string) (map[string]mip.Variable, error) {
	if path == "" {
		return nil, nil
	}
	tree, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	meta, err := mip.ParseVariables(tree)
	if err != nil {
		return nil, fmt.Errorf("--meta %s: %w", path, err)
	}
	return meta, nil
}

// serve answers and works until ctx ends.
func (f *serveFlags) serve(ctx context.Context, l net.Listener, c *serve.Config) error {
	s := serve.New(*c)
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn)}
	scheme := "http"
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return fmt.Errorf("the certificate cannot be used: %w", err)
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		scheme = "https"
	}
	runner := &jobs.Runner{Queue: c.Queue, Slots: f.jobs, Log: c.Log, Do: c.Do}
	working, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { runner.Run(working) })
	wg.Go(func() { c.Sweep(working, f.retention) })
	ended := make(chan error, 1)
	go func() {
		if scheme == "https" {
			ended <- server.ServeTLS(l, "", "")
		} else {
			ended <- server.Serve(l)
		}
	}()
	address := l.Addr().String()
	fmt.Fprintf(os.Stderr, "automl: open %s://%s in a browser; Ctrl-C ends the service, and its jobs go on at the next start\n", scheme, strings.Replace(address, "[::]", "localhost", 1))
	c.Log.Info("ready", "address", address, "scheme", scheme, "version", automl.Version, "jobs", f.jobs, "workers", f.workers)
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	s.Close()
	stop()
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(closing))
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return err
}
