// How it is done: time for the search, and what only some people want to change.
import { h, fill } from "./dom.js";
import { t, or, duration, metric } from "./text.js";
import { draft, keep, discrete } from "./draft.js";

const times = [30, 60, 300, 900, 3600];
const elsewhere = new Set(["time", "evaluations", "metric"]); // parameters of the search that are asked for in another place

// taskOf is the task that the variable sets, "" if it is not known.
export function taskOf(column) {
  if (!column) return "";
  if (column.type === "number") return draft.task === "classification" ? "multiclass" : draft.task === "regression" ? "regression" : "binary";
  const levels = column.distinct || column.levels?.length || 0;
  return levels === 2 ? "binary" : "multiclass";
}

// timeChooser draws the choice of the search's time.
export function timeChooser(info, changed) {
  const most = info.limits.budget_seconds;
  const now = () => draft.seconds || Math.min(info.limits.default_seconds, most);
  const own = h("input", { type: "number", id: "seconds", min: 1, max: most, step: 1, required: true, value: now(), "aria-label": t("time.seconds"), oninput: () => {
    if (own.checkValidity()) set(own.valueAsNumber, false);
  } });
  const other = h("span", { class: "pair", hidden: times.includes(now()) }, own, t("time.unit"));
  const set = (seconds, hide) => {
    draft.seconds = seconds;
    if (hide) {
      other.hidden = true;
      own.value = seconds;
    }
    keep();
    changed();
  };
  const chip = (value, label, checked, pick) => h("label", {}, h("input", { type: "radio", name: "time", value, checked, onchange: pick }), h("span", {}, label));
  return h("fieldset", { class: "chips", id: "time" }, h("legend", {}, t("time.title")),
    times.filter((s) => s <= most).map((s) => chip(s, duration(s), now() === s, () => set(s, true))),
    chip("other", t("time.other"), !times.includes(now()), () => { other.hidden = false; }), other);
}

// moreOptions draws what is folded away.
export function moreOptions(info, column, changed) {
  const body = h("div", { class: "options" });
  const done = () => { keep(); changed(); };
  const draw = () => {
    const kind = info.kinds.find((k) => k.code === draft.kind) ?? info.kinds[0];
    const type = column && (discrete(column) || draft.task === "classification" ? "category" : "number");
    const options = info.kinds.map((k) => h("option", { value: k.code, selected: k === kind, disabled: Boolean(type && k.variable && !k.variable.includes(type)) }, or(`kind.${k.code}`, k.label)));
    fill(body,
      field("name", t("option.name"), h("input", { type: "text", id: "name", maxlength: 200, value: draft.name, oninput: (e) => { draft.name = e.target.value; keep(); } })),
      field("kind", t("option.kind"), h("select", { id: "kind", "aria-describedby": "kind-hint", onchange: (e) => {
        draft.kind = e.target.value;
        draft.parameters = {};
        draw();
        body.querySelector("#kind").focus();
        done();
      } }, options), h("p", { class: "hint", id: "kind-hint" }, or(`kind.${kind.code}.what`, kind.description))),
      kind.code === "automl" ? metricField(info, column, done) : null,
      kind.parameters.filter((p) => !elsewhere.has(p.code)).map((p) => parameter(p, done)));
  };
  draw();
  const open = Boolean(draft.name || draft.metric || draft.kind !== "automl" || Object.keys(draft.parameters).length);
  return { element: h("details", { class: "more", open }, h("summary", {}, t("option.more")), body), invalid: () => body.querySelector(":invalid") };
}

function field(id, label, ...rest) {
  return h("div", { class: "field" }, h("label", { for: id }, label), rest);
}

function metricField(info, column, done) {
  const names = info.metrics[taskOf(column)] ?? [];
  const what = h("p", { class: "hint", id: "metric-hint" });
  const explain = () => fill(what, draft.metric ? or(`metric.${draft.metric}.what`, "") : t("option.metric.hint"));
  if (!names.includes(draft.metric)) draft.metric = "";
  explain();
  return field("metric", t("option.metric"), h("select", { id: "metric", "aria-describedby": "metric-hint", onchange: (e) => { draft.metric = e.target.value; explain(); done(); } },
    h("option", { value: "", selected: !draft.metric }, t("option.metric.auto")), names.map((m) => h("option", { value: m, selected: m === draft.metric }, metric(m)))), what);
}

function parameter(p, done) {
  const id = `parameter-${p.code}`;
  const value = draft.parameters[p.code] ?? "";
  const set = (v) => {
    if (v === "" || v === p.default) delete draft.parameters[p.code];
    else draft.parameters[p.code] = v;
    done();
  };
  const hint = or(`parameter.${p.code}.what`, p.description);
  const props = { id, "aria-describedby": hint ? `${id}-hint` : null };
  let input;
  if (p.type === "enumeration") {
    input = h("select", { ...props, onchange: (e) => set(e.target.value) }, p.values.map((v) => h("option", { value: v, selected: v === (value || p.default) }, or(`value.${v}`, v))));
  } else if (p.type === "string") {
    input = h("input", { ...props, type: "text", value, placeholder: p.default ?? "", oninput: (e) => set(e.target.value) });
  } else {
    input = h("input", { ...props, type: "number", min: p.min ?? null, max: p.max ?? null, step: p.type === "integer" ? 1 : "any", value, placeholder: p.default ?? "", oninput: (e) => { if (e.target.checkValidity()) set(e.target.value); } });
  }
  return field(id, or(`parameter.${p.code}`, p.label), input, hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null);
}
