package kernel

// Pause lets a few dozen cycles pass without using the processor's units: the body of a loop that waits for another
// thread.
func Pause() { pause() }
