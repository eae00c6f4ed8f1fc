// A figure of the briefing, drawn here: the same data, the same words, the same table.
import { h } from "./dom.js";
import { menu } from "./exporting.js";

let script = null;
function vega() {
  script ||= new Promise((done, failed) => document.head.append(h("script", { src: "/static/vega.js", onload: () => done(window.vegaEmbed), onerror: failed })));
  return script;
}
const dark = () => document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
const shown = (value) => typeof value === "number" ? +value.toPrecision(4) : value ?? "";

export function figure(data) {
  const place = h("div.drawing", { role: "img", "aria-label": data.summary }), tools = h("div.push");
  const table = h("table", {}, h("thead", {}, h("tr", {}, data.columns.map((c) => h("th", { scope: "col" }, c)))), h("tbody", {}, data.rows.map((row) => h("tr", {}, row.map((v) => h(typeof v === "number" ? "td.num" : "td", {}, shown(v)))))));
  const element = h("figure.vega", { "data-figure": data.name }, h("h3", {}, data.title), h("div.scroll", { tabindex: 0, role: "group", "aria-label": data.title }, place), h("figcaption", {}, data.summary), data.notes.map((n) => h("p.quiet", {}, n)), h("div.row", {}, h("details", {}, h("summary", {}, "As a table"), h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Table" }, table)), tools));
  const draw = async () => {
    const embed = await vega();
    // The interpreter works expressions out without `eval`, which the page's policy forbids.
    await embed(place, structuredClone(dark() ? data.dark : data.spec), { ast: true, actions: false, renderer: "svg", tooltip: false });
    const drawing = place.querySelector("svg");
    drawing.setAttribute("aria-hidden", "true");
    tools.replaceChildren(menu(data.title, drawing, () => data.csv));
    element.dataset.drawn = "yes";
  };
  draw();
  for (const change of ["theme"]) addEventListener(change, () => element.isConnected && draw());
  return element;
}
