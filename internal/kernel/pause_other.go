//go:build !amd64

package kernel

// pause counts to a few dozen.
//
//go:noinline
func pause() {
	for i := 0; i < 50; i++ {
	}
}
