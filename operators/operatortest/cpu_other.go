//go:build !unix

package operatortest

import "time"

var began = time.Now()

// processorTime is wall time where the system does not tell processor time the same way.
func processorTime() time.Duration { return time.Since(began) }
