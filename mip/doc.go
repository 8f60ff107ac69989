// Package mip is the algorithm container of the Medical Informatics Platform: what it is told by environment variables
// and files, how it reads patients' features from PostgreSQL, and where its answer goes.
//
// Compute is the one-shot algorithm that Woken starts: one query in, exactly one row of job_result out. Train and Test
// are the two interactive steps with a volume, or the database, between them. Definitions of both for Chronos,
// Kubernetes and Slurm stand beside them.
//
// Nothing but counts and names of columns is logged, and passwords appear nowhere.
package mip
