package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bolt is a store in one file, which one process has at a time.
type Bolt struct{ db *bbolt.DB }

var bucket = []byte("automl")

// OpenBolt opens the file, or makes it. While another process has it, OpenBolt waits for a moment, then gives up.
func OpenBolt(path string) (*Bolt, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 3 * time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another process: give this one another folder, or a PostgreSQL store", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.MaxBatchDelay = 2 * time.Millisecond
	return &Bolt{db}, nil
}

// Close gives the file free.
func (b *Bolt) Close() error { return b.db.Close() }

// Read implements [Store].
func (b *Bolt) Read(_ context.Context, f func(Tx) error) error {
	return b.db.View(func(tx *bbolt.Tx) error { return f(boltTx{tx.Bucket(bucket)}) })
}

// Write implements [Store]. What many write at the same time goes to the disk together.
func (b *Bolt) Write(ctx context.Context, f func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.db.Batch(func(tx *bbolt.Tx) error { return f(boltTx{tx.Bucket(bucket)}) })
}

type boltTx struct{ b *bbolt.Bucket }

func (t boltTx) Scan(prefix string, f func(string, []byte) bool) error {
	p := []byte(prefix)
	c := t.b.Cursor()
	for k, v := c.Seek(p); k != nil && bytes.HasPrefix(k, p); k, v = c.Next() {
		if !f(string(k), bytes.Clone(v)) {
			break
		}
	}
	return nil
}

func (t boltTx) Put(key string, value []byte) error {
	if value == nil {
		return t.b.Delete([]byte(key))
	}
	return t.b.Put([]byte(key), value)
}
