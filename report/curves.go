package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/lren-chuv/automl"
)

// side is the size of the square-ish plots that stand three in a row.
const (
	sideW = 360
	sideH = 320
)

// series is the class of the k-th line, cyclically.
func series(k int) string { return fmt.Sprintf("s%d", k%6) }

const shownClasses = 6

// roc draws the ROC curves of the classes.
func (p *pictures) roc(classes []automl.ClassCurves) template.HTML {
	c := p.draw(sideW, sideH, "ROC curve", "True positive rate against false positive rate as the decision threshold falls; the diagonal is guessing. "+areas(classes))
	a := frame(c, sideW, sideH, 0, 1, 0, 1)
	a.grid("false positive rate", "true positive rate")
	a.curve("guess", []float64{0, 1}, []float64{0, 1})
	for k := len(classes) - 1; k >= 0; k-- {
		a.curve("curve "+series(k), classes[k].ROC.X, classes[k].ROC.Y)
	}
	return c.html()
}

func areas(classes []automl.ClassCurves) string {
	s := ""
	for _, k := range classes {
		s += fmt.Sprintf("Class %s: area %.3f. ", k.Level, k.ROC.Area)
	}
	return s
}

// precisionRecall draws precision against recall.
func (p *pictures) precisionRecall(classes []automl.ClassCurves) template.HTML {
	s := ""
	for _, k := range classes {
		s += fmt.Sprintf("Class %s: average precision %.3f. ", k.Level, k.PR.Area)
	}
	c := p.draw(sideW, sideH, "Precision-recall curve", "Precision against recall as the decision threshold falls. "+s)
	a := frame(c, sideW, sideH, 0, 1, 0, 1)
	a.grid("recall", "precision")
	for k := len(classes) - 1; k >= 0; k-- {
		a.curve("curve "+series(k), classes[k].PR.X, classes[k].PR.Y)
	}
	return c.html()
}

// calibration draws observed against predicted probability.
func (p *pictures) calibration(classes []automl.ClassCurves) template.HTML {
	c := p.draw(sideW, sideH, "Calibration curve", "Observed frequency against mean predicted probability, in ten bins of equal size; on the diagonal, probabilities mean what they say.")
	a := frame(c, sideW, sideH, 0, 1, 0, 1)
	a.grid("predicted probability", "observed frequency")
	a.curve("guess", []float64{0, 1}, []float64{0, 1})
	for k := len(classes) - 1; k >= 0; k-- {
		var x, y []float64
		for _, b := range classes[k].Calibration {
			x, y = append(x, b.Predicted), append(y, b.Observed)
		}
		a.curve("curve thin "+series(k), x, y)
		for _, b := range classes[k].Calibration {
			a.circle("dot "+series(k), a.x.at(b.Predicted), a.y.at(b.Observed), 3.5,
				fmt.Sprintf("%s: predicted %.2f, observed %.2f in %s rows", classes[k].Level, b.Predicted, b.Observed, number(b.Weight)))
		}
	}
	return c.html()
}

// calibrationError is the mean distance of observed and predicted frequencies, over classes.
func calibrationError(classes []automl.ClassCurves) float64 {
	sum, weight := 0.0, 0.0
	for _, k := range classes {
		for _, b := range k.Calibration {
			sum += b.Weight * math.Abs(b.Predicted-b.Observed)
			weight += b.Weight
		}
	}
	return sum / weight
}

// confusion draws the confusion matrix; shades are shares of the true class.
func (p *pictures) confusion(levels []string, cells [][]float64) template.HTML {
	n := len(levels)
	cell := math.Max(34, math.Min(84, 400/float64(n)))
	const left, top = 118, 56
	w, h := left+cell*float64(n)+10, top+cell*float64(n)+12
	c := p.draw(w, h, "Confusion matrix", "Rows are true classes, columns predicted classes; the table below has the numbers.")
	c.text("axis", left+cell*float64(n)/2, 16, "middle", "predicted class")
	c.sideways("axis", 14, top+cell*float64(n)/2, "true class")
	letters := max(3, int(cell/7.5))
	for i := range n {
		c.text("tick", left-8, top+cell*(float64(i)+0.5)+4, "end", short(levels[i], 12))
		c.text("tick", left+cell*(float64(i)+0.5), top-10, "middle", short(levels[i], letters))
		total, whole := 0.0, true
		for _, v := range cells[i] {
			if v == v {
				total += v
			} else {
				whole = false
			}
		}
		for j := range n {
			share := 0.0
			known := cells[i][j] == cells[i][j]
			if total > 0 && known {
				share = cells[i][j] / total
			}
			x, y := left+cell*float64(j), top+cell*float64(i)
			kind := "wrong"
			if i == j {
				kind = "right"
			}
			fmt.Fprintf(&c.b, `<rect class="cell" x="%s" y="%s" width="%s" height="%s" rx="3"/>`, px(x+1), px(y+1), px(cell-2), px(cell-2))
			fmt.Fprintf(&c.b, `<rect class="%s" style="fill-opacity:%.3f" x="%s" y="%s" width="%s" height="%s" rx="3"><title>%s</title></rect>`, kind, 0.85*share, px(x+1), px(y+1), px(cell-2), px(cell-2),
				template.HTMLEscapeString(fmt.Sprintf("true %s, predicted %s: %s rows, %s", levels[i], levels[j], number(cells[i][j]), shareOf(share, whole))))
			class := "value"
			if share > 0.6 {
				class = "value bright"
			}
			c.text(class, x+cell/2, y+cell/2+1, "middle", number(cells[i][j]))
			if cell >= 60 && whole {
				c.text(class+" small", x+cell/2, y+cell/2+17, "middle", percent(share))
			}
		}
	}
	return c.html()
}

// shareOf is a share for people, where the whole is known.
func shareOf(share float64, whole bool) string {
	if !whole {
		return "share withheld"
	}
	return percent(share)
}
