// All experiments, the newest first, to open or to compare.
import { h, fill, write } from "./dom.js";
import { t, score, moment, metric } from "./text.js";
import { call } from "./api.js";
import { badge, titleOf, detail } from "./names.js";

const every = { running: 2500, quiet: 10_000 }; // milliseconds

export async function listPage(_, signal) {
  document.title = `${t("nav.experiments")} · automl`;
  const chosen = new Set();
  const body = h("tbody", {});
  const compare = h("button", { type: "button", class: "button primary small", onclick: () => { location.hash = `#/compare/${[...chosen].join(",")}`; } }, t("list.compare"));
  const count = h("span", { class: "hint", role: "status" });
  const more = h("button", { type: "button", class: "button", onclick: () => older() }, t("list.more"));
  let shown = [];

  const pick = () => {
    compare.disabled = chosen.size < 2;
    write(count, chosen.size ? t("list.chosen", { n: chosen.size }) : t("list.hint"));
  };
  const row = (e) => h("tr", { "data-id": e.id },
    h("td", { class: "pick" }, h("input", { type: "checkbox", "aria-label": t("list.pick", { name: titleOf(e) }), disabled: !e.result?.metric, checked: chosen.has(e.id), onchange: (x) => {
      if (x.target.checked) chosen.add(e.id);
      else chosen.delete(e.id);
      pick();
    } })),
    h("th", { scope: "row" }, h("a", { href: `#/experiment/${e.id}` }, titleOf(e)), h("span", { class: "hint" }, detail(e))),
    h("td", {}, badge(e)),
    h("td", { class: "n" }, e.result?.metric ? [h("strong", {}, score(e.result.score)), h("span", { class: "hint" }, metric(e.result.metric))] : e.progress?.best !== undefined && e.progress?.best !== null ? score(e.progress.best) : ""),
    h("td", { class: "when" }, moment(e.created)));

  const draw = () => {
    const focused = document.activeElement?.closest("tr")?.dataset.id;
    const what = document.activeElement?.tagName;
    fill(body, shown.map(row));
    if (focused) body.querySelector(`tr[data-id="${focused}"] ${what}`)?.focus();
    table.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
  };
  const older = async () => {
    const got = await call(`experiments?limit=50&before=${shown.at(-1).id}`, { signal });
    shown.push(...got.experiments);
    more.hidden = !got.more;
    draw();
  };
  const refresh = async () => {
    try {
      const got = await call("experiments?limit=50", { signal });
      const fresh = JSON.stringify(got.experiments);
      if (fresh !== refresh.last) {
        const ids = new Set(got.experiments.map((e) => e.id));
        const oldest = got.experiments.at(-1)?.id ?? "";
        shown = [...got.experiments, ...shown.filter((e) => !ids.has(e.id) && e.id < oldest)];
        if (refresh.last === undefined) more.hidden = !got.more;
        refresh.last = fresh;
        draw();
      }
    } catch (e) {
      if (refresh.last === undefined) throw e; // later, the next time may go better
    }
  };
  const tick = async () => {
    if (signal.aborted) return;
    if (!document.hidden) await refresh();
    later();
  };

  const later = () => {
    const running = shown.some((e) => e.state !== "done" && e.state !== "failed");
    if (!signal.aborted) setTimeout(tick, running ? every.running : every.quiet);
  };

  const none = h("p", {}, t("list.none"), " ", h("a", { href: "#/new" }, t("nav.new")));
  const table = h("table", { class: "list" }, h("caption", { class: "unseen" }, t("nav.experiments")), h("thead", {}, h("tr", {},
    h("td", {}), [t("list.experiment"), t("list.state")].map((x) => h("th", { scope: "col" }, x)), h("th", { scope: "col", class: "n" }, t("score")), h("th", { scope: "col", class: "when" }, t("list.created")))), body);
  await refresh();
  pick();
  later();
  return [h("h1", {}, t("nav.experiments")), h("section", { class: "card" }, h("div", { class: "tools" }, compare, count), none, table, h("p", { class: "center" }, more))];
}
