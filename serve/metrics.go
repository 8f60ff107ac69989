package serve

import "time"

// Metrics counts what the service does.
type Metrics struct{}

func (m *Metrics) request(method, path string, status int, took time.Duration) {}
