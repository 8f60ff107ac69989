package serve

import "net"

// loopback reports whether a request's host is a name of this machine for itself. A page whose own name was made to point here
// (DNS rebinding) sends that name, and looks to the browser as if it came from here.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
