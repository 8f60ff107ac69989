// Which column is predicted, and from which others.
import { h, fill, write } from "./dom.js";
import { t, number, percent } from "./text.js";
import { spark, bar } from "./chart.js";
import { draft, keep, usable, discrete, covariables } from "./draft.js";

const many = 12; // columns, from which on they can be searched
const fewValues = 20; // a number with at most as many values may stand for groups

// called is what people call a column.
export function called(c) {
  return c.label && c.label !== c.name ? `${c.label} (${c.name})` : c.name;
}

// picture is the distribution of a column.
function picture(c) {
  if (c.histogram) return spark(c.histogram.counts);
  if (c.levels?.some((l) => l.rows > 0)) return spark(c.levels.slice(0, 12).map((l) => l.rows));
  return null;
}

// gist says what is in a column.
function gist(c, rows) {
  const out = [];
  if (c.type === "date") out.push(t("type.date")); // its range is counted in days
  else if (c.min !== undefined) out.push(t("column.range", { min: c.min, max: c.max }));
  else if (c.levels?.length) out.push(c.levels.slice(0, 3).map((l) => l.value).join(", ") + (c.levels.length > 3 ? "…" : ""));
  else out.push(t(`type.${c.type}`));
  if (c.missing && rows) out.push(t("column.missing", { share: percent(c.missing / rows) }));
  return out.join(" · ");
}

