package mip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Database is where a PostgreSQL database is and how to log in.
type Database struct {
	Host, Port, Name, User, Password string
	Schema                           string // searched first; "" for the database's own
	SSLMode, SSLRootCert             string // as libpq has them; default prefer
}

// database reads IN_ or OUT_ variables: explicit ones, then the DB_ spelling, then the parts of the JDBC address.
func (e Environment) database(side string) Database {
	jdbc, _ := parseJDBC(e.first(side + "JDBC_URL"))
	name := func(names ...string) string {
		for i, n := range names {
			names[i] = side + n
		}
		return e.first(names...)
	}
	d := Database{
		Host: cmp.Or(name("HOST", "DB_HOST", "DBI_HOST"), jdbc.Host), Port: cmp.Or(name("PORT", "DB_PORT", "DBI_PORT"), jdbc.Port),
		Name: cmp.Or(name("DATABASE", "DB_NAME", "DBI_DBNAME"), jdbc.Name), User: cmp.Or(name("USER", "DB_USER", "DBI_USER", "JDBC_USER"), jdbc.User),
		Schema: cmp.Or(name("SCHEMA"), jdbc.Schema), SSLMode: cmp.Or(name("SSLMODE"), jdbc.SSLMode), SSLRootCert: cmp.Or(name("SSLROOTCERT"), jdbc.SSLRootCert),
	}
	for _, n := range []string{"PASSWORD", "DB_PASSWORD", "DBI_PASSWORD", "JDBC_PASSWORD"} {
		if d.Password = e[side+n]; d.Password != "" { // blanks may belong to it
			break
		}
	}
	d.Password = cmp.Or(d.Password, jdbc.Password)
	return d
}

// parseJDBC takes an address such as jdbc:postgresql://db:5432/features?ssl=true apart.
func parseJDBC(text string) (Database, error) {
	var d Database
	if text == "" {
		return d, nil
	}
	u, err := url.Parse(strings.TrimPrefix(text, "jdbc:"))
	if err != nil || u.Scheme != "postgresql" && u.Scheme != "postgres" {
		return d, errors.New("the JDBC address is not of the form jdbc:postgresql://host:port/database")
	}
	q := u.Query()
	d = Database{Host: u.Hostname(), Port: u.Port(), Name: strings.TrimPrefix(u.Path, "/"), User: q.Get("user"), Password: q.Get("password"),
		Schema: q.Get("currentSchema"), SSLMode: q.Get("sslmode"), SSLRootCert: q.Get("sslrootcert")}
	if u.User != nil {
		d.User = u.User.Username()
		d.Password, _ = u.User.Password()
	}
	if ssl, set := q["ssl"]; set && d.SSLMode == "" && ssl[0] != "false" {
		d.SSLMode = "verify-full"
		if q.Get("sslfactory") == "org.postgresql.ssl.NonValidatingFactory" {
			d.SSLMode = "require"
		}
	}
	return d, nil
}

// String names the database without its secrets.
func (d Database) String() string {
	return fmt.Sprintf("database %q at %s:%s", d.Name, cmp.Or(d.Host, "?"), cmp.Or(d.Port, "5432"))
}

// Set reports whether anything is known of the database.
func (d Database) Set() bool { return d.Host != "" }

const connectTimeout = 20 * time.Second

func (d Database) config() (*pgx.ConnConfig, error) {
	if !d.Set() {
		return nil, errors.New("no database host is given: set IN_HOST and OUT_HOST, or IN_JDBC_URL and OUT_JDBC_URL")
	}
	if port := cmp.Or(d.Port, "5432"); true {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("the port %q of the %s is none", port, d)
		}
	}
	quote := func(v string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
	}
	dsn := fmt.Sprintf("host=%s port=%s dbname=%s user=%s password=%s sslmode=%s", quote(d.Host), quote(cmp.Or(d.Port, "5432")), quote(d.Name),
		quote(d.User), quote(d.Password), quote(cmp.Or(d.SSLMode, "prefer")))
	if d.SSLRootCert != "" {
		dsn += " sslrootcert=" + quote(d.SSLRootCert)
	}
	c, err := pgx.ParseConfig(dsn)
	if err != nil { // it may quote the password
		return nil, fmt.Errorf("the address of the %s cannot be used: is its SSL mode one of disable, prefer, require, verify-ca and verify-full, and the root certificate readable?", d)
	}
	c.ConnectTimeout = connectTimeout
	c.RuntimeParams["application_name"] = "automl"
	if d.Schema != "" {
		c.RuntimeParams["search_path"] = pgx.Identifier{d.Schema}.Sanitize()
	}
	return c, nil
}

// Config is the configuration of a connection to the database.
func (d Database) Config() (*pgx.ConnConfig, error) { return d.config() }

// Connect opens one connection. What the error says holds no secrets.
func (d Database) Connect(ctx context.Context) (*pgx.Conn, error) { return d.connect(ctx) }

// ParseDatabase takes an address such as postgres://user:password@host:5432/features?sslmode=require apart.
func ParseDatabase(address string) (Database, error) {
	d, err := parseJDBC(address)
	if err != nil || !d.Set() {
		return d, errors.New("the address of the database is not of the form postgres://user:password@host:port/database")
	}
	return d, nil
}

// connect opens one connection.
func (d Database) connect(ctx context.Context) (*pgx.Conn, error) {
	c, err := d.config()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to the %s: %s", d, reason(err))
	}
	return conn, nil
}

// reason is what the server, or the network, says, without values of the data.
func reason(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		if strings.HasPrefix(server.Code, "22") { // what is wrong with a value; the value itself is a patient's
			message, _, _ := strings.Cut(server.Message, `: "`)
			return message
		}
		return server.Message
	}
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
