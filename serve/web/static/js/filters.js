// Which rows take part: rules that all or any of them must hold.
import { h, fill } from "./dom.js";
import { t } from "./text.js";
import { draft, keep, discrete } from "./draft.js";
import { called } from "./columns.js";

const operators = {
  number: ["greater_or_equal", "less_or_equal", "between", "greater", "less", "equal", "not_equal", "is_not_null", "is_null"],
  category: ["equal", "not_equal", "in", "not_in", "is_not_null", "is_null"],
  other: ["is_not_null", "is_null"],
};

function kindOf(column) {
  return column.type === "number" ? "number" : discrete(column) ? "category" : "other";
}

// plain is a value to begin with.
function plain(column, operator) {
  if (operator.endsWith("null")) return null;
  if (operator === "between") return [column.min ?? 0, column.max ?? 0];
  if (operator === "in" || operator === "not_in") return [];
  if (kindOf(column) === "category") return column.levels?.[0]?.value ?? "";
  return operator.startsWith("less") ? column.max ?? 0 : column.min ?? 0;
}

// filterEditor draws the rules; changed is called after every change.
export function filterEditor(table, changed) {
  const columns = table.columns.filter((c) => c.type !== "constant" && c.type !== "other");
  const rules = h("ol", { class: "rules" });
  const joint = h("div", {});
  const done = () => { keep(); changed(); };

  const add = () => {
    const c = columns[0];
    const operator = operators[kindOf(c)][0];
    draft.rules.push({ field: c.name, operator, value: plain(c, operator) });
    draw();
    rules.lastElementChild.querySelector("select").focus();
    done();
  };

  const rule = (r, i) => {
    const column = columns.find((c) => c.name === r.field) ?? columns[0];
    const redraw = (which) => {
      const now = rule(r, i);
      item.replaceWith(now);
      now.querySelectorAll("select")[which].focus();
      done();
    };
    const known = operators[kindOf(column)];
    const all = known.includes(r.operator) ? known : [...known, r.operator];
    const item = h("li", {},
      h("select", { "aria-label": t("filter.column"), onchange: (e) => {
        r.field = e.target.value;
        const c = columns.find((x) => x.name === r.field);
        r.operator = operators[kindOf(c)][0];
        r.value = plain(c, r.operator);
        redraw(0);
      } }, columns.map((c) => h("option", { value: c.name, selected: c === column }, called(c)))),
      h("select", { "aria-label": t("filter.operator"), onchange: (e) => { r.operator = e.target.value; r.value = plain(column, r.operator); redraw(1); } },
        all.map((o) => h("option", { value: o, selected: o === r.operator }, t(`op.${kindOf(column) === "number" && !o.endsWith("null") ? "number." : ""}${o}`)))),
      values(column, r, done),
      h("button", { type: "button", class: "button small", "aria-label": t("filter.remove", { column: column.name }), onclick: () => {
        draft.rules.splice(draft.rules.indexOf(r), 1);
        draw();
        adding.focus();
        done();
      } }, "✕"));
    return item;
  };

  const draw = () => {
    fill(rules, draft.rules.map(rule));
    fill(joint, draft.rules.length < 2 ? null : h("fieldset", { class: "chips" }, h("legend", {}, t("filter.join")), ["AND", "OR"].map((v) =>
      h("label", {}, h("input", { type: "radio", name: "condition", value: v, checked: draft.condition === v, onchange: () => { draft.condition = v; done(); } }), h("span", {}, t(`filter.${v}`))))));
  };

  const adding = h("button", { type: "button", class: "button small", onclick: add }, t("filter.add"));
  draw();
  return h("section", { class: "card", "aria-labelledby": "filter-title" },
    h("h2", { id: "filter-title" }, h("span", { class: "step", "aria-hidden": "true" }, "4"), t("filter.title")),
    h("p", { class: "hint" }, t("filter.hint")), joint, rules, adding);
}

// values draws the inputs of a rule.
function values(column, r, done) {
  const label = t("filter.value");
  const numeric = (get, set) => h("input", { type: "number", step: "any", required: true, "aria-label": label, value: get(), oninput: (e) => { set(e.target.valueAsNumber); done(); } });
  if (r.value === null || r.value === undefined) return null;
  if (r.operator === "between" || r.operator === "not_between") {
    return h("span", { class: "pair" }, numeric(() => r.value[0], (v) => { r.value[0] = v; }), t("filter.to"), numeric(() => r.value[1], (v) => { r.value[1] = v; }));
  }
  if (column.type === "number" && !Array.isArray(r.value)) return numeric(() => r.value, (v) => { r.value = v; });
  const levels = (column.levels ?? []).map((l) => l.value);
  const complete = levels.length > 0 && !column.others;
  if (Array.isArray(r.value) && complete) {
    return h("span", { class: "groups", role: "group", "aria-label": label }, levels.map((v) => h("label", {},
      h("input", { type: "checkbox", checked: r.value.includes(v), onchange: (e) => { r.value = levels.filter((l) => (l === v ? e.target.checked : r.value.includes(l))); done(); } }), h("span", {}, v))));
  }
  if (Array.isArray(r.value)) {
    return h("input", { type: "text", required: true, "aria-label": t("filter.values"), placeholder: t("filter.values"), value: r.value.join(", "),
      oninput: (e) => { r.value = e.target.value.split(",").map((v) => v.trim()).filter(Boolean); done(); } });
  }
  if (complete) return h("select", { "aria-label": label, onchange: (e) => { r.value = e.target.value; done(); } }, levels.map((v) => h("option", { value: v, selected: v === r.value }, v)));
  return h("input", { type: "text", required: true, "aria-label": label, value: r.value, oninput: (e) => { r.value = e.target.value; done(); } });
}

// incomplete is the number of a rule that lacks a value, -1 for none.
export function incomplete() {
  const lacks = (v) => v === "" || Number.isNaN(v) || v === null;
  return draft.rules.findIndex((r) => !r.operator.endsWith("null") && !r.operator.endsWith("empty") && (Array.isArray(r.value) ? r.value.length === 0 || r.value.some(lacks) : lacks(r.value)));
}
