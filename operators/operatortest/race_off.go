//go:build !race

package operatortest

import "time"

const cancelLimit = 100 * time.Millisecond
