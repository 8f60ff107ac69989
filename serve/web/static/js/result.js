// What came of an experiment: how good the model is, what it relies on, its files and its report.
import { h } from "./dom.js";
import { t, or, has, score, number, percent, list, metric } from "./text.js";
import { address } from "./api.js";
import { bar } from "./chart.js";
import { named } from "./pipeline.js";
import { output } from "./output.js";
import { count } from "./names.js";

const shownFeatures = 8;
const shownMembers = 5;

// result draws the result of an experiment that is done, and before its report the story of how it was found.
export function result(e, story) {
  const all = e.results ?? [e.result];
  return all.map((r, i) => [all.length > 1 ? h("h2", {}, or(`kind.${r.algorithm}`, r.algorithm)) : null, r.error ? h("p", { class: "problem", lang: "en" }, r.error) : one(e, r, i, i === 0 ? story : null)]);
}

function one(e, r, i, story) {
  const at = (what) => address(e.id, what) + (i ? `?algorithm=${i}` : "");
  return [
    r.metric ? quality(e, r) : null,
    r.files.includes("output") ? output(at("output"), r) : null,
    r.importance?.length || r.ensemble?.length ? h("div", { class: "two" }, r.importance?.length ? importance(r) : null, r.ensemble?.length ? found(r) : null) : null,
    downloads(r, at),
    story,
    r.files.includes("report") ? report(at("report")) : null,
  ];
}

// quality is the score, with what it would be without a model.
function quality(e, r) {
  const cards = [h("div", {}, h("dt", {}, metric(r.metric)), h("dd", {}, h("strong", {}, score(r.score)), h("span", {}, interval(r))))];
  if (r.baseline !== undefined) cards.push(h("div", {}, h("dt", {}, t("result.baseline")), h("dd", {}, h("strong", {}, score(r.baseline)), h("span", {}, t("result.baseline.note")))));
  cards.push(h("div", {}, h("dt", {}, t("result.rows")), h("dd", {}, h("strong", {}, number(r.rows)), h("span", {}, t("covariables.count", { n: count(e) })))));
  if (r.evaluated > 1) cards.push(h("div", {}, h("dt", {}, t("live.tried")), h("dd", {}, h("strong", {}, number(r.evaluated)), h("span", {}, r.failed ? t("live.failed", { n: r.failed }) : ""))));
  return h("section", { class: "card quality", "aria-labelledby": "quality-title" }, h("h2", { id: "quality-title" }, t("result.quality")),
    h("p", { class: `verdict ${verdict(r)}` }, t(`verdict.${verdict(r)}`, { variable: e.variable })),
    h("dl", { class: "cards" }, cards),
    has(`metric.${r.metric}.what`) ? h("p", { class: "hint" }, h("strong", {}, metric(r.metric)), " – ", t(`metric.${r.metric}.what`), " ", t("result.unseen")) : null,
    r.left_out?.length ? h("details", {}, h("summary", {}, t("result.left", { n: r.left_out.length })), h("ul", { lang: "en" }, r.left_out.map((x) => h("li", {}, x)))) : null);
}

function interval(r) {
  if (r.low !== undefined && r.high !== undefined) return t("result.interval", { low: score(r.low), high: score(r.high) });
  return r.std !== undefined ? t("result.std", { std: score(r.std) }) : "";
}

// verdict compares the score with that of no model: how much of the way to perfection was made, and whether chance may have made it.
export function verdict(r) {
  if (r.baseline === undefined || r.score === undefined) return "unknown";
  const gain = r.greater_is_better ? r.score - r.baseline : r.baseline - r.score;
  const worst = r.greater_is_better ? r.low ?? r.score - 2 * (r.std ?? 0) : r.high ?? r.score + 2 * (r.std ?? 0);
  const sure = r.greater_is_better ? worst > r.baseline : worst < r.baseline;
  if (!(gain > 0)) return "none";
  if (!sure) return "unsure";
  const explained = r.task === "regression" ? r.scores?.r2 : null; // an error of half the size is three quarters of the variance
  const way = explained ?? gain / Math.abs((r.greater_is_better ? 1 : 0) - r.baseline);
  return way > 0.7 ? "strong" : way > 0.3 ? "fair" : "weak";
}

function importance(r) {
  const some = r.importance.filter((i) => i.drop > 0);
  const top = some.slice(0, shownFeatures);
  const most = Math.max(...top.map((i) => i.drop), 1e-12);
  return h("section", { class: "card", "aria-labelledby": "importance-title" }, h("h2", { id: "importance-title" }, t("result.importance")),
    h("p", { class: "hint" }, t("result.importance.hint", { metric: metric(r.metric) })),
    h("ul", { class: "bars" }, top.map((i) => h("li", {}, h("span", {}, i.feature), bar(i.drop / most), h("span", { class: "n" }, number(Number(i.drop.toPrecision(2))))))),
    top.length === 0 ? h("p", {}, t("result.importance.none")) : null,
    some.length > top.length ? h("p", { class: "hint" }, t("result.importance.more", { n: some.length - top.length })) : null);
}

function found(r) {
  const top = r.ensemble.slice(0, shownMembers);
  return h("section", { class: "card", "aria-labelledby": "found-title" }, h("h2", { id: "found-title" }, t("result.found")),
    h("p", { class: "hint" }, t("result.found.hint", { n: r.ensemble.length })),
    h("ol", { class: "members" }, top.map((m) => h("li", {}, r.ensemble.length > 1 ? h("span", { class: "pill" }, percent(m.weight)) : null, h("span", { title: m.pipeline }, named(m.pipeline))))),
    r.ensemble.length > top.length ? h("p", { class: "hint" }, t("result.found.more", { n: r.ensemble.length - top.length })) : null,
    r.classes?.length ? h("p", { class: "hint" }, t("result.classes", { classes: list(r.classes.slice(0, 12)) })) : null);
}

function downloads(r, at) {
  const files = ["model", "pfa", "predictions", "output"].filter((f) => r.files.includes(f));
  if (files.length === 0) return null;
  const names = { model: "model.automl", pfa: "model.pfa.json", predictions: "predictions.csv", output: "output.json" };
  return h("section", { class: "card", "aria-labelledby": "files-title" }, h("h2", { id: "files-title" }, t("files.title")),
    h("ul", { class: "files" }, files.map((f) => h("li", {}, h("a", { class: "button", href: at(f), download: names[f] }, t(`files.${f}`)), h("span", { class: "hint" }, t(`files.${f}.what`))))),
    r.no_pfa && !r.files.includes("pfa") ? h("p", { class: "hint" }, t("files.nopfa")) : null);
}

// report shows the report in a frame as high as what is in it.
function report(address) {
  const frame = h("iframe", { src: address, title: t("report.title"), class: "report", loading: "lazy" });
  frame.addEventListener("load", () => {
    const page = frame.contentDocument?.documentElement;
    if (!page) return; // then it scrolls by itself
    const fit = () => { frame.style.height = `${page.querySelector("body").scrollHeight + 2}px`; };
    new ResizeObserver(fit).observe(page.querySelector("body"));
    fit();
  });
  return h("section", { class: "card flush", "aria-labelledby": "report-title" },
    h("div", { class: "heading" }, h("h2", { id: "report-title" }, t("report.title")), h("a", { href: address, target: "_blank", rel: "noopener" }, t("report.open"))), frame);
}
