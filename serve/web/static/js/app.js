// Which page is shown, and in which language.
import { h, fill, say } from "./dom.js";
import { t, use, preferred, current, languages } from "./text.js";
import { newPage } from "./form.js";
import { experimentPage } from "./experiment.js";
import { listPage } from "./list.js";
import { comparePage } from "./compare.js";

const id = "[0-9a-f-]{36}";
const pages = [
  [new RegExp(`^#/new(?:/(${id}))?$`), newPage, "#/new"],
  [/^#\/experiments$/, listPage, "#/experiments"],
  [new RegExp(`^#/experiment/(${id})$`), experimentPage, "#/experiments"],
  [new RegExp(`^#/compare/(${id}(?:,${id})*)$`), comparePage, "#/experiments"],
];

const main = document.getElementById("main");
let leaving = new AbortController();

// show draws the page of the address. moved puts the focus on its heading, as a browser does after following a link.
async function show(moved) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [pattern, page, tab] = pages.find(([p]) => p.test(location.hash)) ?? pages[0];
  for (const a of document.querySelectorAll("#nav a")) a.toggleAttribute("aria-current", a.getAttribute("href") === tab);
  for (const a of document.querySelectorAll("#nav a[aria-current]")) a.setAttribute("aria-current", "page");
  let drawn;
  try {
    drawn = await page(pattern.exec(location.hash)?.[1], signal);
  } catch (e) {
    if (signal.aborted) return;
    drawn = h("section", { class: "card" }, h("h1", {}, t("error.title")), h("p", { class: "problem", role: "alert" }, e.message),
      h("p", {}, h("button", { class: "button", onclick: () => show(true) }, t("error.again"))));
  }
  if (signal.aborted) return;
  fill(main, drawn);
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  if (!moved) return;
  scrollTo(0, 0);
  heading?.focus({ preventScroll: true });
}

// translate writes the texts that stand on every page.
function translate() {
  for (const e of document.querySelectorAll("[data-text]")) e.textContent = t(e.dataset.text);
  for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", t(e.dataset.label));
  fill(document.getElementById("languages"), Object.entries(languages).map(([code, name]) =>
    h("button", { type: "button", lang: code, title: name, "aria-label": name, "aria-pressed": String(code === current()), onclick: () => change(code) }, code.toUpperCase())));
}

async function change(code) {
  await use(code, true);
  translate();
  await show(false);
  document.querySelector("#languages [aria-pressed=true]").focus();
  say(languages[code]);
}

document.getElementById("skip").addEventListener("click", (e) => {
  e.preventDefault(); // the address names the page, not the place on it
  main.focus();
});
addEventListener("hashchange", () => show(true));

await use(preferred(), false);
translate();
await show(false);
