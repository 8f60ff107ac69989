package mip

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
)

// modelTable holds models where train and test do not share a volume: they may then run on different machines.
const modelTable = `CREATE TABLE IF NOT EXISTS automl_model (
	job_id varchar(128) NOT NULL, node varchar(32) NOT NULL, created timestamp NOT NULL DEFAULT current_timestamp, model bytea NOT NULL,
	PRIMARY KEY (job_id, node))`

// storeModel keeps the model of this job in the database of results.
func (s *Settings) storeModel(ctx context.Context, model []byte) error {
	if s.JobID == "" {
		return badData("A model in the database needs a JOB_ID.")
	}
	conn, err := s.Out.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, modelTable); err != nil {
		return fmt.Errorf("the %s has no table automl_model, and it cannot be made: %s", s.Out, reason(err))
	}
	_, err = conn.Exec(ctx, `INSERT INTO automl_model (job_id, node, model) VALUES ($1, $2, $3)
		ON CONFLICT (job_id, node) DO UPDATE SET model = excluded.model, created = current_timestamp`, s.JobID, s.Node, model)
	if err != nil {
		return fmt.Errorf("the model cannot be stored in the %s: %s", s.Out, reason(err))
	}
	return nil
}

// loadModel reads the model of a job.
func (s *Settings) loadModel(ctx context.Context, id string) ([]byte, error) {
	conn, err := s.Out.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var model []byte
	err = conn.QueryRow(ctx, "SELECT model FROM automl_model WHERE job_id = $1 ORDER BY node = $2 DESC, created DESC LIMIT 1", id, s.Node).Scan(&model)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, badData("There is no model of job %s in the %s.", id, s.Out)
	}
	if err != nil {
		return nil, fmt.Errorf("the model of job %s cannot be read from the %s: %s", id, s.Out, reason(err))
	}
	return model, nil
}

func removeFile(path string) { _ = os.Remove(path) }

// IsDataError reports whether a step failed for what it was given rather than for how it works.
func IsDataError(err error) bool {
	var bad dataError
	return errors.As(err, &bad) || errors.Is(err, errTooMuch)
}
