package mip

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl/internal/pgtest"
)

// certificate makes a certificate for 127.0.0.1 that the server owns.
func certificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "automl test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "PRIVATE KEY", Bytes: private}} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		if err := pgtest.Own(path); err != nil {
			return err
		}
	}
	return nil
}

func TestTLS(t *testing.T) {
	d := database(t)
	authority := filepath.Join(t.TempDir(), "root.crt")
	data, err := os.ReadFile(filepath.Join(server.Dir(), "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(authority, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ mode, root, fails string }{
		{"disable", "", ""}, {"", "", ""}, {"require", "", ""}, {"verify-full", authority, ""}, {"verify-full", "", "certificate"},
		{"verify-ca", "/nowhere", "cannot be used"}, {"sometimes", "", "cannot be used"},
	} {
		d.SSLMode, d.SSLRootCert = c.mode, c.root
		conn, err := d.connect(context.Background())
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) || strings.Contains(err.Error(), secret) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var encrypted bool
		if err := conn.QueryRow(context.Background(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&encrypted); err != nil || encrypted == (c.mode == "disable") {
			t.Errorf("%+v: encrypted %v, %v", c, encrypted, err)
		}
		conn.Close(context.Background())
	}
}

func TestJDBC(t *testing.T) {
	for text, want := range map[string]Database{
		"jdbc:postgresql://db:5433/features":                                                  {Host: "db", Port: "5433", Name: "features"},
		"jdbc:postgresql://db/f?ssl=true":                                                     {Host: "db", Name: "f", SSLMode: "verify-full"},
		"jdbc:postgresql://db/f?ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory":  {Host: "db", Name: "f", SSLMode: "require"},
		"jdbc:postgresql://[::1]:1/f?user=u&password=p%26q&currentSchema=mip&sslmode=require": {Host: "::1", Port: "1", Name: "f", User: "u", Password: "p&q", Schema: "mip", SSLMode: "require"},
		"jdbc:mysql://db/f": {}, "db:5432": {},
	} {
		if got, _ := parseJDBC(text); got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
