package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestUploadToReport goes the whole way with a mouse: a file, a variable, filters, the button, progress, result, report, files.
func TestUploadToReport(t *testing.T) {
	s := startService(t)
	b := open(t, startBrowser(t), s, "en-US,en")
	b.shoot("1-empty")
	must(t, chromedp.Do(b.ctx, chromedp.SetUploadFiles("#file", []string{data("clinic.csv")})))
	b.waitText(".about", "600 rows")
	b.pick("#variable", "diagnosis")
	b.waitText(".levels", "dementia")
	b.click(".rules + button")
	b.pick(".rules select", "age")
	b.fill(".rules input", "55")
	b.shoot("2-form")
	b.dark(true)
	b.shoot("2-form-dark")
	b.dark(false)
	b.click(`#time input[value="other"]`)
	b.fill("#seconds", "8")
	b.waitText(".sentence", "Predict diagnosis from 12 co-variables of clinic.csv with 1 filter in 8 sec")
	b.click(".run button[type=submit]")
	b.waitText("h1", "Predicting diagnosis")
	b.wait(`document.querySelectorAll(".chart .curve").length == 2 && document.querySelectorAll(".trying li").length > 2`)
	b.shoot("3-live")
	b.size(390)
	b.shoot("3-live-phone")
	b.size(1280)
	b.waitText("#state", "Done")
	b.wait(`document.querySelector("iframe.report")?.contentDocument?.querySelector("#reproduce")`)
	b.shoot("4-result")
	b.dark(true)
	b.shoot("4-result-dark")
	b.size(390)
	b.shoot("4-result-phone")
}
