package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lren-chuv/automl/internal/wire"
)

// Access says where the NATS server is and how to be let in. It is never written to a log.
type Access struct {
	URL            string // one or several, separated by commas
	User, Password string
	Token          string
	Creds          string // file of a JWT and its seed
	CA             string // file of certificates to trust, default the system's
	Cert, Key      string // files of the own certificate, if the server wants one
	Server         *Server
}

const (
	tasksStream   = "AUTOML_TASKS"
	resultsStream = "AUTOML_RESULTS"
	dataBucket    = "AUTOML_DATA"

	keptFor    = 7 * 24 * time.Hour // of what a search that died has left behind
	duplicates = 5 * time.Minute    // within which a message that is sent twice is stored once
	ackWait    = 3 * time.Second    // after which the tasks of a silent worker go to others
	hello      = 3 * time.Second    // between two signs of life
	gone       = 4 * hello          // of silence, and somebody is no longer counted
	poll       = 2 * time.Second    // that one request for messages stands
)

// errShut is the error when the server lets nobody in any more who was let in before.
var errShut = errors.New("NATS has closed the connection for good")

// link is a connection with what this package needs of it.
type link struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	data jetstream.ObjectStore
	keep jetstream.StorageType // of tasks and results
}

// Redact is the address without user and password.
func Redact(address string) string {
	parts := strings.Split(address, ",")
	for i, p := range parts {
		if u, err := url.Parse(p); err == nil && u.User != nil {
			u.User = nil
			parts[i] = u.String()
		} else if at := strings.LastIndexByte(p, '@'); at >= 0 {
			parts[i] = p[at+1:]
		}
	}
	return strings.Join(parts, ",")
}

func (a Access) options(name string) []nats.Option {
	opts := []nats.Option{nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 500*time.Millisecond), nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(3),
		nats.Timeout(5 * time.Second), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})} // requests report their own
	if a.User != "" {
		opts = append(opts, nats.UserInfo(a.User, a.Password))
	}
	if a.Token != "" {
		opts = append(opts, nats.Token(a.Token))
	}
	if a.Creds != "" {
		opts = append(opts, nats.UserCredentials(a.Creds))
	}
	if a.Server != nil { // nothing leaves the process
		return append(opts, nats.InProcessServer(a.Server.server))
	}
	if a.CA != "" {
		opts = append(opts, nats.RootCAs(a.CA))
	}
	if a.Cert != "" {
		opts = append(opts, nats.ClientCert(a.Cert, a.Key))
	}
	if a.CA != "" || a.Cert != "" {
		opts = append(opts, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12}))
	}
	return opts
}

// storage is where tasks and results are kept: on the disk, unless they would not outlive the server in this process anyway.
func (a Access) storage() jetstream.StorageType {
	if a.Server != nil && a.Server.dir != "" {
		return jetstream.MemoryStorage
	}
	return jetstream.FileStorage
}

// dial connects and makes sure that streams and stores are there. It keeps trying until ctx is done if the server cannot
// be reached; who is not let in learns it at once.
func (a Access) dial(ctx context.Context, name string, say func(string)) (*link, error) {
	for said := false; ; {
		nc, err := nats.Connect(a.URL, a.options(name)...)
		if err == nil {
			l := &link{nc: nc, keep: a.storage()}
			if l.js, err = jetstream.New(nc); err == nil {
				if err = l.ensure(ctx); err == nil {
					return l, nil
				}
			}
			nc.Close()
		}
		if !transient(err) || a.Server != nil {
			return nil, fmt.Errorf("NATS at %s: %w", Redact(a.URL), err)
		}
		if !said {
			say(fmt.Sprintf("NATS at %s: %v; trying again", Redact(a.URL), err))
			said = true
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("NATS at %s: %w", Redact(a.URL), err)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// transient reports whether trying again may help.
func transient(err error) bool {
	for _, e := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrSecureConnRequired, nats.ErrSecureConnWanted, nats.ErrBadTimeout,
		jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount} {
		if errors.Is(err, e) {
			return false
		}
	}
	var certificate *tls.CertificateVerificationError
	return !errors.As(err, &certificate) && !strings.Contains(err.Error(), "no such file") && !strings.Contains(err.Error(), "parse")
}

// ensure makes the streams and the store if they are not there, for instance since the server was replaced.
func (l *link) ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for name, subject := range map[string]string{tasksStream: "automl.task.>", resultsStream: "automl.result.>"} {
		_, err := l.js.Stream(ctx, name) // a thousand workers that look cost less than a thousand that write
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			_, err = l.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: name, Subjects: []string{subject}, Retention: jetstream.WorkQueuePolicy,
				Storage: l.keep, MaxAge: keptFor, Duplicates: duplicates, Description: "pipelines to evaluate and their results (automl)"})
		}
		if err != nil {
			return err
		}
	}
	store, err := l.js.ObjectStore(ctx, dataBucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		store, err = l.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: dataBucket, TTL: keptFor, Storage: jetstream.FileStorage,
			Description: "tables and folds of searches (automl)"})
	}
	if err == nil {
		l.data = store
	}
	return err
}

// consumer returns a durable consumer, made unless it is there.
func (l *link) consumer(ctx context.Context, stream string, cfg jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	c, err := l.js.Consumer(ctx, stream, cfg.Durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return l.js.CreateOrUpdateConsumer(ctx, stream, cfg)
	}
	return c, err
}

// publish stores a message, however long it takes until the server is there again; the error is ctx's, or that of a
// message which no server would take.
func (l *link) publish(ctx context.Context, subject, id string, v any) (uint64, error) {
	data, err := wire.Marshal(v)
	if err != nil {
		return 0, err
	}
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		one, cancel := context.WithTimeout(ctx, 5*time.Second)
		ack, err := l.js.PublishMsg(one, &nats.Msg{Subject: subject, Data: data, Header: nats.Header{}}, jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0))
		cancel()
		switch {
		case err == nil:
			return ack.Sequence, nil
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case errors.Is(err, nats.ErrMaxPayload):
			return 0, err
		case l.nc.IsClosed():
			return 0, errors.Join(errShut, l.nc.LastError())
		case errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders):
			_ = l.ensure(ctx) // if it fails, so will the next attempt
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// fetch hands up to n messages of a consumer to take, as they come, until the request has run out or ctx is done; what
// comes too late is delivered again.
func fetch(ctx context.Context, c jetstream.Consumer, n int, take func(jetstream.Msg)) error {
	batch, err := c.Fetch(n, jetstream.FetchMaxWait(poll))
	if err != nil {
		return err
	}
	for {
		select {
		case m, more := <-batch.Messages():
			if !more {
				return batch.Error()
			}
			take(m)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pause waits a little after something failed.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(200 * time.Millisecond):
	}
}
