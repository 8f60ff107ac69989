package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a store in a table of a database that any number of processes share.
type Postgres struct {
	config *pgx.ConnConfig
	table  string         // quoted
	idle   chan *pgx.Conn // connections to use again
	slots  chan struct{}  // as many as may be open
}

const connections = 4

// OpenPostgres makes the table if it does not exist. Table may name a schema before a point.
func OpenPostgres(ctx context.Context, config *pgx.ConnConfig, table ...string) (*Postgres, error) {
	p := &Postgres{config: config, table: pgx.Identifier(table).Sanitize(), idle: make(chan *pgx.Conn, connections), slots: make(chan struct{}, connections)}
	err := p.Write(ctx, func(tx Tx) error {
		_, err := tx.(*postgresTx).tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+p.table+` (key text COLLATE "C" PRIMARY KEY, value bytea NOT NULL)`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the store in PostgreSQL: %w", err)
	}
	return p, nil
}

// Close closes what is not in use.
func (p *Postgres) Close() error {
	var err error
	for {
		select {
		case c := <-p.idle:
			err = errors.Join(err, c.Close(context.Background()))
		default:
			return err
		}
	}
}

// Read implements [Store].
func (p *Postgres) Read(ctx context.Context, f func(Tx) error) error {
	return p.run(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, f)
}

// Write implements [Store]. Writers wait for one another by an advisory lock that ends with the transaction.
func (p *Postgres) Write(ctx context.Context, f func(Tx) error) error {
	return p.run(ctx, pgx.TxOptions{}, func(tx Tx) error {
		if _, err := tx.(*postgresTx).tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "automl store "+p.table); err != nil {
			return err
		}
		return f(tx)
	})
}

// run gives f a transaction on a connection of the pool. One that fails is not used again.
func (p *Postgres) run(ctx context.Context, opt pgx.TxOptions, f func(Tx) error) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	conn, err := p.connection(ctx)
	if err != nil {
		return err
	}
	err = pgx.BeginTxFunc(ctx, conn, opt, func(tx pgx.Tx) error { return f(&postgresTx{ctx, tx, p.table}) })
	if conn.IsClosed() || ctx.Err() != nil {
		p.discard(conn)
		return err
	}
	select {
	case p.idle <- conn:
	default:
		p.discard(conn)
	}
	return err
}

func (p *Postgres) connection(ctx context.Context) (*pgx.Conn, error) {
	for {
		select {
		case c := <-p.idle:
			if !c.IsClosed() && c.Ping(ctx) == nil {
				return c, nil
			}
			p.discard(c)
		default:
			return pgx.ConnectConfig(ctx, p.config)
		}
	}
}

func (p *Postgres) discard(c *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx)
}

type postgresTx struct {
	ctx   context.Context
	tx    pgx.Tx
	table string
}

// page bounds the rows that are in memory at a time.
const page = 500

func (t *postgresTx) Scan(prefix string, f func(string, []byte) bool) error {
	from, inclusive, n := prefix, true, 1 // most scans want one key, or a few
	for {
		keys, values, err := t.page(prefix, from, inclusive, n)
		if err != nil {
			return err
		}
		for i, k := range keys {
			if !f(k, values[i]) {
				return nil
			}
		}
		if len(keys) < n {
			return nil
		}
		from, inclusive, n = keys[len(keys)-1], false, page
	}
}

func (t *postgresTx) page(prefix, from string, inclusive bool, n int) (keys []string, values [][]byte, err error) {
	op := ">"
	if inclusive {
		op = ">="
	}
	rows, err := t.tx.Query(t.ctx, "SELECT key, value FROM "+t.table+" WHERE key "+op+` $1 AND starts_with(key, $2) AND key < $3 ORDER BY key LIMIT $4`,
		from, prefix, prefix+"\U0010ffff", n)
	if err != nil {
		return nil, nil, err
	}
	var k string
	var v []byte
	_, err = pgx.ForEachRow(rows, []any{&k, &v}, func() error {
		keys, values = append(keys, k), append(values, v)
		v = nil
		return nil
	})
	return keys, values, err
}

func (t *postgresTx) Put(key string, value []byte) error {
	if value == nil {
		_, err := t.tx.Exec(t.ctx, "DELETE FROM "+t.table+" WHERE key = $1", key)
		return err
	}
	_, err := t.tx.Exec(t.ctx, "INSERT INTO "+t.table+" (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}
