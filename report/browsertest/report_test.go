package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/report"
)

// TestReportsInABrowser opens the reports on three tables in a headless browser: nothing on the console, every section
// and picture in place and of some size, no sideways scrolling on wide and narrow screens, dark when asked, printable.
// With AUTOML_SCREENSHOTS set to a folder, it leaves pictures there; with AUTOML_REPORTS, it opens the reports in that
// folder instead.
func TestReportsInABrowser(t *testing.T) {
	path := browser()
	if path == "" {
		t.Skip("SKIPPED: no chromium or chrome is installed, so nobody looked at the reports")
	}
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.WindowSize(1280, 900)})
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	if dir := os.Getenv("AUTOML_REPORTS"); dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "*.html"))
		must(t, err)
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".html")
			t.Run(name, func(t *testing.T) { look(t, allocator, file, name, 10, nil) })
		}
		return
	}
	for _, c := range []struct {
		name  string
		s     dataset.Sample
		svgs  int
		needs []string
	}{
		{"iris", csv(t, "iris.csv", "target"), 14, []string{"Confusion matrix", "ROC"}},
		{"income", income(), 24, []string{"Thresholds", "native_country", "Partial dependence"}},
		{"diabetes", csv(t, "diabetes.csv", "target"), 20, []string{"Residuals along the predictions"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, c.s, c.name)
			look(t, allocator, file, c.name, c.svgs, c.needs)
		})
	}
}

// browser is the path of a browser, empty if there is none.
func browser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func csv(t *testing.T, file, target string) dataset.Sample {
	t.Helper()
	table, err := dataset.Read(context.Background(), filepath.Join("..", "..", "testdata", file), dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := table.Sample(dataset.SampleOptions{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// income is a made-up census: numbers and categories with holes, two classes of unequal size.
func income() dataset.Sample {
	const n = 1500
	rng := rand.New(rand.NewPCG(1, 4))
	levels := map[string][]string{
		"workclass": {"Private", "Self-employed", "Federal government", "Local government", "Without pay"}, "education": {"Bachelors", "Doctorate", "High school", "Masters", "Some college"},
		"occupation": {"Adm-clerical", "Craft-repair", "Exec-managerial", "Farming-fishing", "Machine-op-inspct", "Prof-specialty", "Sales", "Tech-support"},
		"sex":        {"Female", "Male"}, "native_country": {"Canada", "Germany", "India", "Mexico", "Philippines", "United States"},
	}
	names := []string{"workclass", "education", "occupation", "sex", "native_country"}
	codes := map[string][]int32{}
	var age, hours, gain []float64
	var y []int32
	for range n {
		score := -2.0
		for _, name := range names {
			k := int32(rng.IntN(len(levels[name])))
			if name == "education" {
				score += []float64{1, 2, -0.5, 1.5, 0}[k]
			}
			if name == "occupation" && k == 2 {
				score++
			}
			if rng.Float64() < 0.05 {
				k = -1
			}
			codes[name] = append(codes[name], k)
		}
		a, h, g := 17+60*rng.Float64(), 20+40*rng.Float64(), 0.0
		if rng.Float64() < 0.1 {
			g = 20000 * rng.Float64()
		}
		age, hours, gain = append(age, a), append(hours, h), append(gain, g)
		score += 0.03*(a-40) + 0.04*(h-40) + g/4000
		label := int32(0)
		if rng.Float64() < 1/(1+math.Exp(-score)) {
			label = 1
		}
		y = append(y, label)
	}
	cols := []*dataset.Column{dataset.NewNumeric("age", age), dataset.NewNumeric("hours_per_week", hours), dataset.NewNumeric("capital_gain", gain)}
	for _, name := range names {
		cols = append(cols, dataset.NewCategorical(name, codes[name], levels[name]))
	}
	return dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewCategorical("income", y, []string{"<=50K", ">50K"})}
}

// write trains a little and writes the report, which must not take three seconds.
func write(t *testing.T, s dataset.Sample, name string) string {
	t.Helper()
	m, err := automl.Train(t.Context(), s, automl.Options{Evaluations: 60, Population: 25, Config: "light", Workers: 2, Holdout: 0.2, Command: "automl train " + name + ".csv --evaluations 60"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var b bytes.Buffer
	if err := report.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 3*time.Second || b.Len() > 2<<20 {
		t.Errorf("%d bytes in %v", b.Len(), took)
	}
	file := filepath.Join(t.TempDir(), name+".html")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func look(t *testing.T, allocator context.Context, file, name string, svgs int, needs []string) {
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	defer cancelTime()
	must(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	messages := make(chan string, 100)
	go func() {
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			messages <- string(m.Type) + ": " + m.Text
		}
	}()
	time.Sleep(200 * time.Millisecond) // the listener is in place
	must(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file), chromedp.WaitVisible("#reproduce")))

	if bad := value[[]string](t, ctx, emptySections); len(bad) > 0 {
		t.Errorf("sections without height or text: %v", bad)
	}
	if bad := value[[]string](t, ctx, emptyPictures); len(bad) > 0 {
		t.Errorf("pictures without size or content: %v", bad)
	}
	if n := value[int](t, ctx, `document.querySelectorAll("svg").length`); n < svgs {
		t.Errorf("%d pictures, want at least %d", n, svgs)
	}
	text := value[string](t, ctx, `document.body.innerText`)
	for _, want := range needs {
		if !strings.Contains(text, want) {
			t.Errorf("no %q to be seen", want)
		}
	}
	if bad := value[[]string](t, ctx, brokenLinks); len(bad) > 0 {
		t.Errorf("links to nowhere: %v", bad)
	}
	light := value[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
	shoot(t, ctx, name)
	for _, width := range []int64{1280, 420} {
		must(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
		if over := value[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			t.Errorf("at %d pixels the page is %d too wide: %v", width, over, value[[]string](t, ctx, wideElements))
		}
		if width < 640 {
			shoot(t, ctx, name+"-phone")
		}
	}
	must(t, chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)))
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	must(t, err)
	if dark := value[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); dark == light {
		t.Errorf("the page is %s by day and by night", dark)
	}
	shoot(t, ctx, name+"-dark")
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF())
	must(t, err)
	if dir := os.Getenv("AUTOML_SCREENSHOTS"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600))
	}
	if len(pdf) < 20_000 {
		t.Errorf("printed, it has %d bytes", len(pdf))
	}
	select {
	case m := <-messages:
		t.Errorf("on the console: %s", m)
	case <-time.After(200 * time.Millisecond):
	}
}

const (
	emptySections = `["trust","quality","model","reasons","search","data","reproduce"].filter(id => {
		const s = document.getElementById(id);
		return !s || s.getBoundingClientRect().height < 80 || s.innerText.length < 40 || s.querySelector(".empty");
	})`
	emptyPictures = `[...document.querySelectorAll("svg")].filter(s => {
		if (s.closest("details:not([open])")) return false;
		const box = s.getBoundingClientRect(), inner = s.getBBox();
		return box.width < 20 || box.height < 10 || inner.width < 5 || inner.height < 2 || s.querySelectorAll("path,rect,circle,line").length == 0;
	}).map(s => s.querySelector("title").textContent)`
	brokenLinks  = `[...document.querySelectorAll("a")].map(a => a.getAttribute("href")).filter(h => !h.startsWith("#") || !document.getElementById(h.slice(1)))`
	wideElements = `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".scroll, .graph, nav, pre")).slice(0, 5).map(e => e.tagName + "." + e.getAttribute("class"))`
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	must(t, err)
	return v
}

// shoot leaves a picture of the whole page.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("AUTOML_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.png", name)), png, 0o600))
}
