package cluster

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/pipeline"
)

var here = Self("test")

func serve(t *testing.T, dir string, port int, a Access) (*Server, Access) {
	t.Helper()
	s, err := Serve(port, dir, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	a.URL = fmt.Sprintf("nats://127.0.0.1:%d", s.Port())
	return s, a
}

// work runs a worker until the test ends or stop is called, which waits for it.
func work(t *testing.T, w *Worker) (stop func() error) {
	t.Helper()
	if w.Identity == (Identity{}) {
		w.Identity = here
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

func join(t *testing.T, a Access, say func(string)) *Search {
	t.Helper()
	s, err := Join(context.Background(), SearchConfig{Access: a, Identity: here, Say: say})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func trees(g *pipeline.Grammar, n int) []pipeline.Tree {
	rng := rand.New(rand.NewPCG(9, 9))
	var out []pipeline.Tree
	for range n {
		out = append(out, g.Draw(rng, 1+rng.IntN(3)))
	}
	return out
}

// TestResultsAreThoseOfTheLocalEvaluator sends many trees to two workers, some with a bar.
func TestResultsAreThoseOfTheLocalEvaluator(t *testing.T) {
	s := table(120)
	cv, g, specs := evaluatorOf(t, s)
	_, a := serve(t, "", 0, Access{})
	for range 2 {
		work(t, &Worker{Access: a, Slots: 2})
	}
	search := join(t, a, nil)
	ctx := within(t, time.Minute)
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	failed, pruned := 0, 0
	for i, tree := range trees(g, 40) {
		var bar []float64
		if i%3 == 0 {
			bar = []float64{0.7, 0.6, 0.6}
		}
		want, err := cv.Evaluate(ctx, tree, bar)
		if err != nil {
			t.Fatal(err)
		}
		if want.Failed() {
			failed++
		}
		if want.Pruned {
			pruned++
		}
		running.Add(1)
		go func() {
			defer running.Done()
			got, err := ev.Evaluate(ctx, tree, bar)
			if err != nil || !same(&want, &got) {
				t.Errorf("%s: here %+v, elsewhere %+v: %v", tree, want, got, err)
			}
		}()
	}
	running.Wait()
	if failed == 0 || pruned == 0 {
		t.Errorf("%d failed and %d were given up: the trees do not show enough", failed, pruned)
	}
}

// TestPredictionsTooLargeForAMessage go through the object store.
func TestPredictionsTooLargeForAMessage(t *testing.T) {
	n := 80_000
	x, y := make([]float64, n), make([]int32, n)
	for i := range n {
		x[i], y[i] = float64(i%17), int32(i%2)
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", x)), Y: dataset.NewCategorical("y", y, []string{"a", "b"})}
	cv, g, specs := evaluatorOf(t, s)
	cv.Trial, cv.Use = 0, 2
	_, a := serve(t, "", 0, Access{})
	work(t, &Worker{Access: a})
	ctx := within(t, time.Minute)
	search := join(t, a, nil)
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := pipeline.Parse("GaussianNB(input)", g.Predictors)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := cv.Evaluate(ctx, tree, nil)
	got, err := ev.Evaluate(ctx, tree, nil)
	if err != nil || want.Failed() || !same(&want, &got) {
		t.Errorf("here %v %q, elsewhere %v %q: %v", want.Score, want.Err, got.Score, got.Err, err)
	}
}

// slow is an evaluation that sleeps and then knows the hash of its tree.
func slow(d time.Duration) func(context.Context, *problem, pipeline.Tree, []float64) (pipeline.Result, error) {
	return func(ctx context.Context, _ *problem, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
		select {
		case <-time.After(d):
			return pipeline.Result{Score: scoreOf(t), Folds: []float64{scoreOf(t)}, Took: d}, nil
		case <-ctx.Done():
			return pipeline.Result{}, ctx.Err()
		}
	}
}

func scoreOf(t pipeline.Tree) float64 { h := t.Hash(); return float64(h[0]) + float64(h[1])/256 }

// all evaluates n trees at once and checks the results.
func all(t *testing.T, ctx context.Context, ev interface {
	Evaluate(context.Context, pipeline.Tree, []float64) (pipeline.Result, error)
}, g *pipeline.Grammar, n int) {
	t.Helper()
	var running sync.WaitGroup
	for _, tree := range trees(g, n) {
		running.Add(1)
		go func() {
			defer running.Done()
			if r, err := ev.Evaluate(ctx, tree, nil); err != nil || r.Score != scoreOf(tree) {
				t.Errorf("%v %v", r, err)
			}
		}()
	}
	running.Wait()
}

// TestServerAndWorkersComeAndGo restarts the server on its store, then replaces it by one that remembers nothing, while
// workers leave and join.
func TestServerAndWorkersComeAndGo(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	dir := t.TempDir()
	server, a := serve(t, dir, 0, Access{})
	port := server.Port()
	stop := work(t, &Worker{Access: a, Slots: 2, evaluate: slow(30 * time.Millisecond)})
	ctx := within(t, 2*time.Minute)
	search := join(t, a, nil)
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		all(t, ctx, ev, g, 200)
	}()
	time.Sleep(400 * time.Millisecond)
	work(t, &Worker{Access: a, Slots: 2, evaluate: slow(30 * time.Millisecond)})
	_ = server.Close()
	time.Sleep(300 * time.Millisecond)
	server, _ = serve(t, dir, port, a)
	if err := stop(); err != nil { // it leaves, others do its tasks
		t.Error(err)
	}
	time.Sleep(500 * time.Millisecond)
	_ = server.Close()
	_, _ = serve(t, t.TempDir(), port, a)
	<-done
}

func TestAnotherProgramIsRefused(t *testing.T) {
	s := table(60)
	cv, _, specs := evaluatorOf(t, s)
	_, a := serve(t, "", 0, Access{})
	var mu sync.Mutex
	var said []string
	search := join(t, a, func(text string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, text)
	})
	if _, err := search.Evaluator(within(t, time.Minute), cv, s, specs); err != nil {
		t.Fatal(err)
	}
	other := Self("another")
	err := (&Worker{Access: a, Identity: other}).Run(within(t, 20*time.Second))
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), other.String()) || !strings.Contains(err.Error(), here.String()) {
		t.Errorf("the worker says %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(said) != 1 || !strings.Contains(said[0], "automl another") || search.Slots() != 0 {
		t.Errorf("the search says %q and counts %d slots", said, search.Slots())
	}
}

func TestWhoIsNotLetInLearnsItAtOnce(t *testing.T) {
	_, a := serve(t, "", 0, Access{Token: "right-one"})
	a.Token = "wrong-one"
	var log bytes.Buffer
	err := (&Worker{Access: a, Identity: here, Log: slog.New(slog.NewTextHandler(&log, nil))}).Run(within(t, 20*time.Second))
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "authorization") {
		t.Errorf("a wrong token: %v", err)
	}
	if said := log.String() + fmt.Sprint(err); strings.Contains(said, "-one") {
		t.Errorf("a token is told: %s", said)
	}
}

// TestShortTreesTravelTogether in few messages.
func TestShortTreesTravelTogether(t *testing.T) {
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	_, a := serve(t, "", 0, Access{})
	work(t, &Worker{Access: a, evaluate: slow(100 * time.Microsecond)})
	ctx := within(t, time.Minute)
	search := join(t, a, nil)
	if err := search.Await(ctx); err != nil {
		t.Fatal(err)
	}
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		all(t, ctx, ev, g, 400)
	}
	e := ev.(*evaluator)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.batches > 1600/4 {
		t.Errorf("%d messages for 1600 trees of 0.1 ms", e.batches)
	}
}

