package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/cluster"
)

// natsFlags say where NATS is and how to be let in. Secrets come from files and the environment only, so that no list of
// processes shows them: AUTOML_NATS_USER and AUTOML_NATS_PASSWORD, or AUTOML_NATS_TOKEN.
type natsFlags struct {
	address string
	access  cluster.Access
	store   string
}

func (f *natsFlags) add(cmd *cobra.Command, usage string) {
	fl := cmd.Flags()
	fl.StringVar(&f.address, "nats", "", usage)
	fl.StringVar(&f.access.Creds, "nats-creds", "", "file of NATS credentials (default $AUTOML_NATS_CREDS; user, password or token by $AUTOML_NATS_USER, …_PASSWORD, …_TOKEN)")
	fl.StringVar(&f.access.CA, "nats-ca", "", "file of the certificates by which to trust the NATS server; makes TLS a must")
	fl.StringVar(&f.access.Cert, "nats-cert", "", "file of the certificate to show the server, or, with train --nats embedded:PORT, the clients")
	fl.StringVar(&f.access.Key, "nats-key", "", "file of the key of --nats-cert")
}

// check completes the flags by the environment.
func (f *natsFlags) check() error {
	a := &f.access
	if a.Creds == "" {
		a.Creds = os.Getenv("AUTOML_NATS_CREDS")
	}
	a.User, a.Password, a.Token = os.Getenv("AUTOML_NATS_USER"), os.Getenv("AUTOML_NATS_PASSWORD"), os.Getenv("AUTOML_NATS_TOKEN")
	a.URL = f.address
	if (a.Cert == "") != (a.Key == "") {
		return usagef("--nats-cert and --nats-key go together")
	}
	for name, file := range map[string]string{"--nats-creds": a.Creds, "--nats-ca": a.CA, "--nats-cert": a.Cert, "--nats-key": a.Key} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return usagef("%s %s: cannot be read (%v)", name, file, reason(err))
		}
	}
	if _, _, err := cluster.Embedded(f.address); err != nil {
		return usageError{"--nats " + err.Error()}
	}
	return nil
}

// join has the search's pipelines evaluated by the workers of --nats. An embedded server comes with a worker of --workers
// slots, so that the search gets on while nobody else is there. Leave must be called at the end.
func (f *trainFlags) join(ctx context.Context, note func(string)) (leave func(), err error) {
	leave = func() {}
	if f.nats.address == "" {
		return leave, nil
	}
	if f.opt.Time > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.opt.Time)
		defer cancel()
	}
	access := f.nats.access
	id := cluster.Self(automl.Version)
	if port, embedded, _ := cluster.Embedded(f.nats.address); embedded {
		if access, leave, err = f.embed(port, id, note); err != nil {
			return nil, err
		}
	}
	say := func(text string) { note(text) }
	s, err := cluster.Join(ctx, cluster.SearchConfig{Access: access, Identity: id, Sets: f.opt.FeatureSets, Slots: f.slots, Say: say})
	if err != nil {
		leave()
		return nil, err
	}
	stop := leave
	leave = func() {
		s.Close()
		stop()
	}
	if err := s.Await(ctx); err != nil {
		leave()
		return nil, err
	}
	f.opt.Elsewhere = s
	return leave, nil
}

// embed starts a NATS server in this process, and a worker.
func (f *trainFlags) embed(port int, id cluster.Identity, note func(string)) (access cluster.Access, leave func(), err error) {
	access = f.nats.access
	server, err := cluster.Serve(port, f.nats.store, access)
	if err != nil {
		return access, nil, err
	}
	if access.Server = server; !f.quiet {
		who := "this machine only; set AUTOML_NATS_TOKEN to let workers on others in"
		if server.Open() {
			who = "workers that have its token or password"
		}
		fmt.Fprintf(os.Stderr, "automl: NATS server on port %d, for %s\n", server.Port(), who)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w := cluster.Worker{Access: access, Identity: id, Slots: f.opt.Workers, Memory: f.opt.Memory}
		if err := w.Run(ctx); err != nil {
			note(err.Error())
		}
	}()
	return access, func() {
		cancel()
		<-ended
		_ = server.Close()
	}, nil
}

// workerFlags are the flags of automl worker.
type workerFlags struct {
	nats      natsFlags
	worker    cluster.Worker
	memory    string
	listen    string
	pprof     bool
	logFormat string
}

func workerCommand() *cobra.Command {
	f := &workerFlags{}
	cmd := &cobra.Command{
		Use:     "worker --nats URL",
		Short:   "Evaluate pipelines for searches on other machines",
		Example: "  AUTOML_NATS_TOKEN=… automl worker --nats nats://head:4222",
		Args:    exactly(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context()) },
	}
	f.nats.add(cmd, "NATS server that the searches use, such as nats://HOST:4222 (default $AUTOML_NATS_URL)")
	fl := cmd.Flags()
	fl.IntVar(&f.worker.Slots, "workers", runtime.GOMAXPROCS(0), "pipelines to evaluate at once")
	fl.StringVar(&f.memory, "memory", "", "soft memory limit, such as 2GB (default 80% of the machine's or cgroup's)")
	fl.DurationVar(&f.worker.Grace, "grace", 20*time.Second, "after SIGTERM, time for evaluations under way; then others do them")
	fl.DurationVar(&f.worker.Idle, "idle", 0, "end after that long without work")
	fl.BoolVar(&f.worker.Once, "once", false, "end when the search that was served has ended")
	fl.StringVar(&f.listen, "listen", "", "address such as :9090 for /metrics, /healthz and /readyz")
	fl.BoolVar(&f.pprof, "pprof", false, "also profiles, below /debug/pprof/ at --listen")
	fl.StringVar(&f.logFormat, "log-format", "text", "of the log on standard error: text or json")
	return cmd
}

func (f *workerFlags) check() error {
	if f.nats.address == "" {
		f.nats.address = os.Getenv("AUTOML_NATS_URL")
	}
	if err := f.nats.check(); err != nil {
		return err
	}
	_, embedded, _ := cluster.Embedded(f.nats.address)
	switch {
	case f.nats.address == "" || embedded:
		return usagef("--nats is required: the address of the NATS server, such as nats://HOST:4222 (or set AUTOML_NATS_URL)")
	case f.worker.Slots < 1:
		return usagef("--workers %d: want at least 1", f.worker.Slots)
	case f.worker.Grace < 0 || f.worker.Idle < 0:
		return usagef("--grace and --idle: want a duration such as 20s")
	case f.pprof && f.listen == "":
		return usagef("--pprof: say where by --listen")
	case f.logFormat != "text" && f.logFormat != "json":
		return usagef("--log-format %s: want text or json", f.logFormat)
	}
	limit, err := memoryLimit(f.memory)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(limit)
	f.worker.Memory = min(limit/8, 512<<20)
	return nil
}

func (f *workerFlags) run(ctx context.Context) error {
	if err := f.check(); err != nil {
		return err
	}
	w := &f.worker
	w.Access, w.Identity = f.nats.access, cluster.Self(automl.Version)
	w.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	if f.logFormat == "json" {
		w.Log = slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	if f.listen != "" {
		stop, err := observe(f.listen, f.pprof, w)
		if err != nil {
			return err
		}
		defer stop()
	}
	err := w.Run(ctx)
	if ctx.Err() != nil && !errors.Is(err, cluster.ErrRefused) {
		return nil // asked to end
	}
	return err
}
