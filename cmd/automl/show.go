package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

func showCommand() *cobra.Command {
	var asJSON, history bool
	var out string
	cmd := &cobra.Command{
		Use:   "show MODEL",
		Short: "Show what is in a model file",
		Args:  exactly("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := load(args[0])
			if err != nil {
				return err
			}
			switch {
			case history && out == "":
				return m.WriteHistory(cmd.OutOrStdout())
			case history && strings.HasSuffix(out, ".parquet"):
				return writeFile(out, m.WriteHistoryParquet)
			case history:
				return writeFile(out, m.WriteHistory)
			case out != "":
				return usagef("-o %s: is for --history; the rest goes to standard output", out)
			case !asJSON:
				return show(cmd.OutOrStdout(), m)
			}
			d := describe(m)
			d.Model = args[0]
			return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
				trained
				Best   automl.Scored     `json:"best"`
				Front  []automl.Scored   `json:"front"`
				Search automl.Statistics `json:"search"`
				Schema *dataset.Schema   `json:"schema"`

				Importance []explain.Importance `json:"importance"`
			}{d, m.Best, m.Front, m.Search, m.Schema, importance(m)})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&history, "history", false, "print every pipeline of the search as CSV")
	cmd.Flags().StringVarP(&out, "out", "o", "", "with --history: file to write, as Parquet if it is called .parquet (default CSV on standard output)")
	return cmd
}

// importance of the columns, empty if it is not known.
func importance(m *automl.Model) []explain.Importance {
	if m.Record == nil || m.Record.Reasons.Importance == nil {
		return []explain.Importance{}
	}
	return m.Record.Reasons.Importance
}

func show(w io.Writer, m *automl.Model) error {
	fmt.Fprintf(w, "%s of %s, learned from %d rows and %d columns (data %s), seed %d, automl %s\n",
		m.Task, m.Target, m.Search.Rows, m.Search.Columns, m.Search.Fingerprint, m.Search.Seed, m.Search.Program)
	printScores(w, m)
	searched := ""
	if m.Search.Sample > 0 {
		searched = fmt.Sprintf(" of %d rows", m.Search.Sample)
	}
	fmt.Fprintf(w, "  %d pipelines evaluated on %d folds%s, %d of them given up early, %d failed, %d generations\n",
		m.Search.Evaluated, m.Search.Folds, searched, m.Search.Pruned, m.Search.Failed, m.Search.Generations)
	fmt.Fprintf(w, "  known from before: %.0f%% of the proposed pipelines", 100*m.Search.KnownRate())
	if m.Record != nil {
		if share, known := m.Record.PrefixRate(); known {
			fmt.Fprintf(w, ", %.0f%% of the fitted steps", 100*share)
		}
	}
	fmt.Fprintln(w)
	for _, member := range m.Members {
		fmt.Fprintf(w, "\n%.0f%% of the prediction\n", 100*member.Weight)
		t, err := pipeline.Parse(member.Pipeline, catalog.ForTable(m.Search.Columns, nil))
		if err != nil {
			fmt.Fprintln(w, "  "+member.Pipeline)
			continue
		}
		drawTree(w, t, t.Len()-1, "  ", "  ")
	}
	fmt.Fprintf(w, "\nPareto front (%s against number of operators)\n", m.Metric)
	for _, s := range m.Front {
		fmt.Fprintf(w, "  %.5g ± %.2g  %2d  %s\n", s.Score, s.Std, s.Steps, s.Pipeline)
	}
	showRecord(w, m)
	return nil
}

// drawTree prints node i and, indented below it, its children.
func drawTree(w io.Writer, t pipeline.Tree, i int, first, rest string) {
	n := t.Node(i)
	label := map[pipeline.Op]string{pipeline.Input: "input", pipeline.Union: "union", pipeline.Stack: "stack"}[n.Op]
	if n.Op == pipeline.Step {
		label = strings.TrimSpace(n.Spec.Name + "  " + strings.Join(n.Settings(), ", "))
	}
	fmt.Fprintln(w, first+label)
	children := t.Children(i)
	for k, c := range children {
		if k == len(children)-1 {
			drawTree(w, t, c, rest+"└─ ", rest+"   ")
		} else {
			drawTree(w, t, c, rest+"├─ ", rest+"│  ")
		}
	}
}

func operatorsCommand() *cobra.Command {
	var task string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "operators",
		Short: "List the catalogue of operators with their hyper-parameters",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var infos []catalog.Entry
			for _, s := range catalog.Stored() {
				if e := catalog.Describe(s); task == "" || slices.Contains(e.Tasks, task) {
					infos = append(infos, e)
				}
			}
			if len(infos) == 0 {
				return usagef("--task %s: want binary, multiclass or regression", task)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(infos)
			}
			return listOperators(cmd.OutOrStdout(), infos)
		},
	}
	cmd.Flags().StringVar(&task, "task", "", "only those that serve binary, multiclass or regression")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array, which can be edited and given to train --config")
	return cmd
}

func listOperators(w io.Writer, infos []catalog.Entry) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, o := range infos {
		var params []string
		for _, p := range o.Params {
			switch {
			case p.Fixed:
				continue
			case p.Low != nil:
				params = append(params, fmt.Sprintf("%s=%g..%g", p.Name, *p.Low, *p.High))
			case len(p.Choices) > 0:
				params = append(params, p.Name+"="+strings.Join(p.Choices, "|"))
			default:
				params = append(params, p.Name)
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", o.Name, o.Role, strings.Join(params, ", "))
	}
	return tw.Flush()
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			commit := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						commit = s.Value
					}
				}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "automl %s, commit %s, %s %s/%s\n", automl.Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
