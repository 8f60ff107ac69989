// The page of one experiment: what happens, then what came of it.
import { h, put, fill, write, say, ask } from "./dom.js";
import { t, score, percent, duration, moment, metric } from "./text.js";
import { call } from "./api.js";
import { watch } from "./stream.js";
import { badge, detail, stateName, titleOf } from "./names.js";
import { Live } from "./live.js";
import { result } from "./result.js";

const order = ["submitted", "training", "waiting", "testing", "formatting", "done", "failed"];

export async function experimentPage(id, signal) {
  const e = await call(`experiments/${id}`, { signal });
  const page = new Page(e, signal);
  page.draw();
  return page.element;
}

class Page {
  constructor(e, signal) {
    Object.assign(this, { e, signal, spoken: 0, phase: e.state });
    this.element = h("div", { class: "page" });
  }

  draw() {
    const { e } = this;
    this.state = h("span", { id: "state" }, badge(e));
    this.actions = h("div", { class: "buttons" });
    this.facts = h("span", {});
    this.finishing = h("button", { class: "button", type: "button", id: "finish", onclick: () => this.finish() }, t("experiment.finish"));
    this.cancelling = h("button", { class: "button", type: "button", id: "cancel", onclick: () => this.cancel() }, t("experiment.cancel"));
    this.body = h("div", {});
    this.live = new Live(e);
    fill(this.element,
      h("p", { class: "kicker" }, h("a", { href: "#/experiments" }, t("nav.experiments"))),
      h("h1", {}, titleOf(e)),
      h("p", { class: "lead" }, this.state, " ", this.facts),
      this.actions, this.body);
    this.update(e);
    if (e.state === "done" || e.state === "failed") this.ended();
    const known = watch(e.id, this.signal, (k) => this.changed(k));
    this.live.update(known);
    this.title();
  }

  title(done = "") {
    document.title = `${done}${titleOf(this.e)} · automl`;
  }

  // changed takes in what the stream tells; drawing waits for a moment, as events come in groups.
  changed(known) {
    this.known = known;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      if (!this.signal.aborted) this.take(known);
    }, 60);
  }

  take(known) {
    if (known.gone) {
      fill(this.body, h("p", { class: "problem", role: "alert" }, t("experiment.gone")));
      return;
    }
    this.live.update(known);
    if (order.indexOf(known.state) > order.indexOf(this.phase)) { // what is told again from the beginning is known
      Object.assign(this.e, { state: known.state, cancelled: known.cancelled, error: known.error });
      this.phase = known.state;
      this.update(this.e);
      say(stateName(this.e));
      if (known.state === "done" || known.state === "failed") this.load();
    } else if (known.finish && !this.e.finish) {
      this.e.finish = true;
      this.update(this.e);
      say(t("experiment.finishing"));
    }
    this.offer();
    const p = known.progress;
    if (this.e.state !== "training" || !p) return;
    if (p.budget && !this.e.finish) this.title(`${percent(Math.min(1, p.seconds / p.budget))} · `);
    if (p.best !== null && Date.now() - this.spoken > 15_000) { // not everything, for those who listen
      this.spoken = Date.now();
      say(t("live.spoken", { n: p.evaluated, metric: metric(p.metric), score: score(p.best) }));
    }
  }

  // offer shows the button that keeps the best as soon as there is something to keep.
  offer() {
    const { e } = this;
    this.finishing.hidden = e.state !== "training" || !e.kind.split(",").includes("automl") || !this.known?.scores.length;
    if (!e.finish) return;
    write(this.finishing, t("experiment.finishing"));
    this.finishing.setAttribute("aria-disabled", "true"); // it keeps the focus
  }

  async load() {
    try {
      this.e = await call(`experiments/${this.e.id}`, { signal: this.signal });
    } catch (e) {
      if (!this.signal.aborted) fill(this.body, h("p", { class: "problem", role: "alert" }, e.message));
      return;
    }
    this.update(this.e);
    this.ended();
    this.title(this.e.state === "done" ? "✓ " : "");
  }

  // update draws what depends on the state.
  update(e) {
    fill(this.state, badge(e));
    write(this.facts, facts(e).join(" · "));
    const end = e.state === "done" || e.state === "failed";
    const focused = this.actions.contains(document.activeElement) ? document.activeElement : null;
    this.offer();
    fill(this.actions, end
      ? [h("a", { class: "button", href: `#/new/${e.id}` }, t("experiment.again")), h("button", { class: "button", type: "button", onclick: () => this.remove() }, t("experiment.delete"))]
      : [this.finishing, this.cancelling]);
    if (focused) (focused.isConnected && !focused.hidden ? focused : this.actions.lastElementChild).focus();
    if (!end && !this.body.contains(this.live.element)) fill(this.body, this.live.element);
    this.live.phase(e);
  }

  // ended shows what came of it, with its story below.
  ended() {
    const { e } = this;
    if (e.state === "failed") {
      fill(this.body, h("section", { class: "card" }, h("h2", {}, stateName(e)), h("p", { class: "problem", lang: e.cancelled ? null : "en" }, e.cancelled ? t("experiment.cancelled") : e.error || t("experiment.failed"))),
        this.story());
      return;
    }
    fill(this.body, result(e, this.story()));
  }

  story() {
    if (this.e.kind !== "automl") return null;
    this.live.past();
    return h("details", { class: "story" }, h("summary", {}, t("live.story")), this.live.element);
  }

  async finish() {
    if (this.e.finish || !await ask(t("experiment.finish.ask"), t("experiment.finish"), t("experiment.continue"), "primary")) return;
    try {
      const { finish } = await call(`experiments/${this.e.id}/finish`, { method: "POST" });
      if (finish) this.take({ ...this.known, finish });
    } catch (e) {
      if (e.status !== 409) put(this.actions, h("p", { class: "problem", role: "alert" }, e.message)); // 409: it has just ended
    }
  }

  async cancel() {
    if (!await ask(t("experiment.cancel.ask"), t("experiment.cancel"), t("experiment.continue"))) return;
    try {
      await call(`experiments/${this.e.id}/cancel`, { method: "POST" });
      say(t("experiment.cancelling"));
      write(this.cancelling, t("experiment.cancelling"));
    } catch (e) {
      if (e.status !== 409) fill(this.actions, h("p", { class: "problem", role: "alert" }, e.message)); // 409: it has just ended
    }
  }

  async remove() {
    if (!await ask(t("experiment.delete.ask"), t("experiment.delete"), t("keep"))) return;
    try {
      await call(`experiments/${this.e.id}`, { method: "DELETE" });
      location.hash = "#/experiments";
    } catch (e) {
      put(this.actions, h("p", { class: "problem", role: "alert" }, e.message));
    }
  }
}

function facts(e) {
  const out = [detail(e)];
  if (e.kind === "automl" && e.budget.seconds) out.push(duration(e.budget.seconds));
  if (e.finish && e.state === "done") out.push(t("experiment.early", { time: duration(Math.max(1, Math.round(e.spent))) }));
  out.push(moment(e.created));
  return out;
}
