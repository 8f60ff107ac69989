package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/cluster"
)

// patience is how long a search of the service waits for workers before it goes on alone.
const patience = 10 * time.Second

// joined lets searches of the service be evaluated by the workers of --nats ($AUTOML_NATS), nil without an address. While no worker, or no
// NATS, is there, a search goes on in this process.
func (f *serveFlags) joined(log *slog.Logger) (func(context.Context, *automl.Options) (func(), error), error) {
	if f.nats.address == "" {
		f.nats.address = os.Getenv("AUTOML_NATS")
	}
	if f.nats.address == "" {
		return nil, nil
	}
	if err := f.nats.check(); err != nil {
		return nil, err
	}
	if _, embedded, _ := cluster.Embedded(f.nats.address); embedded {
		return nil, usagef("--nats %s: the service wants a NATS server of its own, such as nats://nats:4222", f.nats.address)
	}
	return func(ctx context.Context, o *automl.Options) (func(), error) {
		waiting, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		s, err := cluster.Join(waiting, cluster.SearchConfig{Access: f.nats.access, Identity: cluster.Self(automl.Version), Sets: o.FeatureSets,
			Say: func(text string) { log.Info("nats", "text", text) }})
		if err == nil {
			if err = s.Await(waiting); err != nil {
				s.Close()
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil, errors.Join(err, context.Cause(ctx))
		case err != nil:
			log.Warn("no worker is there; the search runs in this process", "reason", err.Error())
			return func() {}, nil
		}
		o.Elsewhere = s
		return func() { s.Close() }, nil
	}, nil
}
