//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpu is what the whole process has used so far, garbage collector included.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
