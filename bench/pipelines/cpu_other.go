//go:build !unix

package main

import "time"

var began = time.Now()

// cpu is wall time where the system does not tell CPU time the same way: use a quiet machine.
func cpu() float64 { return time.Since(began).Seconds() }
