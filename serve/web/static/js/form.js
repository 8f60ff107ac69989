// The page on which an experiment is put together, and its one button.
import { h, fill, write } from "./dom.js";
import { t, or, number, duration } from "./text.js";
import { call, info, key } from "./api.js";
import { draft, keep, about, again, covariables, request } from "./draft.js";
import { tableChooser } from "./tables.js";
import { variableChooser, covariableChooser } from "./columns.js";
import { filterEditor, incomplete } from "./filters.js";
import { timeChooser, moreOptions } from "./options.js";

// newPage draws the form; from is an experiment to begin with.
export async function newPage(from, signal) {
  document.title = `${t("new.title")} · automl`;
  const can = await info(signal);
  let note = null;
  if (from) {
    const e = await call(`experiments/${from}`, { signal });
    if (!again(e)) note = h("p", { class: "note" }, t("new.nested"));
    history.replaceState(null, "", "#/new");
  }
  const page = new Form(can, signal);
  page.tables = await tableChooser({ signal, limits: can.limits, selected: draft.table, chosen: (table) => page.choose(table) });
  page.tables.start();
  return page.draw(note);
}

// Form is the page with what was chosen in it.
class Form {
  constructor(can, signal) {
    Object.assign(this, { can, signal, table: null, key: key(), sent: "" });
    this.rest = h("div", {});
    this.how = h("div", {});
    this.sentence = h("p", { class: "sentence" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.label = h("span", {});
    this.button = h("button", { type: "submit", class: "button primary" }, this.label);
  }

  draw(note) {
    const form = h("form", { novalidate: true, class: "experiment", onsubmit: (e) => { e.preventDefault(); this.submit(); } },
      h("div", { class: "choices" }, this.tables.section, this.rest),
      h("aside", { class: "card run", "aria-labelledby": "run-title" }, h("h2", { id: "run-title" }, t("run.title")), this.sentence, this.how, this.problem, this.button));
    return [h("h1", {}, t("new.title")), h("p", { class: "lead" }, t("new.lead")), note, form];
  }

  // choose takes a table, null for none.
  choose(table) {
    this.table = table;
    if (table) about(table);
    else if (draft.table && !this.table) draft.table = "";
    this.again();
  }

  // again draws what depends on the table.
  again() {
    const table = this.table;
    this.variable = this.covariables = null;
    if (!table) {
      fill(this.rest);
      fill(this.how);
      this.summarise();
      return;
    }
    const changed = () => this.summarise();
    this.variable = variableChooser(table, () => { this.covariables.refresh(); this.options(); changed(); });
    this.covariables = covariableChooser(table, changed);
    fill(this.rest, this.variable.section, this.covariables.section, filterEditor(table, changed));
    this.options();
    changed();
  }

  column() {
    return this.table?.columns.find((c) => c.name === draft.variable);
  }

  options() {
    const open = this.how.querySelector("details")?.open;
    this.more = moreOptions(this.can, this.column(), () => this.summarise());
    this.time = timeChooser(this.can, () => this.summarise());
    fill(this.how, this.time, this.more.element);
    if (open) this.more.element.open = true;
  }

  kind() {
    return this.can.kinds.find((k) => k.code === draft.kind) ?? this.can.kinds[0];
  }

  // summarise says in a sentence what will be done.
  summarise() {
    const kind = this.kind();
    const search = kind.code === "automl";
    write(this.label, search ? t("run.search") : t("run.other", { kind: or(`kind.${kind.code}`, kind.label) }));
    if (this.time) this.time.hidden = !search;
    write(this.problem, "");
    if (!this.table) {
      fill(this.sentence, t("run.table"));
      return;
    }
    const column = this.column();
    if (!column) {
      fill(this.sentence, t("run.variable"));
      return;
    }
    const strong = (text) => h("strong", {}, text);
    const n = covariables().length + draft.grouping.filter((g) => g !== draft.variable).length;
    const seconds = draft.seconds || Math.min(this.can.limits.default_seconds, this.can.limits.budget_seconds);
    fill(this.sentence, parts(t(search || kind.predictive ? "run.predict" : "run.describe"), {
      variable: strong(column.label || column.name), n: strong(t("covariables.count", { n })), table: strong(this.table.name), filters: draft.rules.length ? ` ${t("run.filters", { n: draft.rules.length })}` : "",
      time: search ? ` ${t("run.time", { time: duration(seconds) })}` : "",
    }));
  }

  // check puts the focus on what is missing, and returns whether nothing is.
  check() {
    const fail = (place, text) => {
      place.tell?.(text instanceof Error ? text : text);
      place.focus();
      return false;
    };
    if (!this.table) return fail({ tell: (x) => this.tables.tell(new Error(x)), focus: this.tables.focus }, t("check.table"));
    if (!draft.variable) return fail(this.variable, t("check.variable"));
    const [least, most] = this.kind().covariables ?? [1, 0];
    const n = covariables().length + draft.grouping.length;
    if (n < least) return fail(this.covariables, t("check.covariables"));
    if (most > 0 && n > most) return fail(this.covariables, t("check.most", { most: number(most) }));
    const i = incomplete();
    if (i >= 0) {
      const rule = this.rest.querySelectorAll(".rules > li")[i];
      return fail({ tell: (x) => write(this.problem, x), focus: () => (rule.querySelector("input, select:nth-of-type(3)") ?? rule.querySelector("select")).focus() }, t("check.filter"));
    }
    const own = this.time.querySelector("#seconds");
    const bad = draft.kind === "automl" && !own.closest("[hidden]") && !own.checkValidity() ? own : this.more.invalid();
    if (bad) {
      this.more.element.open ||= this.more.element.contains(bad);
      return fail({ tell: (x) => write(this.problem, x), focus: () => bad.focus() }, `${bad.labels?.[0]?.textContent || bad.getAttribute("aria-label") || ""} ${bad.validationMessage}`.trim());
    }
    return true;
  }

  async submit() {
    if (this.busy || !this.check()) return;
    const body = request(Math.min(this.can.limits.default_seconds, this.can.limits.budget_seconds));
    const text = JSON.stringify(body);
    if (this.sent && this.sent !== text) this.key = key(); // another experiment, no second try of the first
    this.sent = text;
    this.busy = true;
    this.button.setAttribute("aria-disabled", "true");
    try {
      const made = await call("experiments", { method: "POST", body, headers: { "Idempotency-Key": this.key } });
      draft.name = "";
      keep();
      if (!this.signal.aborted) location.hash = `#/experiment/${made.id}`;
    } catch (e) {
      if (e.status > 0) this.sent = this.key = key(); // it was refused
      write(this.problem, e.message);
    } finally {
      this.busy = false;
      this.button.removeAttribute("aria-disabled");
    }
  }
}

// parts puts elements in place of {names} in a text.
function parts(text, values) {
  return text.split(/(\{\w+\})/).map((p) => (p.startsWith("{") ? values[p.slice(1, -1)] ?? p : p));
}
