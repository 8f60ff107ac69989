package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser is the path of a browser, empty if there is none.
func browser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// startBrowser returns a context in which tabs can be opened.
func startBrowser(t *testing.T) context.Context {
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{chromedp.ExecPath(browser()), chromedp.WindowSize(1280, 900)})
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	first, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	must(t, chromedp.Do(first, chromedp.Navigate("about:blank")))
	return first
}

// tab is one page of the browser, whose console stays empty and whose requests stay on one host.
type tab struct {
	t       *testing.T
	ctx     context.Context
	mu      sync.Mutex
	console []string
	asked   []*network.Request
	breaks  bool // the service goes away, which the console tells
}

// open opens a page for somebody who reads the languages given, such as "fr-CH,fr,en".
func open(t *testing.T, in context.Context, s *service, languages string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(in, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancelTime)
	b := &tab{t: t, ctx: ctx}
	must(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	agent := value[string](b, `navigator.userAgent`)
	_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: languages})
	must(t, err)
	_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	must(t, err)
	messages, requests := chromedp.Console(ctx), chromedp.Events(ctx, network.RequestWillBeSent)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			if !b.breaks {
				b.console = append(b.console, m.String())
			}
			b.mu.Unlock()
		}
	}()
	go func() {
		for e, err := range requests {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.asked = append(b.asked, e.Request)
			b.mu.Unlock()
		}
	}()
	t.Cleanup(func() { b.judge(s) })
	b.goTo(s, "")
	return b
}

func (b *tab) goTo(s *service, hash string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.Navigate(s.url("/"+hash))))
	b.wait(`document.querySelector("main h1")`)
}

// judge says what no page may do.
func (b *tab) judge(s *service) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.console {
		b.t.Errorf("on the console: %s", m)
	}
	for _, r := range b.asked {
		if !strings.HasPrefix(r.URL, s.url("/")) && !strings.HasPrefix(r.URL, "data:") && !strings.HasPrefix(r.URL, "about:") {
			b.t.Errorf("a request left the host: %s", r.URL)
		}
	}
	if len(b.asked) < 10 {
		b.t.Errorf("only %d requests were seen", len(b.asked))
	}
}

// requests returns the requests whose address has a part.
func (b *tab) requests(part string) []*network.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*network.Request
	for _, r := range b.asked {
		if strings.Contains(r.URL, part) {
			out = append(out, r)
		}
	}
	return out
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(40 * time.Second)
	for {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 1500)`))
			b.shoot("failed-" + b.t.Name())
			b.t.Fatalf("it never came true: %s (%v)\n%s", expression, err, text)
		}
		time.Sleep(40 * time.Millisecond)
	}
}

func (b *tab) waitText(sel, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector(%s)?.innerText.includes(%s)`, quote(sel), quote(text)))
}

func quote(s string) string {
	out, _ := json.Marshal(s)
	return string(out)
}

func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	must(b.t, err)
	return v
}

func (b *tab) click(sel string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector(%s)?.getClientRects().length`, quote(sel)))
	must(b.t, chromedp.Do(b.ctx, chromedp.ScrollIntoView(sel), chromedp.Click(sel)))
}

// pick chooses an option of a select by its text.
func (b *tab) pick(sel, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector(%s)`, quote(sel)))
	if !value[bool](b, fmt.Sprintf(`(() => {
		const s = document.querySelector(%s), o = [...s.options].find(o => o.text.startsWith(%s));
		if (!o || o.disabled) return false;
		s.value = o.value;
		s.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`, quote(sel), quote(text))) {
		b.t.Fatalf("%s has no option %q", sel, text)
	}
}

// fill writes into an input.
func (b *tab) fill(sel, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector(%s)`, quote(sel)))
	value[bool](b, fmt.Sprintf(`(() => {
		const i = document.querySelector(%s);
		i.value = %s;
		i.dispatchEvent(new Event("input", {bubbles: true}));
		return true;
	})()`, quote(sel), quote(text)))
}

// keys presses keys, such as kb.Tab.
func (b *tab) keys(keys string, modifiers ...chromedp.Modifier) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...))))
}

// tabTo presses the tabulator until what has the focus matches sel.
func (b *tab) tabTo(sel string) {
	b.t.Helper()
	for range 120 {
		b.keys(kb.Tab)
		if value[bool](b, fmt.Sprintf(`Boolean(document.activeElement?.matches(%s))`, quote(sel))) {
			return
		}
	}
	b.t.Fatalf("the tabulator never comes to %s", sel)
}

// size makes the page as wide as a screen, and complains about what is wider.
func (b *tab) size(width int64) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900)))
	time.Sleep(150 * time.Millisecond) // charts are drawn anew
	if over := value[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.t.Errorf("%s at %d pixels: %d too wide: %v", value[string](b, `location.hash`), width, over, value[[]string](b,
			`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".scroll")).slice(0, 5).map(e => e.tagName + "." + e.getAttribute("class"))`))
	}
}

func (b *tab) dark(on bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	must(b.t, err)
}

// shoot leaves a picture of the whole page in the folder AUTOML_SCREENSHOTS.
func (b *tab) shoot(name string) {
	dir := os.Getenv("AUTOML_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return
	}
	_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".png"), png, 0o600)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
