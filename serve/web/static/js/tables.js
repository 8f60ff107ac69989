// The table that an experiment is about: one that is there, or a file.
import { h, fill, write, say, ask } from "./dom.js";
import { t, number, size } from "./text.js";
import { call, upload } from "./api.js";

// tableChooser draws the choice. chosen is called with the description of the table, null for none.
export async function tableChooser({ signal, limits, selected, chosen }) {
  const { tables, warning } = await call("tables", { signal });
  const problem = h("p", { class: "problem", role: "alert", id: "table-problem" });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("data.uploading") });
  const about = h("div", { class: "about" });
  const select = h("select", { id: "table", "aria-describedby": "table-problem", onchange: () => choose(select.value) });
  const removal = h("button", { type: "button", class: "link", onclick: () => remove() }, t("data.remove"));
  let known = tables;

  const list = (id) => {
    const group = (source, label) => {
      const of = known.filter((x) => x.source === source);
      return of.length ? h("optgroup", { label }, of.map((x) => h("option", { value: x.id, selected: x.id === id }, title(x)))) : null;
    };
    fill(select, h("option", { value: "", selected: !id }, t("data.choose")), group("upload", t("data.uploads")), group("database", t("data.database")));
    select.value = id;
    choice.hidden = known.length === 0;
  };

  const tell = (e) => {
    write(problem, e ? e.message : "");
    select.setAttribute("aria-invalid", String(Boolean(e)));
  };

  const describe = (table) => {
    fill(about, table ? [
      h("p", {}, h("strong", {}, table.name), " · ", table.rows === undefined ? null : [t("rows", { n: table.rows }), " · "], t("columns", { n: table.columns.length }), " ",
        table.source === "upload" ? removal : null),
      (table.notes ?? []).map((n) => h("p", { class: "hint", lang: "en" }, n)),
    ] : null);
  };

  const choose = async (id) => {
    tell(null);
    if (!id) {
      describe(null);
      chosen(null);
      return;
    }
    try {
      const table = await call(`tables/${encodeURIComponent(id)}`, { signal });
      describe(table);
      chosen(table);
    } catch (e) {
      if (signal.aborted) return;
      describe(null);
      chosen(null);
      tell(e);
    }
  };

  const send = async (file) => {
    tell(null);
    if (!file) return;
    if (file.size > limits.upload_bytes) {
      tell(new Error(t("data.large", { size: size(file.size), limit: size(limits.upload_bytes) })));
      return;
    }
    bar.hidden = false;
    bar.value = 0;
    say(t("data.uploading"));
    try {
      const table = await upload(file, (part) => { bar.value = part; });
      known = [table, ...known];
      list(table.id);
      describe(table);
      chosen(table);
      say(t("data.uploaded", { name: table.name, n: table.rows }));
    } catch (e) {
      if (!signal.aborted) tell(e);
    } finally {
      bar.hidden = true;
      input.value = "";
    }
  };

  const remove = async () => {
    const id = select.value;
    if (!await ask(t("data.remove.ask", { name: known.find((x) => x.id === id)?.name ?? "" }), t("data.remove"), t("keep"))) return;
    try {
      await call(`tables/${encodeURIComponent(id)}`, { method: "DELETE" });
      known = known.filter((x) => x.id !== id);
      list("");
      choose("");
    } catch (e) {
      tell(e);
    }
  };

  const input = h("input", { type: "file", id: "file", class: "unseen", accept: ".csv,.tsv,.gz,.arff,text/csv", onchange: () => send(input.files[0]) });
  const drop = h("div", { class: "drop" }, input,
    h("label", { for: "file", class: "button" }, t("data.upload")), h("span", { class: "hint" }, t("data.drop", { limit: size(limits.upload_bytes) })), bar);
  const choice = h("div", { class: "field" }, h("label", { for: "table" }, t("data.table")), select);
  const section = h("section", { class: "card", "aria-labelledby": "data-title" },
    h("h2", { id: "data-title" }, h("span", { class: "step", "aria-hidden": "true" }, "1"), t("data.title")),
    choice, drop, problem, about, warning ? h("p", { class: "hint", lang: "en" }, warning) : null);
  for (const type of ["dragover", "dragleave", "drop"]) {
    section.addEventListener(type, (e) => {
      e.preventDefault();
      drop.classList.toggle("over", type === "dragover");
      if (type === "drop") send(e.dataTransfer.files[0]);
    });
  }
  list(tables.some((x) => x.id === selected) ? selected : "");
  return { section, start: () => choose(select.value), focus: () => (known.length ? select : input).focus(), tell };
}

function title(x) {
  const name = x.schema && x.schema !== "public" ? `${x.schema}.${x.name}` : x.name;
  return x.rows === undefined ? name : `${name} (${number(x.rows)})`;
}
