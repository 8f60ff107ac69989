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
	sent    []network.Headers // as they go over the wire
	breaks  bool              // the service goes away, of which the console tells
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
	sent := chromedp.Events(ctx, network.RequestWillBeSentExtraInfo)
	go func() {
		for e, err := range sent {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.sent = append(b.sent, e.Headers)
			b.mu.Unlock()
		}
	}()
	t.Cleanup(func() { b.judge(s) })
	b.goTo(s, "")
	return b
}

func (b *tab) goTo(s *service, hash string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.Navigate(s.page(hash))))
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
		if !strings.HasPrefix(r.URL, s.url("/")) && !strings.HasPrefix(r.URL, s.page("")) && !strings.HasPrefix(r.URL, "data:") && !strings.HasPrefix(r.URL, "about:") {
			b.t.Errorf("a request left the host: %s", r.URL)
		}
	}
	if len(b.asked) < 10 {
		b.t.Errorf("only %d requests were seen", len(b.asked))
	}
}

// expectBreaks is said before the service goes away.
func (b *tab) expectBreaks() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.breaks = true
}

// forget lets pass what the console has told.
func (b *tab) forget() {
	time.Sleep(100 * time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.console = nil
}

// resumed reports whether a connection told the number of the last event that is known.
func (b *tab) resumed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, headers := range b.sent {
		for name := range headers {
			if strings.EqualFold(name, "Last-Event-ID") {
				return true
			}
		}
	}
	return false
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

// await is what a promise comes to.
func await[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
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

// give uploads a table of the project's test data.
func (b *tab) give(file string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.SetUploadFiles("#file", []string{data(file)})))
}

// time sets the search's time in seconds.
func (b *tab) time(seconds string) {
	b.t.Helper()
	b.click(`#time input[value="other"]`)
	b.fill("#seconds", seconds)
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

// look judges the page as it stands, wide and narrow, by day and by night: nothing is too wide, too faint or without a name.
func (b *tab) look(name string) {
	b.t.Helper()
	if bad := value[[]string](b, nameless); len(bad) > 0 {
		b.t.Errorf("%s: nameless: %v", name, bad)
	}
	for _, dark := range []bool{false, true} {
		b.dark(dark)
		for _, width := range []int64{1280, 390} {
			b.size(width)
			b.shoot(fmt.Sprintf("%s-%d-%s", name, width, map[bool]string{true: "dark", false: "light"}[dark]))
		}
		if bad := value[[]string](b, faint); len(bad) > 0 {
			b.t.Errorf("%s, dark %v: too faint: %v", name, dark, bad)
		}
	}
	b.dark(false)
	b.size(1280)
}

const (
	// Whatever takes the focus has a name, every picture has one or is hidden, there is one main heading and no level is left out.
	nameless = `(() => {
		const bad = [], shown = e => e.checkVisibility();
		for (const e of document.querySelectorAll("a[href], button, input, select, iframe, summary, progress")) {
			const name = e.getAttribute("aria-label") || e.title || [...(e.labels ?? [])].map(l => l.textContent).join(" ") || (e.matches("input, select") ? "" : e.innerText);
			if (shown(e) && !name.trim()) bad.push(e.outerHTML.slice(0, 120));
		}
		for (const e of document.querySelectorAll("svg")) if (!e.getAttribute("aria-label") && e.getAttribute("aria-hidden") != "true") bad.push(e.outerHTML.slice(0, 120));
		const levels = [...document.querySelectorAll("h1, h2, h3")].filter(shown).map(h => Number(h.tagName[1]));
		if (levels.filter(l => l == 1).length != 1 || levels.some((l, i) => l > (levels[i - 1] ?? 0) + 1)) bad.push("headings " + levels);
		const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
		bad.push(...ids.filter((id, i) => ids.indexOf(id) != i).map(id => "twice: " + id));
		for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby]"))
			for (const id of ((e.getAttribute("aria-labelledby") ?? "") + " " + (e.getAttribute("aria-describedby") ?? "")).split(" "))
				if (id && !document.getElementById(id)) bad.push("nothing with id " + id);
		return bad;
	})()`
	// Contrast of texts with what is behind them (WCAG 2.2, 1.4.3): 4.5, of large ones 3.
	faint = `(() => {
		const read = c => { const m = c.match(/[\d.]+/g).map(Number); return {rgb: m.slice(0, 3), a: m[3] ?? 1}; };
		const light = rgb => { const [r, g, b] = rgb.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
		const behind = e => { for (; e; e = e.parentElement) { const c = read(getComputedStyle(e).backgroundColor); if (c.a == 1) return c.rgb; } return [255, 255, 255]; };
		const bad = new Map();
		for (const e of document.querySelectorAll("body *")) {
			if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) || !e.getClientRects().length || e.closest(":disabled, .unusable, .unseen, .skip, option, noscript")) continue;
			const style = getComputedStyle(e), svg = e.closest("svg");
			const text = read(svg ? style.fill : style.color).rgb, back = behind(svg ?? e);
			const [a, b] = [light(text), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
			const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700;
			if (ratio < (large ? 3 : 4.5)) bad.set(e.tagName + "." + e.getAttribute("class") + " " + e.textContent.slice(0, 30) + " " + ratio.toFixed(2), 1);
		}
		return [...bad.keys()].slice(0, 8);
	})()`
)

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
