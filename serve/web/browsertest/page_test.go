package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPage uses the page as people do. Searches have a few seconds each: what they find does not matter here.
func TestPage(t *testing.T) {
	if browser() == "" {
		t.Skip("SKIPPED: no chromium or chrome is installed, so nobody used the service's page")
	}
	in := startBrowser(t)
	for _, c := range []struct {
		name string
		do   func(t *testing.T, in context.Context)
	}{
		{"upload to report", uploadToReport},
		{"two at once, a reload, a comparison", twoAtOnce},
		{"kill and restart", restart},
		{"keyboard only, in French", keyboard},
		{"mistakes, a stop and a password", mistakes},
	} {
		t.Run(c.name, func(t *testing.T) { c.do(t, in) })
	}
}

// uploadToReport goes the whole way with a mouse: a file, a variable, a filter, the button, progress, result, report, files.
func uploadToReport(t *testing.T, in context.Context) {
	s := startService(t)
	b := open(t, in, s, "en-US,en")
	b.look("empty")
	b.give("clinic.csv")
	b.waitText(".about", "600 rows")
	b.pick("#variable", "diagnosis")
	b.waitText(".levels", "dementia")
	b.click(`.columns input[value="referral_code"]`)
	b.click(".rules + button")
	b.pick(".rules select", "age")
	b.fill(".rules input", "55")
	b.click("details:not(.more) summary")
	b.click(`.groups input[value="site"]`)
	b.wait(`document.querySelector('.columns input[value="site"]').disabled`)
	b.look("form")
	b.time("4")
	b.waitText(".sentence", "Predict diagnosis from 11 co-variables of clinic.csv with 1 filter in 4 sec")
	b.click(".run button[type=submit]")
	b.waitText("h1", "Predicting diagnosis")
	b.wait(`document.querySelectorAll(".chart .curve").length == 2 && document.querySelectorAll(".trying li").length > 1`)
	b.shoot("live")
	b.waitText("#state", "Done")
	b.wait(`document.querySelector(".quality strong")?.innerText.match(/^0\.\d{3}$/)`)
	b.wait(`document.querySelector("iframe.report")?.contentDocument?.querySelector("#reproduce")`)
	b.wait(`document.querySelector("iframe.report").clientHeight > 2000`)
	b.click(".story summary")
	b.wait(`document.querySelector(".story .curve")`)
	b.look("result")
	for what, begins := range map[string]string{"model": "automl", "predictions": "row,diagnosis,prediction,proba_control,proba_dementia"} {
		got := await[string](b, fmt.Sprintf(`fetch(document.querySelector('.files a[href$="/%s"]').href).then(r => r.ok && r.headers.get("Content-Disposition").startsWith("attachment") ? r.text() : "refused").then(t => t.slice(0, 80))`, what))
		if !strings.HasPrefix(got, begins) {
			t.Errorf("%s begins with %q", what, got)
		}
	}
	b.click(`.buttons a`)
	b.waitText(".sentence", "Predict diagnosis from 11 co-variables of clinic.csv with 1 filter in 4 sec") // run again with what was chosen
	b.wait(`document.querySelector('.groups input[value="site"]').checked && document.querySelector(".rules input").value == "55"`)
}

