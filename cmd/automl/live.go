package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/lren-chuv/automl/gp"
)

// picture shows the search in several lines until it ends or ctx is cancelled. Keys and signals stay what they are: the
// terminal is not read from, and Ctrl-C still interrupts the search.
func (p *progress) picture(ctx context.Context) {
	program := tea.NewProgram(screen{p, minWidth, minRows}, tea.WithInput(nil), tea.WithOutput(p.out), tea.WithoutSignalHandler())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = program.Run() // a terminal that went away needs no picture
	}()
	select {
	case <-p.stop:
	case <-ctx.Done():
	case <-done:
		return
	}
	program.Send(redraw{})
	program.Quit()
	<-done
}

// screen is the state of the search as bubbletea shows it.
type screen struct {
	progress      *progress
	width, height int
}

// redraw asks for a new picture.
type redraw struct{}

// Init begins to redraw.
func (s screen) Init() tea.Cmd { return s.later() }

func (s screen) later() tea.Cmd {
	return tea.Tick(200*time.Millisecond, func(time.Time) tea.Msg { return redraw{} })
}

// Update follows the size of the terminal and redraws from time to time.
func (s screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = m.Width, m.Height
	case redraw:
		return s, s.later()
	}
	return s, nil
}

// View draws.
func (s screen) View() tea.View {
	now, elapsed := s.progress.look()
	v := tea.NewView(now.draw(elapsed, s.width, s.height) + "\n") // the line of the cursor is cleared in the end
	v.DisableBracketedPasteMode = true
	return v
}

var (
	strong = lipgloss.NewStyle().Bold(true)
	faint  = lipgloss.NewStyle().Faint(true)
	green  = lipgloss.NewStyle().Foreground(lipgloss.Green) // colours of the terminal's own palette suit its background
	red    = lipgloss.NewStyle().Foreground(lipgloss.Red)
)

const (
	labels     = 9 // width of the first column
	shownFront = 6
	shownFails = 3
)

// draw is the picture of a search: no line is wider than the terminal, and there are at least two fewer than it has rows.
func (s *state) draw(elapsed time.Duration, width, height int) string {
	lines := append(s.budgetLines(elapsed, width), s.scoreLines(elapsed, width)...)
	left := height - 2 - len(lines) - 1 // but for the cursor's line, that of the command above, and that of the memory
	fails := min(len(s.Failures), shownFails, max(0, left-2))
	lines = append(lines, s.frontLines(min(shownFront, left-fails))...)
	for i, f := range s.Failures[:fails] {
		lines = append(lines, row(when(i == 0, "failed"), red.Render(fmt.Sprintf("%6d", f.Count))+"  "+printable(f.Reason)))
	}
	lines = append(lines, s.memoryLine())
	for i, l := range lines {
		lines[i] = cut(l, width-1)
	}
	return strings.Join(lines[:min(len(lines), max(1, height-2))], "\n")
}

// row puts a label in front.
func row(label, text string) string {
	return faint.Render(fmt.Sprintf("%-*s", labels, label)) + " " + text
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

func (s *state) budgetLines(elapsed time.Duration, width int) []string {
	share := s.share(elapsed)
	text := fmt.Sprintf("%.1fs", elapsed.Seconds())
	if s.budget > 0 {
		text += " of " + s.budget.String()
	}
	if s.evaluations > 0 {
		text += fmt.Sprintf(" · %d of %d evaluations", s.Evaluated, s.evaluations)
	}
	if s.generations > 0 {
		text += fmt.Sprintf(" · %d of %d generations", s.Generation, s.generations)
	}
	speed := fmt.Sprintf("%.1f/s", float64(s.Evaluated)/elapsed.Seconds())
	if n := min(lately, len(s.recent)); n > 1 {
		since := elapsed - s.recent[len(s.recent)-n]
		speed += fmt.Sprintf(", now %.1f/s", float64(n)/max(since.Seconds(), 1e-3))
	}
	return []string{
		row("budget", green.Render(bar(share, min(40, width/3)))+fmt.Sprintf(" %3.0f%%  ", 100*share)+text),
		row("tried", strong.Render(fmt.Sprint(s.Evaluated))+fmt.Sprintf(" (%s) · %d given up early · ", speed, s.Pruned)+
			failedCount(s.Failed)+fmt.Sprintf(" · generation %d", s.Generation)),
	}
}

func failedCount(n int) string {
	text := fmt.Sprintf("%d failed", n)
	if n == 0 {
		return text
	}
	return red.Render(text)
}

func (s *state) scoreLines(elapsed time.Duration, width int) []string {
	if s.Best == nil {
		return []string{row(cut(s.metric.Name, labels), faint.Render("nothing yet"))}
	}
	return []string{
		row(cut(s.metric.Name, labels), strong.Render(fmt.Sprintf("%.5g", s.Best.Result.Score))+"  "+green.Render(s.spark(elapsed, min(60, width/2)))),
		row("best", s.Best.Tree.String()),
	}
}

// spark is the best score over the time so far.
func (s *state) spark(elapsed time.Duration, cells int) string {
	if len(s.rises) == 0 {
		return ""
	}
	first := s.rises[0].at
	losses := make([]float64, cells)
	at := 0
	for k := range losses {
		until := first + time.Duration(float64(elapsed-first)*float64(k+1)/float64(cells))
		for at+1 < len(s.rises) && s.rises[at+1].at <= until {
			at++
		}
		losses[k] = s.rises[at].loss
	}
	return sparkline(losses)
}

// frontLines are the best pipelines of their size, the best of all first.
func (s *state) frontLines(most int) []string {
	front := slices.SortedFunc(slices.Values(s.Front), func(a, b *gp.Individual) int { return cmp.Compare(a.Cost[0], b.Cost[0]) })
	var out []string
	for i, ind := range front[:max(0, min(most, len(front)))] {
		unit := "operators"
		if ind.Tree.Steps() == 1 {
			unit = "operator "
		}
		out = append(out, row(when(i == 0, "front"), fmt.Sprintf("%3d %s  %-8.5g  ", ind.Tree.Steps(), unit, ind.Result.Score)+faint.Render(ind.Tree.String())))
	}
	return out
}

func (s *state) memoryLine() string {
	text := bytesText(float64(s.Memory))
	if s.memory > 0 {
		text += " of " + bytesText(float64(s.memory))
	}
	if asked := s.Prefixes.Hits + s.Prefixes.Misses; asked > 0 {
		text += fmt.Sprintf(" · prefixes known %s of %d (%s)", percentOf(int(s.Prefixes.Hits), int(asked)), asked, bytesText(float64(s.Prefixes.Bytes)))
	}
	if asked := s.Evaluated + s.Duplicates; asked > 0 {
		text += fmt.Sprintf(" · pipelines known %s of %d", percentOf(s.Duplicates, asked), asked)
	}
	return row("memory", text)
}

func percentOf(part, all int) string { return fmt.Sprintf("%.0f%%", 100*float64(part)/float64(all)) }

// bytesText is a size for people, in powers of 1000.
func bytesText(v float64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if v < 1000 {
			return fmt.Sprintf("%.0f %s", v, unit)
		}
		v /= 1000
	}
	return fmt.Sprintf("%.1f GB", v)
}

// printable is a text in one line without what a terminal would obey.
func printable(text string) string { return oneLine(ansi.Strip(text)) }

// cut shortens a line, with or without colours, to a number of columns.
func cut(line string, width int) string { return ansi.Truncate(line, max(1, width), "…") }

func bar(share float64, width int) string {
	full := int(share * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}
