// One assumption: a slider over its range, what it means, why the range is what it is.
import { h, number, unique } from "./dom.js";

const STEPS = 200;

export function scale({ low, high, scale: kind }) {
  const log = kind === "log" && low > 0;
  const [a, b] = log ? [Math.log(low), Math.log(high)] : [low, high];
  return {
    place: (value) => Math.round(STEPS * ((log ? Math.log(value) : value) - a) / (b - a)),
    value: (place) => { const x = a + (b - a) * place / STEPS; return +(log ? Math.exp(x) : x).toPrecision(6); },
  };
}

// `set(name, value)` is called on release, with null for a reset.
export function slider(parameter, { value, set, source, decides }) {
  const fixed = parameter.low === parameter.high, id = unique(`p-${parameter.name}`);
  const way = scale(parameter), changed = value !== undefined && value !== null;
  const now = changed ? value : parameter.value;
  const unit = parameter.unit ? ` ${parameter.unit}` : "";
  const output = h("output", { for: id }, number(now));
  const reset = h("button.link.reset", { type: "button", hidden: !changed, "aria-label": `Reset ${parameter.name} to ${number(parameter.value)}`, onclick: () => set(parameter.name, null) }, "reset");
  const input = h("input", {
    type: "range", id, min: 0, max: STEPS, step: 1, value: fixed ? 0 : way.place(now), disabled: fixed, "data-parameter": parameter.name,
    "aria-valuetext": `${number(now)}${unit}`, "aria-describedby": `${id}-means`,
    oninput: () => { const v = way.value(+input.value); output.value = number(v); input.setAttribute("aria-valuetext", `${number(v)}${unit}`); },
    onchange: () => set(parameter.name, way.value(+input.value)),
  });
  const mark = fixed ? null : h("span.base", { "aria-hidden": "true", style: `--at:${way.place(parameter.value) / STEPS}` });
  const more = [parameter.why && h("p", {}, parameter.why), source && h("p.quiet", {}, source)].filter(Boolean);
  return h("div.slider", { "data-name": parameter.name, class: ["slider", changed ? "changed" : "", decides ? "decides" : ""].join(" ") },
    h("div.top", {}, h("label", { for: id }, parameter.name), decides ? h("span.badge", {}, decides) : null, changed ? h("span.dot", { title: "changed from the file" }, h("span.unseen", {}, "changed")) : null, reset, output),
    h("p.means", { id: `${id}-means` }, parameter.means || parameter.label || ""),
    h("div.track", {}, input, mark),
    h("div.ends", {}, h("span", {}, number(parameter.low)), fixed ? h("span", {}, "fixed here") : h("span", {}, `${parameter.scale === "log" ? "log scale" : ""}${unit}`), h("span", {}, number(parameter.high))),
    more.length ? h("details", {}, h("summary", { "aria-label": `Why this range of ${parameter.name}` }, "why this range"), more) : null);
}