// twoAtOnce watches two experiments in two pages, reloads one in the middle, and compares them.
func twoAtOnce(t *testing.T, in context.Context) {
	s := startService(t)
	s.upload("iris.csv")
	var tabs []*tab
	for _, without := range []string{"", "petal_length_cm"} {
		b := open(t, in, s, "en-US,en")
		b.pick("#table", "iris.csv")
		b.pick("#variable", "target")
		if without != "" {
			b.click(fmt.Sprintf(`.columns input[value=%q]`, without))
		}
		b.time("9")
		tabs = append(tabs, b)
	}
	for _, b := range tabs {
		b.click(".run button[type=submit]")
	}
	for _, b := range tabs {
		b.waitText("#state", "Searching")
		b.wait(`document.querySelectorAll(".chart .curve").length == 2`)
	}
	b := tabs[0]
	const improvements = `Number(document.querySelector(".chart svg")?.getAttribute("aria-label").match(/\d+/)[0])` // the chart leaves out what dwarfs the rest
	before := value[int](b, improvements)
	must(t, chromedp.Do(b.ctx, chromedp.Reload()))
	b.wait(fmt.Sprintf(`%s >= %d`, improvements, before))
	if state := value[string](b, `document.querySelector("#state").innerText`); state != "Searching" {
		t.Errorf("after the reload: %s", state)
	}
	b.click(`#nav a[href="#/experiments"]`)
	b.wait(`document.querySelectorAll(".list tbody tr").length == 2`)
	b.wait(`document.querySelectorAll(".badge.done").length == 2`) // it is kept up to date
	tabs[1].waitText("#state", "Done")
	for n := 1; n <= 2; n++ {
		b.click(fmt.Sprintf(".list tbody tr:nth-child(%d) input", n))
	}
	b.look("experiments")
	b.click(".tools .primary")
	b.waitText("h1", "Comparison")
	b.wait(`document.querySelectorAll(".ranges li").length == 2 && document.querySelectorAll(".compare thead th").length == 2`)
	b.waitText(".compare", "Log-loss")
	if notes := value[int](b, `document.querySelectorAll(".note").length`); notes != 0 {
		t.Errorf("%d caveats about comparable experiments", notes)
	}
	b.look("comparison")
}

// restart kills the service in the middle of a search: the page says so, comes again with the number of the last event, and ends well.
func restart(t *testing.T, in context.Context) {
	s := startService(t)
	s.upload("iris.csv")
	b := open(t, in, s, "en-US,en")
	b.pick("#table", "iris.csv")
	b.pick("#variable", "target")
	b.time("6")
	b.click(".run button[type=submit]")
	b.wait(`document.querySelectorAll(".chart .curve").length == 2`)
	b.expectBreaks()
	s.kill()
	b.wait(`[...document.querySelectorAll(".note")].some(n => n.getClientRects().length && n.innerText.includes("interrupted"))`)
	b.look("interrupted")
	s.start()
	b.wait(`document.querySelector(".progress .note").hidden`)
	if !b.resumed() {
		t.Error("no connection tells what is known")
	}
	b.waitText("#state", "Done")
	b.wait(`document.querySelector("iframe.report")?.contentDocument?.querySelector("#reproduce")`)
	b.click(".story summary")
	b.wait(`document.querySelectorAll(".story .curve").length == 2`)
}

// keyboard does everything with keys, on a phone, in the language that the browser asks for.
func keyboard(t *testing.T, in context.Context) {
	s := startService(t)
	s.upload("iris.csv")
	b := open(t, in, s, "fr-CH,fr;q=0.9,en;q=0.8")
	b.size(390)
	b.waitText("h1", "Nouvelle expérience")
	if lang := value[string](b, `document.documentElement.lang`); lang != "fr" {
		t.Errorf("language %s", lang)
	}
	b.tabTo("#skip")
	b.keys(kb.Enter)
	b.tabTo("#table")
	b.keys("iris") // a select is chosen from by typing
	b.waitText(".about", "150 lignes")
	b.tabTo("#variable")
	b.keys("target")
	b.waitText(".levels", "setosa")
	b.tabTo(`.columns input[value="sepal_width_cm"]`)
	b.keys(" ")
	b.tabTo(`input[name="time"]`)
	for range 4 { // from 1 min to the last one
		b.keys(kb.ArrowRight)
	}
	b.wait(`document.querySelector('input[name="time"][value="other"]').checked`)
	b.tabTo("#seconds")
	b.keys("a", chromedp.ModifierCtrl)
	b.keys("600")
	b.waitText(".sentence", "Prédire target à partir de 3 co-variables de iris.csv en 10")
	b.look("form-fr")
	b.tabTo(".run button[type=submit]")
	b.keys(kb.Enter)
	b.waitText("h1", "Prédiction de target")
	b.wait(`document.querySelector("#finish")?.getClientRects().length && document.querySelector("#finish").innerText == "Arrêter et garder le meilleur"`)
	b.tabTo("#finish")
	b.keys(kb.Enter)
	b.waitText("dialog", "Terminer la recherche maintenant ?")
	b.shoot("finish-fr")
	b.tabTo("dialog .primary")
	b.keys(kb.Enter)
	b.waitText("#finish", "Fin avec le meilleur…")
	if !value[bool](b, `document.activeElement.id == "finish"`) {
		t.Error("the focus is lost")
	}
	b.waitText("#state", "Terminée")
	b.waitText(".lead", "terminée avant l'heure, après")
	b.waitText(".quality", "Que vaut-il")
	if text := value[string](b, `document.querySelector("main").innerText`); strings.Contains(text, "{") || strings.Contains(text, "undefined") || strings.Contains(text, "NaN") {
		t.Errorf("unfinished texts: %s", text)
	}
	b.shoot("result-fr")
	must(t, chromedp.Do(b.ctx, chromedp.Focus("#languages button")))
	b.keys(kb.Enter)
	b.waitText(".quality", "How good is it")
	b.goTo(s, "#/experiments")
	b.waitText("h1", "Experiments") // the choice is kept
}

