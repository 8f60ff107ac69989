package mip

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/internal/pgtest"
)

// server is a PostgreSQL server of the tests' own, started when first needed.
var server = pgtest.Server{Password: secret, Prepare: func(dir string) ([]string, error) {
	return []string{"ssl=on", "ssl_cert_file=" + dir + "/tls.crt", "ssl_key_file=" + dir + "/tls.key"}, certificate(dir)
}}

func TestMain(m *testing.M) {
	status := m.Run()
	server.Stop()
	os.Exit(status)
}

const secret = "pass'word\\with blanks"

// database makes an empty database for one test.
func database(t *testing.T) Database {
	t.Helper()
	port, why := server.Start()
	if port == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
		t.Skip("no PostgreSQL server: " + why)
	}
	d := Database{Host: "127.0.0.1", Port: port, Name: "postgres", User: "postgres", Password: secret, SSLMode: "disable"}
	name := fmt.Sprintf("t%d", time.Now().UnixNano())
	execute(t, d, "CREATE DATABASE "+name)
	d.Name = name
	return d
}

func execute(t *testing.T, d Database, statements ...string) {
	t.Helper()
	conn, err := d.connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
	}
}

// The three generations of the results' table.
var generations = map[string][]string{
	"2017": {`CREATE TABLE job_result (job_id varchar(128) NOT NULL, node varchar(32) NOT NULL, timestamp timestamp DEFAULT current_timestamp,
		data text, error varchar(256), shape varchar(256), function varchar(256), PRIMARY KEY (job_id, node))`},
	"2018": {`CREATE TABLE job_result (job_id varchar(128) NOT NULL, node varchar(32) NOT NULL, timestamp timestamp DEFAULT current_timestamp,
		data text, error text, shape varchar(256), function varchar(256), parameters jsonb, PRIMARY KEY (job_id, node))`},
	"2019": {`CREATE TABLE job_result (job_id varchar(128) NOT NULL, node varchar(32) NOT NULL, timestamp timestamp DEFAULT current_timestamp,
		data text, error text, shape varchar(256) NOT NULL, function varchar(256), parameters jsonb, result_name varchar(32) NOT NULL DEFAULT '',
		result_title varchar(256), PRIMARY KEY (job_id, shape, result_name, node))`},
}

// features is a small table of patients with all that databases do: padding, NULL, numeric, codes that are numbers.
func features(t *testing.T, d Database, rows int) {
	t.Helper()
	execute(t, d, `CREATE TABLE patients (id serial PRIMARY KEY, subject char(20), age int, volume numeric, score double precision, gender char(2), site varchar(40),
		apoe4 int, smoker boolean, seen date, nothing numeric, constant int, diagnosis varchar(20), cognition numeric(8,3), notes jsonb)`,
		fmt.Sprintf(`INSERT INTO patients (subject, age, volume, score, gender, site, apoe4, smoker, seen, constant, diagnosis, cognition, notes)
		SELECT 'S' || i, 50 + i %% 40, CASE WHEN i %% 7 = 0 THEN NULL ELSE 2 + (i %% 13) * 0.1 + (CASE i %% 3 WHEN 0 THEN 0.7 ELSE 0 END) END, sin(i),
			CASE WHEN i %% 2 = 0 THEN 'M' ELSE 'F' END, CASE WHEN i %% 50 = 0 THEN 'rare' WHEN i %% 5 < 2 THEN 'north' WHEN i %% 5 < 4 THEN 'south "é"' ELSE NULL END,
			i %% 3, i %% 4 = 0, date '2010-01-01' + i, 1,
			CASE i %% 3 WHEN 0 THEN 'AD' WHEN 1 THEN 'CN' ELSE CASE WHEN i %% 20 = 2 THEN NULL ELSE 'Other' END END, 10 + 2 * (i %% 3) + sin(i) + (i %% 40) * 0.05, '{}'
		FROM generate_series(1, %d) AS i`, rows))
}

// row is a row of job_result.
type row struct{ shape, data, err, function, parameters string }

func rows(t *testing.T, d Database, id string) []row {
	t.Helper()
	conn, err := d.connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	q, err := conn.Query(context.Background(), "SELECT to_jsonb(j) ->> 'shape', coalesce(data, ''), coalesce(error, ''), function, coalesce(to_jsonb(j) ->> 'parameters', '') FROM job_result j WHERE job_id = $1", id)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(q, func(r pgx.CollectableRow) (v row, err error) {
		return v, r.Scan(&v.shape, &v.data, &v.err, &v.function, &v.parameters)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// modern is the environment as Woken sends it since 2019.
func modern(d Database, more ...string) []string {
	env := []string{"JOB_ID=3fa8-1", "NODE=here", "FUNCTION=automl", "MODEL_PARAM_evaluations=4", "MODEL_PARAM_seed=3",
		"PARAM_grouping=", "PARAM_variables=diagnosis", "PARAM_covariables=age,volume,score,gender,site,apoe4,smoker,nothing,constant",
		`PARAM_query=SELECT "diagnosis","age","volume","score","gender","site","apoe4","smoker","nothing","constant" FROM "patients" WHERE "diagnosis" IS NOT NULL`,
		`PARAM_meta={"diagnosis":{"code":"diagnosis","label":"D","type":"polynominal","enumerations":[{"code":"AD","label":"A"},{"code":"CN","label":"C"},{"code":"Other","label":"O"}]},` +
			`"apoe4":{"code":"apoe4","type":"polynominal","sql_type":"int","enumerations":[{"code":0,"label":0},{"code":1,"label":1},{"code":2,"label":2}]},"age":{}}`,
	}
	if testing.Short() { // the race detector makes minutes of what searches do inside operators
		env = append(env, "MODEL_PARAM_config=fast")
	}
	for _, side := range []string{"IN_", "OUT_"} {
		env = append(env, side+"JDBC_URL=jdbc:postgresql://elsewhere:1/none", side+"HOST="+d.Host, side+"PORT="+d.Port, side+"DATABASE="+d.Name, side+"USER="+d.User,
			side+"PASSWORD="+d.Password, side+"SSLMODE=disable")
	}
	return append(env, more...)
}

// old is the environment of 2017.
func old(d Database, more ...string) []string {
	env := slices.DeleteFunc(modern(d), func(v string) bool {
		return strings.HasPrefix(v, "IN_") || strings.HasPrefix(v, "OUT_") || strings.HasPrefix(v, "MODEL_PARAM_")
	})
	for _, side := range []string{"IN_", "OUT_"} {
		env = append(env, side+"JDBC_DRIVER=org.postgresql.Driver", side+"JDBC_JAR_PATH=/usr/lib/R/libraries/postgresql-9.4-1201.jdbc41.jar",
			side+"JDBC_URL=jdbc:postgresql://"+d.Host+":"+d.Port+"/"+d.Name, side+"JDBC_USER="+d.User, side+"JDBC_PASSWORD="+d.Password)
	}
	if testing.Short() {
		env = append(env, "PARAM_MODEL_config=fast")
	}
	return append(append(env, "PARAM_MODEL_evaluations=4", "PARAM_MODEL_seed=3"), more...)
}

// job makes a job of an environment; what it logs goes to the second result.
func job(env []string) (*Job, *bytes.Buffer) {
	var log bytes.Buffer
	return &Job{Settings: ParseEnvironment(env).Settings(), Log: slog.New(slog.NewTextHandler(&log, nil)), Started: time.Now()}, &log
}
