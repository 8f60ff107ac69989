// A search as it goes: how far it is, its scores, and what it is trying.
import { h, fill, write } from "./dom.js";
import { t, score, number, duration, metric } from "./text.js";
import { chart, overTime, front } from "./chart.js";
import { chain, named } from "./pipeline.js";

const phases = ["submitted", "training", "testing", "formatting", "done"];

// Live is the search as it goes.
export class Live {
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
    else if (e.state === "submitted" || e.kind !== "automl") this.bar.removeAttribute("value"); // nobody knows how far it is
  }

  // past leaves out what is of the moment only.
  past() {
    this.cards.best.rename(t("live.best.past"));
    this.head.remove();
    this.now.remove();
  }

  update(k) {
    const p = k.progress;
    this.lost.hidden = k.connected || !this.head.isConnected || k.last === 0;
    const best = k.scores.at(-1);
    if (k.finish && k.state === "training") {
      this.bar.removeAttribute("value");
      write(this.left, t("live.finishing"));
    } else if (p && k.state === "training" && p.budget && this.e.kind === "automl") {
      this.bar.value = Math.min(1, p.seconds / p.budget);
      write(this.left, p.seconds < p.budget ? t("live.left", { time: duration(p.budget - p.seconds) }) : t("live.finishing"));
    } else {
      write(this.left, "");
    }
    if (this.e.kind !== "automl") return;
    if (best) {
      this.cards.best.set(score(best.score), `${metric(best.metric)} · ${chain(best.pipeline)}`);
      const until = k.state === "training" && p ? p.seconds : Math.max(best.seconds, this.e.spent ?? 0);
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
  const label = h("dt", {}, name);
  const value = h("strong", {}, "–");
  const note = h("span", {});
  return { element: h("div", {}, label, h("dd", {}, value, note)), set: (v, n) => { write(value, v); write(note, n); }, rename: (n) => write(label, n) };
}
