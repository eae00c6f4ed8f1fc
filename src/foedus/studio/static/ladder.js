// Where play stands, date by date: the rungs of a factor, darker where it is likelier.
import { csv, h, s, share, unique } from "./dom.js";

const STRONG = 4;
const NARROW = 138, CELL = 24; // pixels of a label where room is short, and of a date
const step = (p) => Math.min(5, Math.max(0, Math.floor(p * 6)));

// `room`: the pixels that there are, so that words keep their size where two stand side by side.
export function ladder(factor, levels, period, { path = null, title = factor.label, room = 780 } = {}) {
  const rungs = factor.levels.filter((level) => levels[level.name]);
  const top = [...rungs].reverse();
  const dates = levels[rungs[0].name].length;
  const label = room < 640 ? NARROW : 215, w = Math.max(CELL, Math.min(58, (room - label - 8) / dates)), row = 30, head = 24;
  const width = label + dates * w + 8, height = head + top.length * row + 20, id = unique("ladder");
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": id, class: "ladder", style: `max-width:${width}px;min-width:${Math.min(width, label + CELL * dates + 8)}px`, "data-figure": title });
  const last = top.map((level) => [level.label, levels[level.name][dates - 1]]).sort((a, b) => b[1] - a[1]);
  const summary = `${title}: after ${dates - 1} ${period}s most likely ${last[0][0]} (${share(last[0][1])})${last[1] ? `, then ${last[1][0]} (${share(last[1][1])})` : ""}.`;
  drawing.append(s("title", { id }, summary));
  top.forEach((level, i) => {
    const y = head + i * row;
    const words = lines(level.label, Math.floor(label / 6.6));
    words.forEach((line, j) => drawing.append(s("text", { x: label - 10, y: y + row / 2 + 12 * (j - (words.length - 1) / 2), "text-anchor": "end", "dominant-baseline": "central", class: level.ending ? "ink strong level" : "ink level" }, line)));
    for (let t = 0; t < dates; t++) {
      const p = levels[level.name][t], x = label + t * w, c = step(p);
      drawing.append(s("rect", { x: x + 1, y: y + 1, width: w - 2, height: row - 2, rx: 3, class: p < 0.0005 ? "none" : `heat heat-${c}` }));
      if (p >= 0.005) drawing.append(s("text", { x: x + w / 2, y: y + row / 2, "text-anchor": "middle", "dominant-baseline": "central", class: c >= STRONG ? "on-strong" : "on-pale" }, Math.round(100 * p)));
    }
  });
  for (let t = 0; t < dates; t++) drawing.append(s("text", { x: label + t * w + w / 2, y: height - 8, "text-anchor": "middle", class: "muted" }, t));
  drawing.append(s("text", { x: label - 10, y: height - 8, "text-anchor": "end", class: "muted" }, period), s("text", { x: label, y: 12, class: "muted" }, "chance in %"));
  if (path) {
    const points = path.map((name, t) => [label + t * w + w / 2, head + row * (top.findIndex((l) => l.name === name) + 0.5)]).filter(([, y], t) => path[t] !== undefined && y > head);
    drawing.append(s("polyline", { points: points.map((p) => p.join(",")).join(" "), class: "path" }), ...points.map(([x, y]) => s("circle", { cx: x, cy: y, r: 5, class: "stop" })));
  }
  const table = h("table", {}, h("caption", {}, "Chance in % at the start of each ", period), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, factor.label), [...Array(dates).keys()].map((t) => h("th.num", { scope: "col" }, t)))),
    h("tbody", {}, top.map((level) => h("tr", {}, h("th", { scope: "row" }, level.label), levels[level.name].map((p) => h("td.num", {}, (100 * p).toFixed(1)))))));
  const rows = top.map((level) => [level.label, ...levels[level.name]]);
  return { drawing, summary, table, csv: () => csv([factor.label, ...Array(dates).keys()], rows) };
}

// The pixels below which two ladders do not stand side by side.
export const least = (dates) => NARROW + CELL * dates + 8;

// One line, or two; what is longer is cut.
function lines(words, n) {
  if (words.length <= n) return [words];
  const at = words.lastIndexOf(" ", n), first = at > 0 ? words.slice(0, at) : words.slice(0, n), rest = words.slice(first.length).trim();
  return [first, rest.length > n ? `${rest.slice(0, n - 1)}…` : rest];
}
