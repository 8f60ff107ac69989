package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is a NATS server inside this process.
type Server struct {
	server *server.Server
	dir    string // to remove at the end, if it was made for this server
}

// Serve starts a server on a port, 0 for any that is free, which keeps what it has to remember in dir; without a dir, in
// a temporary one that goes with the server. Without a user or token in access it can be reached from this machine only,
// as everybody is let in. With a certificate, it speaks TLS, and with certificates to trust it asks its clients for theirs.
func Serve(port int, dir string, access Access) (*Server, error) {
	s := &Server{}
	if dir == "" {
		tmp, err := os.MkdirTemp("", "automl-nats-")
		if err != nil {
			return nil, err
		}
		s.dir, dir = tmp, tmp
	}
	opts := &server.Options{ServerName: "automl", Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true,
		Username: access.User, Password: access.Password, Authorization: access.Token, DisableShortFirstPing: true}
	if port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	if access.User != "" || access.Token != "" {
		opts.Host = "0.0.0.0"
	}
	if access.Cert != "" {
		var err error
		if opts.TLSConfig, err = serverTLS(access); err != nil {
			return nil, errors.Join(err, s.clean())
		}
		opts.TLS, opts.TLSTimeout = true, 5
	}
	var err error
	if s.server, err = server.NewServer(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("NATS server: %w", err), s.clean())
	}
	s.server.Start()
	if !s.server.ReadyForConnections(20 * time.Second) {
		s.server.Shutdown()
		return nil, errors.Join(fmt.Errorf("NATS server: port %d cannot be listened on, or %s cannot be written: give another port or folder", port, dir), s.clean())
	}
	return s, nil
}

func serverTLS(a Access) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(a.Cert, a.Key)
	if err != nil {
		return nil, fmt.Errorf("NATS server: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if a.CA != "" {
		pem, err := os.ReadFile(a.CA)
		if err != nil {
			return nil, err
		}
		c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificates", a.CA)
		}
	}
	return c, nil
}

// Port is the one that the server listens on.
func (s *Server) Port() int { return s.server.Addr().(*net.TCPAddr).Port }

// Open reports whether other machines can reach the server.
func (s *Server) Open() bool { return !s.server.Addr().(*net.TCPAddr).IP.IsLoopback() }

// Close stops the server.
func (s *Server) Close() error {
	s.server.Shutdown()
	s.server.WaitForShutdown()
	return s.clean()
}

func (s *Server) clean() error {
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}

// Embedded reads embedded:PORT; ok is false for any other address.
func Embedded(address string) (port int, ok bool, err error) {
	text, ok := strings.CutPrefix(address, "embedded:")
	if !ok {
		return 0, address == "embedded", nil
	}
	port, err = strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return 0, true, fmt.Errorf("%s: want embedded:PORT with a port between 0 (any that is free) and 65535", address)
	}
	return port, true, nil
}
