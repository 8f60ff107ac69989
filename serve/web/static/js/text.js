// Texts come from one file per language; numbers, times and plurals are those of the language.

export const languages = { en: "English", fr: "Français" };
const kept = "automl.language";

let texts = {};
let language = "en";

// current is the code of the language in use.
export function current() {
  return language;
}

// preferred is the language chosen earlier, else the first one that the browser asks for and that there is.
export function preferred() {
  const asked = [stored(), ...navigator.languages.map((l) => l.split("-")[0].toLowerCase())];
  return asked.find((l) => l && Object.hasOwn(languages, l)) ?? "en";
}

function stored() {
  try {
    return localStorage.getItem(kept);
  } catch {
    return null; // storage may be forbidden
  }
}

// use loads a language; chosen keeps the choice.
export async function use(code, chosen) {
  const answer = await fetch(new URL(`lang/${code}.json`, location.origin + location.pathname));
  if (!answer.ok) throw new Error(`lang/${code}.json: ${answer.status}`);
  texts = await answer.json();
  language = code;
  document.documentElement.lang = code;
  if (!chosen) return;
  try {
    localStorage.setItem(kept, code);
  } catch {
    // then the choice lasts as long as the page
  }
}

// has reports whether there is a text of that name.
export function has(key) {
  return Object.hasOwn(texts, key);
}

// t is the text of a name, with values in place of {their names}. Where a value n decides on the plural, the text has forms
// ".one" and ".other".
export function t(key, values) {
  let text = texts[key];
  if (text === undefined && values?.n !== undefined) text = texts[`${key}.${new Intl.PluralRules(language).select(values.n)}`] ?? texts[`${key}.other`];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    const v = values?.[name];
    if (v === undefined || v === null) return all;
    return typeof v === "number" ? number(v) : String(v);
  });
}

// or is the text of a name, or what the service calls the thing.
export function or(key, otherwise) {
  return has(key) ? t(key) : otherwise;
}

const formats = new Map();

function format(kind, options) {
  const key = language + kind.name + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new kind(language, options));
  return formats.get(key);
}

// number writes a number with four digits that matter; whole numbers in full.
export function number(v) {
  if (v === null || v === undefined || !Number.isFinite(v)) return "–";
  if (Number.isInteger(v)) return format(Intl.NumberFormat, {}).format(v);
  const size = Math.abs(v);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return format(Intl.NumberFormat, { notation: "scientific", maximumSignificantDigits: 3 }).format(v);
  return format(Intl.NumberFormat, size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 }).format(v);
}

// score writes a score; near 1 the digits after the nines are what tells models apart.
export function score(v) {
  if (v === null || v === undefined || !Number.isFinite(v)) return "–";
  return Math.abs(v) <= 1 ? format(Intl.NumberFormat, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(v) : number(v);
}

export function percent(v) {
  return format(Intl.NumberFormat, { style: "percent", maximumFractionDigits: v > 0 && v < 0.1 ? 1 : 0 }).format(v);
}

// duration writes seconds.
export function duration(seconds) {
  const unit = (v, name) => format(Intl.NumberFormat, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 0 }).format(v);
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return unit(s, "second");
  if (s < 3600) return s % 60 ? `${unit(Math.floor(s / 60), "minute")} ${unit(s % 60, "second")}` : unit(s / 60, "minute");
  return s % 3600 < 60 ? unit(Math.floor(s / 3600), "hour") : `${unit(Math.floor(s / 3600), "hour")} ${unit(Math.floor((s % 3600) / 60), "minute")}`;
}

export function size(bytes) {
  const [v, name] = bytes >= 1e6 ? [bytes / 1e6, "megabyte"] : bytes >= 1e3 ? [bytes / 1e3, "kilobyte"] : [bytes, "byte"];
  return format(Intl.NumberFormat, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: v < 10 && name !== "byte" ? 1 : 0 }).format(v);
}

export function moment(text) {
  return text ? format(Intl.DateTimeFormat, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text)) : "–";
}

// list joins texts as a sentence does.
export function list(items) {
  return format(Intl.ListFormat, { type: "conjunction" }).format(items);
}

// metric is what people call a metric.
export function metric(name) {
  return or(`metric.${name}`, name);
}
