// What a method that describes has found, as tables.
import { h, fill } from "./dom.js";
import { t, or, number } from "./text.js";

const most = 200; // rows of a table

// output draws the document at an address once it is there.
export function output(address, r) {
  const place = h("div", { class: "scroll" }, h("p", { class: "hint" }, t("loading")));
  fetch(address).then((a) => (a.ok ? a.json() : Promise.reject(new Error(t("error.status", { status: String(a.status) }))))).then(
    (doc) => fill(place, tables(doc)),
    (e) => fill(place, h("p", { class: "problem", role: "alert" }, e.message)));
  return h("section", { class: "card", "aria-labelledby": "output-title" }, h("h2", { id: "output-title" }, or(`kind.${r.algorithm}`, r.algorithm)), place);
}

// tables finds the tables in a document: lists of objects and objects of objects; single values stand together.
function tables(doc) {
  if (Array.isArray(doc)) return records(doc);
  if (Array.isArray(doc.data)) return records(doc.data);
  if (Object.values(doc).every(isObject)) return records(named(doc));
  const single = [];
  const out = [];
  for (const [name, v] of Object.entries(doc)) {
    if (isObject(v)) out.push(h("h3", {}, or(`field.${name}`, name)), records(named(v, doc.order)));
    else if (!Array.isArray(v)) single.push(h("div", {}, h("dt", {}, or(`field.${name}`, name)), h("dd", {}, value(v))));
  }
  return [out, single.length ? h("dl", { class: "facts" }, single) : null];
}

function isObject(v) {
  return v !== null && typeof v === "object" && !Array.isArray(v);
}

// named makes records of an object of objects.
function named(doc, order) {
  const names = Array.isArray(order) ? order.filter((n) => n in doc) : Object.keys(doc);
  return names.map((n) => ({ "": n, ...doc[n] }));
}

function records(rows) {
  const fields = [...new Set(rows.flatMap((r) => Object.keys(r)))].filter((f) => rows.some((r) => r[f] !== null && r[f] !== undefined && r[f] !== ""));
  const numeric = (f) => rows.some((r) => typeof r[f] === "number");
  return [h("table", {},
    h("thead", {}, h("tr", {}, fields.map((f) => (f === "" ? h("td", {}) : h("th", { scope: "col", class: numeric(f) ? "n" : null }, or(`field.${f}`, f)))))),
    h("tbody", {}, rows.slice(0, most).map((r) => h("tr", {}, fields.map((f, i) => h(i ? "td" : "th", { scope: i ? null : "row", class: numeric(f) ? "n" : null }, value(r[f]))))))),
  rows.length > most ? h("p", { class: "hint" }, t("output.more", { n: rows.length - most })) : null];
}

function value(v) {
  if (v === null || v === undefined || v === "") return "";
  if (typeof v === "number") return number(v);
  if (isObject(v)) return Object.entries(v).slice(0, 12).map(([k, n]) => `${k}: ${typeof n === "number" ? number(n) : n}`).join(", ");
  return String(v);
}
