//go:build race

package operatortest

import "time"

const cancelLimit = 2 * time.Second