// mistakes are told beside what is wrong; a search can be stopped; texts of tables are texts; with passwords it works all the same.
func mistakes(t *testing.T, in context.Context) {
	users := filepath.Join(t.TempDir(), "users")
	must(t, os.WriteFile(users, []byte("anna:secret word\n"), 0o600))
	s := startService(t, "--users", users)
	s.login = "anna:secret%20word@"
	b := open(t, in, s, "en-US,en")
	b.click(".run button[type=submit]")
	b.waitText("#table-problem", "A table is needed.")

	hostile := filepath.Join(t.TempDir(), "hostile.csv")
	var rows strings.Builder
	rows.WriteString("\"<img src=x onerror=alert(1)>\",y,<b>z</b>\n")
	for i := range 80 {
		fmt.Fprintf(&rows, "%d,%s,%d\n", i*i%17, []string{"<script>alert(1)</script>", "no"}[i%2], i%13)
	}
	must(t, os.WriteFile(hostile, []byte(rows.String()), 0o600))
	must(t, chromedp.Do(b.ctx, chromedp.SetUploadFiles("#file", []string{hostile})))
	b.waitText(".columns", "<img src=x onerror=alert(1)>")
	b.click(".run button[type=submit]")
	b.waitText("#variable-problem", "A variable is needed.")
	if !value[bool](b, `document.activeElement.id == "variable"`) {
		t.Error("the focus is not at the mistake")
	}
	b.pick("#variable", "y")
	b.waitText(".levels", "<script>alert(1)</script>")
	b.click(".tools button:nth-of-type(2)")
	b.click(".run button[type=submit]")
	b.waitText("#covariables-problem", "At least one co-variable is needed.")
	b.click(".tools button:nth-of-type(1)")
	b.click(".run button[type=submit]")
	b.waitText("#state", "Searching")
	b.wait(`document.querySelector(".chart .curve")`)
	b.click("#finish")
	b.waitText("dialog", "End the search now?")
	b.look("finish")
	b.keys(kb.Escape)
	b.wait(`!document.querySelector("dialog")`)
	b.click("#cancel")
	b.waitText("dialog", "Stop this experiment?")
	b.keys(kb.Escape)
	b.wait(`!document.querySelector("dialog")`)
	b.click("#cancel")
	b.click("dialog .danger")
	b.waitText("#state", "Stopped")
	b.waitText(".problem", "The experiment was stopped before its end.")
	b.click(".buttons button")
	b.click("dialog .danger")
	b.waitText("h1", "Experiments")
	b.waitText("main", "There are no experiments yet.")
	if n := value[int](b, `document.querySelectorAll("main img, main script, main b").length`); n != 0 {
		t.Errorf("%d elements came out of a table", n)
	}

	b.goTo(s, "#/new")
	b.give("diabetes.csv")
	b.waitText(".about", "442 rows")
	b.pick("#variable", "target")
	b.click(".more summary")
	b.pick("#kind", "Linear regression")
	b.waitText(".run button[type=submit]", "Run: Linear regression")
	b.click(".run button[type=submit]")
	b.waitText("#state", "Done")
	b.waitText("main table", "Coefficient")
	b.look("regression")
	bad := await[int](b, `fetch(location.origin + "/api/v1/experiments", {method: "POST", headers: {"Content-Type": "text/plain"}, body: "{}"}).then(r => r.status)`)
	if bad != 415 {
		t.Errorf("a form's body is answered %d", bad)
	}
	b.forget() // the browser tells of the refusal
	time.Sleep(10 * time.Millisecond)
}