// variableChooser draws the choice of the variable; changed is called after it.
export function variableChooser(table, changed) {
  const problem = h("p", { class: "problem", role: "alert", id: "variable-problem" });
  const shown = h("div", { class: "levels" });
  const task = h("div", {});
  const columns = table.columns.filter((c) => usable(c) && c.type !== "date");
  const group = (label, of) => (of.length ? h("optgroup", { label }, of.map((c) => h("option", { value: c.name, selected: c.name === draft.variable }, called(c)))) : null);
  const select = h("select", { id: "variable", "aria-describedby": "variable-hint variable-problem", onchange: () => {
    draft.variable = select.value;
    draft.task = "";
    draft.metric = "";
    tell("");
    draw();
    keep();
    changed();
  } },
  h("option", { value: "", selected: !draft.variable }, t("variable.choose")),
  group(t("type.categories"), columns.filter(discrete)), group(t("type.numbers"), columns.filter((c) => !discrete(c))));

  const tell = (text) => {
    write(problem, text);
    select.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const draw = () => {
    const c = columns.find((x) => x.name === draft.variable);
    fill(shown, c ? distribution(c, table.rows) : null);
    fill(task, c?.type === "number" && c.distinct > 2 && c.distinct <= fewValues ? tasks() : null);
    if (c?.type === "number" && !draft.task) draft.task = c.distinct > 2 || c.distinct === undefined ? "regression" : "";
  };
  const tasks = () => {
    draft.task ||= "regression";
    return h("fieldset", { class: "chips" }, h("legend", {}, t("task.title")), ["regression", "classification"].map((v) =>
      h("label", {}, h("input", { type: "radio", name: "task", value: v, checked: draft.task === v, onchange: () => { draft.task = v; keep(); changed(); } }), h("span", {}, t(`task.${v}`)))));
  };
  draw();
  return {
    section: h("section", { class: "card", "aria-labelledby": "variable-title" },
      h("h2", { id: "variable-title" }, h("span", { class: "step", "aria-hidden": "true" }, "2"), t("variable.title")),
      h("div", { class: "field" }, h("label", { for: "variable" }, t("variable")), select, h("p", { class: "hint", id: "variable-hint" }, t("variable.hint"))), problem, shown, task),
    focus: () => select.focus(), tell,
  };
}

// distribution is what is in the variable, larger.
function distribution(c, rows) {
  if (c.levels?.some((l) => l.rows > 0)) {
    const all = c.levels.slice(0, 6);
    const top = Math.max(...all.map((l) => l.rows));
    return [h("ul", { class: "bars" }, all.map((l) => h("li", {}, h("span", {}, l.value), bar(l.rows / top), h("span", { class: "n" }, number(l.rows))))),
      missing(c, rows)];
  }
  if (c.histogram) return [h("div", { class: "wide" }, spark(c.histogram.counts, 300, 48)), h("p", { class: "hint" }, t("column.range", { min: c.min, max: c.max }), " · ", t("column.mean", { mean: c.mean })), missing(c, rows)];
  return null;
}

function missing(c, rows) {
  return c.missing && rows ? h("p", { class: "hint" }, t("variable.missing", { n: c.missing })) : null;
}

// covariableChooser draws the choice of co-variables and grouping; changed is called after it.
export function covariableChooser(table, changed) {
  const problem = h("p", { class: "problem", role: "alert", id: "covariables-problem" });
  const count = h("p", { class: "hint", id: "covariables-count" });
  const items = new Map();
  const list = h("ul", { class: "columns" });
  const groups = h("div", { class: "groups" });
  const search = h("input", { type: "search", id: "search", placeholder: t("covariables.search"), "aria-label": t("covariables.search"), oninput: () => sift() });

  const sift = () => {
    const text = search.value.trim().toLowerCase();
    for (const [name, { item, column }] of items) item.hidden = name === draft.variable || !called(column).toLowerCase().includes(text);
  };
  const set = (name, on) => {
    draft.covariables = draft.covariables.filter((c) => c !== name);
    if (on) draft.covariables.push(name);
  };
  const all = (on) => {
    for (const [name, { item, box }] of items) {
      if (item.hidden || box.disabled) continue;
      box.checked = on;
      set(name, on);
    }
    done();
  };
  const done = () => {
    write(problem, "");
    draw();
    keep();
    changed();
  };
  const draw = () => {
    for (const [name, { box }] of items) {
      box.disabled = draft.grouping.includes(name);
      box.checked = box.disabled || draft.covariables.includes(name);
    }
    write(count, t("covariables.chosen", { n: covariables().length }));
    sift();
    fill(groups, table.columns.filter((c) => discrete(c) && c.name !== draft.variable).map((c) => h("label", {},
      h("input", { type: "checkbox", value: c.name, checked: draft.grouping.includes(c.name), onchange: (e) => {
        draft.grouping = draft.grouping.filter((g) => g !== c.name);
        if (e.target.checked) draft.grouping.push(c.name);
        done();
        [...groups.querySelectorAll("input")].find((i) => i.value === c.name)?.focus();
      } }), h("span", {}, called(c)))));
    grouping.hidden = !groups.childElementCount;
  };

  for (const column of table.columns) {
    const box = h("input", { type: "checkbox", value: column.name, disabled: !usable(column), onchange: () => { set(column.name, box.checked); done(); } });
    const item = h("li", { class: usable(column) ? null : "unusable" }, h("label", {}, box, h("span", { class: "name" }, called(column)), picture(column), h("span", { class: "hint" }, gist(column, table.rows))));
    if (usable(column)) items.set(column.name, { item, box, column });
    list.append(item);
  }
  const grouping = h("details", { open: draft.grouping.length > 0 }, h("summary", {}, t("grouping")), h("p", { class: "hint" }, t("grouping.hint")), h("fieldset", {}, h("legend", { class: "unseen" }, t("grouping")), groups));
  draw();
  return {
    section: h("section", { class: "card", "aria-labelledby": "covariables-title" },
      h("h2", { id: "covariables-title" }, h("span", { class: "step", "aria-hidden": "true" }, "3"), t("covariables.title")),
      h("p", { class: "hint" }, t("covariables.hint")),
      h("fieldset", { "aria-describedby": "covariables-problem covariables-count" }, h("legend", { class: "unseen" }, t("covariables")),
        h("div", { class: "tools" }, table.columns.length > many ? search : null,
          h("button", { type: "button", class: "button small", onclick: () => all(true) }, t("covariables.all")),
          h("button", { type: "button", class: "button small", onclick: () => all(false) }, t("covariables.none")), count), list), problem, grouping),
    refresh: draw,
    focus: () => list.querySelector("input:not(:disabled)")?.focus(), tell: (text) => write(problem, text),
  };
}
