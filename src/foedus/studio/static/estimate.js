// A kept estimate in the panel: its table, its figure, and what became of its resamples.
import { ask } from "./api.js";
import { h, number, put } from "./dom.js";
import { figure } from "./figure.js";

const fixed = (value, places) => value === null || value === undefined ? "–" : value.toFixed(places).replace("-", "−");
const interval = ([low, high]) => low === null && high === null ? "open" : `${number(low)} to ${number(high)}`;
const sure = (p) => p !== null && p < 0.0005 ? "<0.001" : fixed(p, 3);
const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

// What a list says of it: how well it fits, and to how much.
const fits = (about) => [`log-likelihood ${fixed(about.log_likelihood, 2)}`, count(Math.round(about.observations), "observation")];
export function inBrief({ kind, about, done, chunks }) {
  const found = fits(about);
  if (kind === "estimate" && about.resamples) found.push(count(about.resamples, "resample"));
  if (kind === "bootstrap") found.push(done < chunks ? "not finished: its command goes on" : `all ${count(about.resamples, "resample")}`);
  return found.join(", ");
}

// Rows in groups by what stands before the last colon of their names.
function table(title, columns, names, cells) {
  const groups = new Map();
  for (const name of names) { const about = name.slice(0, Math.max(name.lastIndexOf(":"), 0)); groups.set(about, [...groups.get(about) || [], name]); }
  return h("div.scroll", { tabindex: 0, role: "group", "aria-label": title }, h("table.coefficients", {}, h("caption", {}, title),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Coefficient"), columns.map((words) => h("th.num", { scope: "col" }, words)))),
    [...groups].map(([about, own]) => h("tbody", {}, about ? h("tr", {}, h("th", { scope: "rowgroup", colspan: columns.length + 1 }, about)) : null,
      own.map((name) => h("tr", {}, h("th", { scope: "row" }, name.slice(name.lastIndexOf(":") + 1)), cells(name).map((text) => h("td.num", {}, text))))))));
}

// What matters most comes first: on a phone the rest is reached by scrolling.
export const coefficients = (estimate) => table("Coefficients with 95 % intervals", ["Estimate", "95 % interval", "Std err", "z", "p"], estimate.names, (name) => {
  const one = estimate.parameters[name];
  return [number(one.estimate), interval(one.interval), number(one.std_err), fixed(one.z, 2), sure(one.p)];
});

const resamples = (found, names) => table(`${count(found.resamples, `${found.kind} resample`)}: ${found.failed} failed${found.separated ? `, ${found.separated} separated or nearly so` : ""}`, ["Estimate", "95 % percentiles", "Std err", "Robust"], names, (name) => {
  const one = found.parameters[name];
  return [number(found.estimates[name]), interval(one.interval), number(one.std_err), number(one.robust_std_err)];
});

const profiles = (found, names) => table("Profile likelihoods", ["95 % interval"], names.filter((name) => name in found), (name) => [found[name].better ? "a higher optimum" : interval(found[name].interval)]);

export function estimated(run) {
  const one = run.estimate, page = run.about?.page;
  return [coefficients(one),
    h("dl.pairs", {}, one.facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value.replace(/^-/, "−"))])),
    one.notes.map((note) => h("p", {}, h("b", {}, "Note "), note)),
    drawn(run), one.bootstrap ? resamples({ ...one.bootstrap, estimates: Object.fromEntries(one.names.map((name) => [name, one.parameters[name].estimate])) }, one.names) : null, one.profiles ? profiles(one.profiles, one.names) : null,
    page && !page.kept ? h("p.quiet", {}, `Its page of ${(page.bytes / 2 ** 20).toFixed(1)} MB was too large to be kept; the command below writes it as files.`) : null,
    page ? null : h("p.quiet", {}, "No page is kept with it; its command with -o DIR writes one, and keeps it."),
    h("details", {}, h("summary", {}, `Its model, ${one.origin.model_file}`), h("pre.model", { tabindex: 0 }, run.source)),
    h("dl.pairs", {}, h("dt", {}, "Data"), h("dd", {}, one.origin.data_file), h("dt", {}, "SHA-256"), h("dd", {}, h("code", {}, one.origin.data_sha256)))];
}

export function bootstrapped(run) {
  const whole = run.done >= run.chunks;
  return [h("p", { id: "resamples" }, whole ? "All resamples are finished." : `${Math.floor(100 * run.done / run.chunks)} % of its resamples are finished. The same command goes on from there:`),
    whole ? null : h("pre", { tabindex: 0 }, run.command), run.about ? h("p.quiet", {}, `${fits(run.about).join(", ")}.`) : null, run.done ? drawn(run) : null];
}

// What is worked out from the store when somebody looks: the figure, or the resamples so far.
function drawn(run) {
  const place = h("div.figures", { "aria-live": "polite" }, h("p.quiet", {}, "Drawing …"));
  const width = Math.min(510, innerWidth) - 64; // the panel's, less its margins, a scroll bar and the drawing's own margin
  ask(`/api/runs/${run.id}/coefficients`, { width }).then(
    ({ figures, bootstrap }) => put(place, figures.map(figure), bootstrap ? resamples(bootstrap, bootstrap.names) : null),
    (error) => put(place, h("p.refused", {}, error.message)));
  return place;
}
