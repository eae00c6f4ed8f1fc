// Elements made from plain words; nothing from a scenario is ever read as markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled" || key === "open") element[key] = value;
    else element.setAttribute(key === "className" ? "class" : key, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

export const h = (name, attributes = {}, ...children) => {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  return fill(element, attributes, children);
};
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const by = (id) => document.getElementById(id);
export const put = (place, ...children) => { place.replaceChildren(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false)); return place; };
let names = 0;
export const unique = (word) => `${word}-${++names}`;

let saying;
export function say(words) { clearTimeout(saying); saying = setTimeout(() => { by("says").textContent = words; }, 150); }

export function notice(words, ...actions) {
  const box = h("div.notice", { role: "alert" }, h("p", {}, words), h("div.row", {}, actions.map(([label, act]) =>
    h("button", { type: "button", onclick: () => { box.remove(); act(); } }, label)),
    h("button.link", { type: "button", onclick: () => box.remove() }, "Dismiss")));
  by("notices").append(box);
  while (by("notices").children.length > 4) by("notices").firstChild.remove();
  return box;
}

export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) < 1e-9) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(1).replace("-", "−");
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(places, 4)).replace("-", "−");
}
export const share = (p) => p === null || p === undefined ? "–" : p > 0 && p < 0.005 ? "<1 %" : p < 1 && p > 0.995 ? ">99 %" : `${Math.round(100 * p)} %`;
export const SHARES = ["reach", "hazard", "probability", "rate", "distance"];
export const shown = (value, kind) => value === null || value === undefined ? "–" : SHARES.includes(kind) ? share(value) : number(value);

export function download(name, content, type) {
  const link = h("a", { href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })), download: name });
  document.body.append(link); link.click(); link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}
const cell = (v) => { let t = v === null || v === undefined ? "" : String(v); if (typeof v === "string" && /^[=+\-@\t]/.test(t)) t = `'${t}`; return /[",\n]/.test(t) ? `"${t.replaceAll('"', '""')}"` : t; };
export const csv = (columns, rows) => [columns, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";

// A panel over the right of the page: it takes the focus, and Escape gives it back.
let before = null;
export function openSide(title, ...content) {
  const side = by("side");
  if (side.hidden) before = document.activeElement;
  side.hidden = false;
  side.setAttribute("role", "dialog"); side.setAttribute("aria-label", title);
  const close = h("button.icon.push", { type: "button", "aria-label": "Close", onclick: closeSide }, "✕");
  put(side, h("div.head", {}, h("h2", { tabindex: "-1" }, title), close), content);
  side.querySelector("h2").focus();
  return side;
}
export function closeSide() { const side = by("side"); if (side.hidden) return; side.hidden = true; side.replaceChildren(); before?.isConnected && before.focus(); }
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeSide(); });
