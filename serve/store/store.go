// Package store keeps small values by key, in transactions that follow one another: in a file of its own, or in a table of
// a PostgreSQL database that several services share. What the values mean is the users' business.
package store

import "context"

// Tx is one transaction. It must not be used after the function that it was given to has returned.
type Tx interface {
	// Scan calls f for the keys that begin with prefix, in their order, until f returns false. Values are f's to keep.
	// F must not write.
	Scan(prefix string, f func(key string, value []byte) bool) error
	// Put sets a value; nil removes the key.
	Put(key string, value []byte) error
}

// Store runs transactions. A function that returns an error leaves nothing behind.
type Store interface {
	Read(ctx context.Context, f func(Tx) error) error
	// Write runs f, perhaps more than once, of which the last time counts. It runs alone: no other transaction that writes, of any process, overlaps. When it returns nil, what f wrote
	// survives the end of the process and of the machine.
	Write(ctx context.Context, f func(Tx) error) error
}

// Get returns the value of a key, nil if there is none.
func Get(tx Tx, key string) (value []byte, err error) {
	err = tx.Scan(key, func(k string, v []byte) bool {
		if k == key {
			value = v
		}
		return false // the key itself comes first
	})
	return value, err
}
