//go:build !race

package operatortest

import "time"

const cancelLimit = 250 * time.Millisecond // 100 ms is the aim; the rest is the noise of a busy machine
