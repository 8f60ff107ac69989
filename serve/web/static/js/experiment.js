// The page of one experiment: what happens, then what came of it.
import { h, put, fill, write, say, ask } from "./dom.js";
import { t, or, score, number, percent, duration, moment, metric } from "./text.js";
import { call } from "./api.js";
import { watch } from "./stream.js";
import { chart, overTime, front } from "./chart.js";
import { chain, named } from "./pipeline.js";
import { result } from "./result.js";

const phases = ["submitted", "training", "testing", "formatting", "done"];

// stateName is the state in words.
export function stateName(e) {
  return e.cancelled && e.state === "failed" ? t("state.cancelled") : t(`state.${e.state}`);
}

// badge is the state as a small sign.
export function badge(e) {
  return h("span", { class: `badge ${e.cancelled && e.state === "failed" ? "cancelled" : e.state}` }, stateName(e));
}

// titleOf is what an experiment is called.
export function titleOf(e) {
  return e.name || (e.kind === "automl" ? t("experiment.predicting", { variable: e.variable }) : t("experiment.other", { kind: or(`kind.${e.kind}`, e.kind), variable: e.variable }));
}

// detail tells experiments apart that are called the same.
export function detail(e) {
  return [e.table.name || e.table.id, t("covariables.count", { n: new Set([...e.covariables, ...e.grouping]).size }), e.filters ? t("run.filters", { n: (e.filters.rules ?? [e.filters]).length }) : ""].filter(Boolean).join(" · ");
}

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
    this.body = h("div", {});
    this.live = new Live(e);
    fill(this.element,
      h("p", { class: "kicker" }, h("a", { href: "#/experiments" }, t("nav.experiments"))),
      h("h1", {}, titleOf(e)),
      h("p", { class: "lead" }, this.state, " ", facts(e).join(" · ")),
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
    if (known.state && known.state !== this.phase) {
      Object.assign(this.e, { state: known.state, cancelled: known.cancelled, error: known.error });
      this.phase = known.state;
      this.update(this.e);
      say(stateName(this.e));
      if (known.state === "done" || known.state === "failed") this.finish();
    }
    const p = known.progress;
    if (this.e.state !== "training" || !p) return;
    if (p.budget) this.title(`${percent(Math.min(1, p.seconds / p.budget))} · `);
    if (p.best !== null && Date.now() - this.spoken > 15_000) { // not everything, for those who listen
      this.spoken = Date.now();
      say(t("live.spoken", { n: p.evaluated, metric: metric(p.metric), score: score(p.best) }));
    }
  }

  async finish() {
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
    const end = e.state === "done" || e.state === "failed";
    const focused = this.actions.contains(document.activeElement);
    fill(this.actions, end
      ? [h("a", { class: "button", href: `#/new/${e.id}` }, t("experiment.again")), h("button", { class: "button", type: "button", onclick: () => this.remove() }, t("experiment.delete"))]
      : h("button", { class: "button", type: "button", id: "cancel", onclick: () => this.cancel() }, t("experiment.cancel")));
    if (focused) this.actions.firstElementChild.focus();
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

  async cancel() {
    if (!await ask(t("experiment.cancel.ask"), t("experiment.cancel"), t("experiment.continue"))) return;
    try {
      await call(`experiments/${this.e.id}/cancel`, { method: "POST" });
      say(t("experiment.cancelling"));
      const button = this.actions.querySelector("#cancel");
      if (button) fill(button, t("experiment.cancelling"));
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
  out.push(moment(e.created));
  return out;
}

// Live is the search as it goes.
class Live {
  constructor(e) {
    this.e = e;
    this.steps = h("ol", { class: "phases", "aria-label": t("live.phases") }, phases.map((p) => h("li", { "data-phase": p }, t(`phase.${p}`))));
    this.bar = h("progress", { max: 1, "aria-label": t("live.progress") });
    this.left = h("span", { class: "n" });
    this.lost = h("p", { class: "note", role: "status", hidden: true }, t("live.lost"));
    this.cards = { best: card(t("live.best")), tried: card(t("live.tried")), rate: card(t("live.rate")) };
    this.time = chart(t("live.time.caption"), overTime);
    this.front = chart(t("live.front.caption"), front);
    this.simple = h("tbody", {});
    this.trying = h("ol", { class: "trying" });
    this.now = h("section", { class: "card", "aria-labelledby": "trying-title" }, h("h2", { id: "trying-title" }, t("live.trying")), this.trying);
    this.head = h("section", { class: "card progress" }, this.steps, h("div", { class: "bar" }, this.bar, this.left), this.lost);
    this.numbers = h("dl", { class: "cards" }, Object.values(this.cards).map((c) => c.element));
    this.charts = h("div", { class: "two" },
      h("section", { class: "card", "aria-labelledby": "time-title" }, h("h2", { id: "time-title" }, t("live.time")), this.time.figure),
      h("section", { class: "card", "aria-labelledby": "front-title" }, h("h2", { id: "front-title" }, t("live.front")), this.front.figure,
        h("details", {}, h("summary", {}, t("table")), h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "n" }, t("live.steps")), h("th", { scope: "col", class: "n" }, t("score")), h("th", { scope: "col" }, t("pipeline")))), this.simple)))));
    const parts = e.kind === "automl" ? [this.head, this.numbers, this.charts, this.now] : [this.head];
    this.element = h("div", { class: "live" }, parts);
  }

  // phase marks how far the experiment is.
  phase(e) {
    const at = phases.indexOf(e.state === "waiting" ? "testing" : e.state);
    [...this.steps.children].forEach((li, i) => {
      li.className = i < at ? "past" : i === at ? "now" : "";
      if (i === at) li.setAttribute("aria-current", "step");
      else li.removeAttribute("aria-current");
    });
    if (e.state !== "submitted" && e.state !== "training") this.bar.value = 1;
    else if (e.state === "submitted") this.bar.removeAttribute("value");
  }

  // past leaves out what is of the moment only.
  past() {
    this.head.remove();
    this.now.remove();
  }

  update(k) {
    const p = k.progress;
    this.lost.hidden = k.connected || !this.head.isConnected || k.last === 0;
    const best = k.scores.at(-1);
    if (p && k.state === "training" && p.budget) {
      this.bar.value = Math.min(1, p.seconds / p.budget);
      write(this.left, p.seconds < p.budget ? t("live.left", { time: duration(p.budget - p.seconds) }) : t("live.finishing"));
    } else {
      write(this.left, "");
    }
    if (this.e.kind !== "automl") return;
    if (best) {
      this.cards.best.set(score(best.score), `${metric(best.metric)} · ${chain(best.pipeline)}`);
      const until = k.state === "training" && p ? p.seconds : best.seconds;
      this.time.draw({ points: k.scores, until, xLabel: t("live.seconds"), title: t("live.time.spoken", { n: k.scores.length, from: score(k.scores[0].score), to: score(best.score) }) });
    }
    const evaluated = Math.max(p?.evaluated ?? 0, best?.evaluated ?? 0, this.e.result?.evaluated ?? 0);
    if (evaluated) this.cards.tried.set(number(evaluated), p?.failed ? t("live.failed", { n: p.failed }) : "");
    if (p?.per_second) this.cards.rate.set(number(Number(p.per_second.toPrecision(2))), p.generation ? t("live.generation", { n: p.generation }) : "");
    this.cards.rate.element.hidden = !p?.per_second;
    this.drawFront(k);
    if (p) fill(this.trying, p.trying.map((x) => h("li", {}, h("span", { title: x.pipeline }, named(x.pipeline)), h("span", { class: x.score === null ? "n soft" : "n" }, x.score === null ? t("live.nothing") : score(x.score)))));
    this.now.hidden = !p || p.trying.length === 0;
  }

  drawFront(k) {
    if (k.front.length === 0 || this.drawn === k.front) return;
    this.drawn = k.front;
    const points = [...k.front].sort((a, b) => a.steps - b.steps);
    this.front.draw({ points, xLabel: t("live.steps"), title: t("live.front.spoken", { n: points.length }) });
    fill(this.simple, points.map((x) => h("tr", {}, h("td", { class: "n" }, number(x.steps)), h("td", { class: "n" }, score(x.score)), h("td", { title: x.pipeline }, named(x.pipeline)))));
  }
}

// card is a figure with its name.
function card(name) {
  const value = h("strong", {}, "–");
  const note = h("span", {});
  return { element: h("div", {}, h("dt", {}, name), h("dd", {}, value, note)), set: (v, n) => { write(value, v); write(note, n); } };
}
