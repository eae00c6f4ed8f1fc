// The numbers: worth and quantities now, beside the file, a pinned setting, or every regime.
import { SHARES, csv, h, number, shown } from "./dom.js";

export function rows(outline) {
  const worth = outline.players.map((p) => ({ key: `v ${p.name}`, label: `What play is worth to ${p.label}`, kind: "value", read: (a) => a.values[p.name] }));
  const own = outline.quantities.filter((q) => q.kind !== "value").map((q) => ({ key: q.name, name: q.name, label: q.label, kind: q.kind, unit: q.unit, read: (a) => a.quantities[q.name], against: q.against }));
  return [...own, ...worth];
}

// Shares differ by points: 12 % and 7 % by 5 points, not by 0.05.
const apart = (d, kind) => SHARES.includes(kind) ? `${number(100 * d, 2)} points` : number(d);

// `columns`: [{label, answer, now}]; the last two of a comparison get a difference.
export function table(list, columns, { marked = new Set(), difference = false, caption }) {
  const first = columns[0]?.answer, second = columns[1]?.answer;
  const say = (row, answer) => answer ? shown(row.read(answer), row.kind) : "…";
  const body = list.map((row) => {
    let gap = null;
    if (difference) {
      const a = first && row.read(first), b = second && row.read(second);
      const d = a === undefined || b === undefined || a === null || b === null ? null : b - a;
      gap = h("td.num", { class: d === null || Math.abs(d) < 5e-4 ? "num quiet" : d > 0 ? "num up" : "num down" }, d === null ? "" : Math.abs(d) < 5e-4 ? "=" : `${d > 0 ? "▲ +" : "▼ −"}${apart(Math.abs(d), row.kind)}`);
    }
    return h("tr", { class: marked.has(row.name) ? "marked" : "", "data-row": row.key }, h("th", { scope: "row" }, row.label, row.unit ? h("small", {}, ` ${row.unit}`) : null), columns.map((c) => h("td.num", {}, say(row, c.answer))), gap);
  });
  return h("table.numbers", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Quantity"), columns.map((c) => h("th.num", { scope: "col" }, c.label)), difference ? h("th.num", { scope: "col" }, "Difference") : null)), h("tbody", {}, body));
}

export const asCsv = (list, columns) => csv(["quantity", ...columns.map((c) => c.label)], list.map((row) => [row.label, ...columns.map((c) => c.answer ? row.read(c.answer) : null)]));
