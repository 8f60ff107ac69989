package serve

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Users are the names and passwords that are let in.
type Users map[string][sha256.Size]byte

// ReadUsers reads lines of the form name:password; empty lines and lines that begin with # are skipped.
func ReadUsers(r io.Reader) (Users, error) {
	out := Users{}
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		text := strings.TrimRight(sc.Text(), "\r")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, password, ok := strings.Cut(text, ":")
		if !ok || name == "" || password == "" {
			return nil, fmt.Errorf("line %d of the users is not of the form name:password", n)
		}
		out[name] = sha256.Sum256([]byte(password))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no users are named")
	}
	return out, sc.Err()
}

// allow reports whether the request comes from a user. It takes the same time for a wrong name as for a wrong password.
func (u Users) allow(r *http.Request) (name string, ok bool) {
	if u == nil {
		return "", true
	}
	name, password, given := r.BasicAuth()
	want, known := u[name]
	got := sha256.Sum256([]byte(password))
	same := subtle.ConstantTimeCompare(got[:], want[:]) == 1
	if !given || !known || !same {
		return "", false
	}
	return name, true
}
