// A figure taken along: as SVG, PNG or CSV, with the colours that it has on the page.
import { download, h } from "./dom.js";

const STYLES = ["fill", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "opacity"];

export function standalone(drawing) {
  const clone = drawing.cloneNode(true), from = drawing.querySelectorAll("*"), to = clone.querySelectorAll("*");
  from.forEach((element, i) => { const style = getComputedStyle(element); for (const name of STYLES) to[i].setAttribute(name, style.getPropertyValue(name)); to[i].removeAttribute("class"); });
  const [, , width, height] = drawing.getAttribute("viewBox")?.split(" ").map(Number) || [0, 0, drawing.clientWidth, drawing.clientHeight];
  clone.setAttribute("xmlns", "http://www.w3.org/2000/svg"); clone.setAttribute("width", width); clone.setAttribute("height", height);
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [k, v] of Object.entries({ width: "100%", height: "100%", fill: getComputedStyle(document.body).getPropertyValue("--fig-paper") })) paper.setAttribute(k, v);
  clone.prepend(paper);
  return { text: new XMLSerializer().serializeToString(clone), width, height };
}

async function png({ text, width, height }, scale = 2) {
  const image = new Image(), url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.src = url;
  await image.decode();
  const canvas = h("canvas", { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, width * scale, height * scale);
  URL.revokeObjectURL(url);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

export function menu(name, drawing, csv) {
  const file = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60) || "figure";
  const act = (label, make) => h("button.link", { type: "button", onclick: make, "aria-label": `${label} of ${name}` }, label);
  return h("div.row.take", {},
    drawing ? act("SVG", () => download(`${file}.svg`, standalone(drawing).text, "image/svg+xml")) : null,
    drawing ? act("PNG", async () => download(`${file}.png`, await png(standalone(drawing)))) : null,
    csv ? act("CSV", () => download(`${file}.csv`, csv(), "text/csv")) : null);
}