// TestTheEndLeavesNothingBehind: tasks, results, tables.
func TestTheEndLeavesNothingBehind(t *testing.T) {
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	_, a := serve(t, "", 0, Access{})
	w := &Worker{Access: a, Once: true, Identity: here, evaluate: slow(time.Hour)}
	ended := make(chan error, 1)
	go func() { ended <- w.Run(within(t, 30*time.Second)) }()
	search := join(t, a, nil)
	ctx, cancel := context.WithCancel(within(t, time.Minute))
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	for _, tree := range trees(g, 5) {
		running.Add(1)
		go func() {
			defer running.Done()
			if _, err := ev.Evaluate(ctx, tree, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
		}()
	}
	for w.Stats.Busy.Load() == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	running.Wait()
	search.Close()
	if err := <-ended; err != nil {
		t.Errorf("the worker ends with %v", err)
	}
	l, err := a.dial(within(t, 10*time.Second), "test", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer l.nc.Close()
	for _, name := range []string{tasksStream, resultsStream} {
		info, err := l.js.Stream(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		if n := info.CachedInfo().State.Msgs; n != 0 {
			t.Errorf("%s still holds %d messages", name, n)
		}
	}
	if list, err := l.data.List(context.Background()); err == nil && len(list) > 0 {
		t.Errorf("%d objects are left", len(list))
	}
}

// TestANonsensicalTaskEndsTheSearch instead of going round for ever.
func TestANonsensicalTaskEndsTheSearch(t *testing.T) {
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	_, a := serve(t, "", 0, Access{})
	work(t, &Worker{Access: a})
	ctx := within(t, time.Minute)
	ev, err := join(t, a, nil).Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	e := ev.(*evaluator)
	sent, err := encodeTree(trees(g, 1)[0], specs)
	if err != nil {
		t.Fatal(err)
	}
	sent.Hash[0] ^= 1
	if _, err := e.enter(ctx, sent.key(), sent); err != nil {
		t.Fatal(err)
	}
	select {
	case <-e.broken:
	case <-ctx.Done():
		t.Error("the search does not learn it")
	}
}

// TestTLS wants a certificate of both sides, but not inside the process.
func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	server, a := serve(t, "", 0, Access{Cert: cert, Key: key, CA: cert, Token: "t"})
	a.URL = strings.Replace(a.URL, "127.0.0.1", "localhost", 1)
	work(t, &Worker{Access: a})
	inside := a
	inside.Server = server
	work(t, &Worker{Access: inside})
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	ctx := within(t, time.Minute)
	search := join(t, inside, nil)
	for search.Slots() < 2 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	tree := trees(g, 1)[0]
	want, _ := cv.Evaluate(ctx, tree, nil)
	if got, err := ev.Evaluate(ctx, tree, nil); err != nil || !same(&want, &got) {
		t.Errorf("here %+v, elsewhere %+v: %v", want, got, err)
	}
	for name, spoil := range map[string]func(*Access){
		"no certificate":      func(a *Access) { a.Cert, a.Key = "", "" },
		"unknown certificate": func(a *Access) { a.CA, _ = certificate(t) },
	} {
		other := a
		spoil(&other)
		short, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
		if err := (&Worker{Access: other, Identity: here}).Run(short); err == nil {
			t.Errorf("%s: the worker is let in", name)
		}
		cancel()
	}
}

// certificate makes one of localhost that trusts itself.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	form := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(crand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert"), filepath.Join(dir, "key")
}

func TestATaskThatTakesWorkersWithItIsBlamed(t *testing.T) {
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	d, err := encodeTree(trees(g, 1)[0], specs)
	if err != nil {
		t.Fatal(err)
	}
	w := &Worker{}
	w.setDefaults()
	r, err := w.tree(context.Background(), &problem{specs, cv}, &d, most+1)
	if err != nil || !strings.Contains(r.Err, "fell silent") {
		t.Errorf("%+v %v", r, err)
	}
}
