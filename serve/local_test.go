package serve

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A service without passwords answers to the names of the loopback only; one that others may reach answers to any.
func TestLocal(t *testing.T) {
	for _, c := range []struct {
		host  string
		local int
	}{
		{"127.0.0.1:8080", 200}, {"localhost:8080", 200}, {"localhost", 200}, {"[::1]:8080", 200}, {"[::1]", 200}, {"127.0.0.2", 200},
		{"evil.example:8080", 403}, {"localhost.evil.example", 403}, {"10.0.0.1:8080", 403}, {"", 403}, {"[::1].evil.example:80", 403},
	} {
		for _, local := range []bool{true, false} {
			s := New(Config{Local: local, Log: slog.New(slog.DiscardHandler)})
			r := httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil)
			r.Host = c.host
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			want := 200
			if local {
				want = c.local
			}
			if w.Code != want {
				t.Errorf("host %q, local %v: %d, want %d", c.host, local, w.Code, want)
			}
			if w.Header().Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("host %q: other sites may embed the answer", c.host)
			}
		}
	}
}
