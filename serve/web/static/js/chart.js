// Two small charts, drawn anew when their width changes. What they show stands beside them in words or tables as well.
import { h, fill } from "./dom.js";
import { t, score, number } from "./text.js";

const height = 230;
const margin = { top: 12, right: 16, bottom: 34, left: 58 };

// chart returns a figure and a function that draws data into it.
export function chart(caption, draw) {
  const place = h("div", { class: "chart" }, h("p", { class: "hint" }, t("live.none")));
  const figure = h("figure", {}, place, h("figcaption", {}, caption));
  let data = null;
  const paint = () => {
    const width = Math.floor(place.clientWidth);
    if (data && width > 80) fill(place, draw(data, width));
  };
  new ResizeObserver(paint).observe(place);
  return { figure, draw: (d) => { data = d; paint(); } };
}

// ticks are at most n round numbers from lo to hi.
export function ticks(lo, hi, n) {
  const rough = (hi - lo) / n;
  if (!(rough > 0)) return [lo];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const out = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + step * 1e-9; k++) out.push(Number((k * step).toPrecision(12)));
  return out;
}

// frame draws the axes and returns the scales.
function frame(width, { x: [x0, x1], y: [y0, y1], xTicks, xLabel, title }) {
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const sx = (v) => margin.left + ((v - x0) / (x1 - x0 || 1)) * (right - margin.left);
  const sy = (v) => bottom - ((v - y0) / (y1 - y0 || 1)) * (bottom - margin.top);
  const svg = h("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": title },
    ticks(y0, y1, 4).map((v) => [
      h("line", { class: "grid", x1: margin.left, x2: right, y1: sy(v), y2: sy(v) }),
      h("text", { class: "tick", x: margin.left - 8, y: sy(v) + 4, "text-anchor": "end" }, number(v)),
    ]),
    xTicks.map((v) => h("text", { class: "tick", x: sx(v), y: bottom + 17, "text-anchor": "middle" }, number(v))),
    h("line", { class: "axis", x1: margin.left, x2: right, y1: bottom, y2: bottom }),
    h("text", { class: "tick", x: right, y: height - 3, "text-anchor": "end" }, xLabel));
  return { svg, sx, sy, right };
}

// span is a range with room around it.
function span(values) {
  const lo = Math.min(...values);
  const hi = Math.max(...values);
  const room = (hi - lo) * 0.12 || Math.abs(hi) * 0.02 || 0.01;
  return [lo - room, hi + room];
}

// overTime draws the best score as it grew: points {seconds, score} until now.
export function overTime({ points, until, xLabel, title }, width) {
  const shown = visible(points);
  const end = Math.max(until, ...points.map((p) => p.seconds), 1);
  const { svg, sx, sy } = frame(width, { x: [0, end], y: span(shown.map((p) => p.score)), xTicks: ticks(0, end, Math.max(3, width / 110)), xLabel, title });
  const now = Math.max(...points.map((p) => p.seconds), until);
  let d = "";
  shown.forEach((p, i) => { d += i ? `H${sx(p.seconds)}V${sy(p.score)}` : `M${sx(p.seconds)} ${sy(p.score)}`; });
  const last = shown.at(-1);
  svg.append(h("path", { class: "curve", d: `${d}H${sx(now)}` }));
  for (const p of shown.slice(-60)) svg.append(h("circle", { class: "dot", cx: sx(p.seconds), cy: sy(p.score), r: 3 }, h("title", {}, score(p.score))));
  svg.append(h("circle", { class: "dot last", cx: sx(now), cy: sy(last.score), r: 5 }));
  return svg;
}

// visible leaves out the first scores where they are so bad that all others would look alike.
function visible(points) {
  const last = points.at(-1);
  const typical = Math.abs(points[Math.floor(points.length / 2)].score - last.score);
  const from = points.findIndex((p) => Math.abs(p.score - last.score) <= Math.max(8 * typical, 0.02 * Math.abs(last.score)));
  return points.slice(Math.max(0, from));
}

// front draws the best score for every number of steps.
export function front({ points, xLabel, title }, width) {
  const sorted = [...points].sort((a, b) => a.steps - b.steps);
  const most = Math.max(4, ...sorted.map((p) => p.steps));
  const { svg, sx, sy, right } = frame(width, { x: [0.5, most + 0.5], y: span(sorted.map((p) => p.score)), xTicks: ticks(1, most, 8).filter(Number.isInteger), xLabel, title });
  let d = "";
  sorted.forEach((p, i) => { d += i ? `H${sx(p.steps)}V${sy(p.score)}` : `M${sx(p.steps)} ${sy(p.score)}`; });
  svg.append(h("path", { class: "curve faint", d: `${d}H${right}` }));
  for (const p of sorted) svg.append(h("circle", { class: "dot last", cx: sx(p.steps), cy: sy(p.score), r: 6 }, h("title", {}, `${score(p.score)} ${p.pipeline}`)));
  return svg;
}

// bar draws a share from 0 to 1, for the eye alone.
export function bar(share) {
  return h("svg", { class: "meter", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("rect", { class: "track", width: 100, height: 8 }), h("rect", { width: 100 * Math.min(1, Math.max(0, share)), height: 8 }));
}

// spark draws a histogram or the sizes of levels without axes, for the eye alone.
export function spark(counts, width = 64, high = 20) {
  const top = Math.max(...counts, 1);
  const step = width / counts.length;
  return h("svg", { class: "spark", viewBox: `0 0 ${width} ${high}`, width, height: high, "aria-hidden": "true" },
    counts.map((c, i) => h("rect", { x: i * step, y: high - (c / top) * high, width: Math.max(step - 1, 0.6), height: (c / top) * high })));
}
