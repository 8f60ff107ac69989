// What experiments are called, and how they stand.
import { h } from "./dom.js";
import { t, or } from "./text.js";

// stateName is the state in words.
export function stateName(e) {
  return e.cancelled && e.state === "failed" ? t("state.cancelled") : t(`state.${e.state}`);
}

// badge is the state as a small sign.
export function badge(e) {
  return h("span", { class: `badge ${e.cancelled && e.state === "failed" ? "cancelled" : e.state}` }, stateName(e));
}

// titleOf is what an experiment is called.
export function titleOf(e) {
  return e.name || (e.kind === "automl" ? t("experiment.predicting", { variable: e.variable }) : t("experiment.other", { kind: e.kind.split(",").map((k) => or(`kind.${k}`, k)).join(", "), variable: e.variable }));
}

// count is how many co-variables an experiment has, grouping included.
export function count(e) {
  return new Set([...e.covariables, ...e.grouping]).size;
}

// detail tells experiments apart that are called the same.
export function detail(e) {
  return [e.table.name || e.table.id, t("covariables.count", { n: count(e) }), e.filters ? t("run.filters", { n: (e.filters.rules ?? [e.filters]).length }) : ""].filter(Boolean).join(" · ");
}
