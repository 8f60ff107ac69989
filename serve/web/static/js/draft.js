// The experiment that is being put together. It outlives a change of language and a reload of the page.

const kept = "automl.draft";

function empty() {
  return { table: "", variable: "", task: "", covariables: [], grouping: [], condition: "AND", rules: [], kind: "automl", parameters: {}, metric: "", seconds: 0, name: "" };
}

export let draft = read();

function read() {
  try {
    return { ...empty(), ...JSON.parse(sessionStorage.getItem(kept) ?? "{}") };
  } catch {
    return empty();
  }
}

// keep writes the draft down.
export function keep() {
  try {
    sessionStorage.setItem(kept, JSON.stringify(draft));
  } catch {
    // then it lasts as long as the page
  }
}

// usable reports whether a column can be predicted, or predicted from.
export function usable(column) {
  return !["id", "constant", "other"].includes(column.type);
}

// discrete reports whether a column names groups.
export function discrete(column) {
  return column.type === "category" || column.type === "boolean";
}

// about makes the draft one about a table: of files people choose everything in them, of databases they choose what they need.
export function about(table) {
  if (draft.table !== table.id) {
    Object.assign(draft, { table: table.id, variable: "", task: "", grouping: [], rules: [], condition: "AND", metric: "" });
    draft.covariables = table.source === "upload" ? table.columns.filter(usable).map((c) => c.name) : [];
  }
  const names = new Set(table.columns.map((c) => c.name));
  if (!names.has(draft.variable)) draft.variable = "";
  draft.covariables = draft.covariables.filter((c) => names.has(c));
  draft.grouping = draft.grouping.filter((c) => names.has(c));
  draft.rules = draft.rules.filter((r) => names.has(r.field));
  keep();
}

// again makes the draft a copy of an experiment. It returns false if that has more in it than the form can show.
export function again(e) {
  const f = e.filters;
  const flat = !f || (f.rules ?? []).every((r) => !r.rules && !r.condition) && !f.not;
  const kind = e.kind.includes(",") ? "automl" : e.kind;
  draft = { ...empty(), table: e.table.id, variable: e.variable, task: e.task ?? "", covariables: e.covariables, grouping: e.grouping, kind, parameters: e.parameters ?? {},
    metric: e.metric ?? "", seconds: e.budget?.seconds ?? 0, name: e.name };
  if (f && flat) {
    draft.condition = f.condition ?? "AND";
    draft.rules = (f.rules ?? [f]).map((r) => ({ field: r.field ?? r.id, operator: r.operator, value: r.value ?? null }));
  }
  keep();
  return flat;
}

// covariables are what is predicted from: neither the variable nor the grouping.
export function covariables() {
  return draft.covariables.filter((c) => c !== draft.variable && !draft.grouping.includes(c));
}

// request is the draft as the service wants it.
export function request(defaultSeconds) {
  const grouping = draft.grouping.filter((c) => c !== draft.variable);
  const out = { name: draft.name.trim(), table: draft.table, variable: draft.variable, covariables: covariables(), grouping, kind: draft.kind, parameters: {},
    budget: { seconds: draft.seconds || defaultSeconds } };
  for (const [code, value] of Object.entries(draft.parameters)) if (value !== "") out.parameters[code] = String(value);
  if (draft.task) out.task = draft.task;
  if (draft.metric && draft.kind === "automl") out.metric = draft.metric;
  if (draft.rules.length) out.filters = { condition: draft.condition, rules: draft.rules.map(({ field, operator, value }) => (value === null ? { field, operator } : { field, operator, value })) };
  return out;
}
