package serve

import (
	"context"
	"time"

	"github.com/lren-chuv/automl/serve/work"
)

// Sweep removes, now and every ten minutes, jobs that ended and tables that were uploaded longer ago than keep, until ctx ends. A
// table of a job that is kept stays. With keep 0 only what cut-off uploads have left is removed.
func (c *Config) Sweep(ctx context.Context, keep time.Duration) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		c.Source.Uploads.Clean(time.Now().Add(-time.Hour))
		if keep > 0 {
			if err := c.sweep(ctx, time.Now().Add(-keep)); err != nil && ctx.Err() == nil {
				c.Log.Error("what is old cannot be removed", "reason", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (c *Config) sweep(ctx context.Context, before time.Time) error {
	needed := map[string]bool{}
	jobs, _, err := c.Queue.List(ctx, "", 1<<30)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if !j.State.Ended() || j.Changes[len(j.Changes)-1].At.After(before) {
			if spec, err := specOf(j); err == nil {
				needed[spec.Table] = true
			}
			continue
		}
		files, err := work.FilesOf(c.Worker.Dir, j.ID)
		if err != nil {
			return err
		}
		if err := c.Queue.Delete(ctx, j.ID); err != nil {
			return err
		}
		if err := files.Remove(); err != nil {
			return err
		}
		c.Log.Info("removed", "job", j.ID)
	}
	tables, err := c.Source.Uploads.List()
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.Created.Before(before) && !needed[t.ID] {
			if err := c.Source.Uploads.Remove(t.ID); err != nil {
				return err
			}
			c.Log.Info("removed", "table", t.ID)
		}
	}
	return nil
}
