// Experiments side by side.
import { h } from "./dom.js";
import { t, or, score, number, duration, moment, metric } from "./text.js";
import { call } from "./api.js";
import { titleOf, detail } from "./names.js";
import { named } from "./pipeline.js";

export async function comparePage(ids, signal) {
  document.title = `${t("compare.title")} · automl`;
  const all = await Promise.all(ids.split(",").slice(0, 8).map((id) => call(`experiments/${id}`, { signal })));
  return [
    h("p", { class: "kicker" }, h("a", { href: "#/experiments" }, t("nav.experiments"))),
    h("h1", {}, t("compare.title")),
    caveats(all).map((text) => h("p", { class: "note" }, text)),
    scores(all),
    h("section", { class: "card", "aria-labelledby": "details-title" }, h("h2", { id: "details-title" }, t("compare.details")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "details-title" }, table(all))),
  ];
}

// caveats say what makes scores incomparable.
function caveats(all) {
  const differ = (of) => new Set(all.map((e) => JSON.stringify(of(e) ?? null))).size > 1;
  const out = [];
  if (differ((e) => e.variable)) out.push(t("compare.variables"));
  if (differ((e) => e.table.id)) out.push(t("compare.tables"));
  else if (differ((e) => e.filters)) out.push(t("compare.filters"));
  if (differ((e) => e.result?.metric)) out.push(t("compare.metrics"));
  return out;
}

// scores draws the intervals of the metric that all have, on one scale.
function scores(all) {
  const of = (e) => e.result?.metric;
  if (!of(all[0]) || all.some((e) => of(e) !== of(all[0]))) return null;
  const bounds = (r) => [r.low ?? r.score - (r.std ?? 0), r.high ?? r.score + (r.std ?? 0)];
  const values = all.flatMap((e) => [e.result.score, ...bounds(e.result)]);
  const lo = Math.min(...values);
  const width = Math.max(...values) - lo || 1;
  const at = (v) => 8 + ((v - lo) / width) * 284;
  const best = all.reduce((a, b) => ((b.result.greater_is_better ? b.result.score > a.result.score : b.result.score < a.result.score) ? b : a));
  return h("section", { class: "card", "aria-labelledby": "scores-title" }, h("h2", { id: "scores-title" }, metric(of(all[0]))),
    h("p", { class: "hint" }, t(best.result.greater_is_better ? "compare.higher" : "compare.lower"), " ", t("compare.interval")),
    h("ul", { class: "ranges" }, all.map((e) => {
      const [low, high] = bounds(e.result);
      return h("li", { class: e === best ? "best" : null }, h("span", {}, h("a", { href: `#/experiment/${e.id}` }, titleOf(e)), h("span", { class: "hint" }, detail(e))),
        h("svg", { viewBox: "0 0 300 16", "aria-hidden": "true", class: "range" },
          h("line", { class: "grid", x1: 0, x2: 300, y1: 8, y2: 8 }), h("line", { class: "whisker", x1: at(low), x2: at(high), y1: 8, y2: 8 }), h("circle", { class: "dot last", cx: at(e.result.score), cy: 8, r: 6 })),
        h("span", { class: "n" }, h("strong", {}, score(e.result.score)), ` ${score(low)}–${score(high)}`));
    })));
}

function table(all) {
  const row = (label, of) => {
    const cells = all.map(of);
    return cells.every((c) => c === null || c === undefined || c === "") ? null : h("tr", {}, h("th", { scope: "row" }, label), cells.map((c) => h("td", {}, c ?? "–")));
  };
  const names = [...new Set(all.flatMap((e) => Object.keys(e.result?.scores ?? {})))];
  const some = (names, most = 12) => (names.length > most ? `${names.slice(0, most).join(", ")}…` : names.join(", "));
  return h("table", { class: "compare" },
    h("thead", {}, h("tr", {}, h("td", {}), all.map((e) => h("th", { scope: "col" }, h("a", { href: `#/experiment/${e.id}` }, titleOf(e)), h("span", { class: "hint" }, moment(e.created)))))),
    h("tbody", {},
      row(t("data.table"), (e) => e.table.name),
      row(t("variable"), (e) => e.variable),
      row(t("covariables"), (e) => some(e.covariables)),
      row(t("grouping"), (e) => some(e.grouping)),
      row(t("filter.title"), (e) => (e.filters ? t("run.filters", { n: (e.filters.rules ?? [e.filters]).length }) : "")),
      row(t("option.kind"), (e) => or(`kind.${e.kind}`, e.kind)),
      row(t("result.rows"), (e) => e.result?.rows && number(e.result.rows)),
      row(t("result.baseline"), (e) => e.result?.baseline !== undefined && score(e.result.baseline)),
      names.map((m) => row(metric(m), (e) => e.result?.scores?.[m] !== undefined && score(e.result.scores[m]))),
      row(t("live.tried"), (e) => e.result?.evaluated && number(e.result.evaluated)),
      row(t("compare.time"), (e) => duration(e.spent)),
      row(t("compare.best"), (e) => e.result?.pipeline && named(e.result.pipeline)),
      row(t("compare.relies"), (e) => e.result?.importance && some(e.result.importance.map((i) => i.feature), 5))));
}
