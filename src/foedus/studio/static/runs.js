// What was run or estimated: listed, looked into, and two of them side by side.
import { ask, complain } from "./api.js";
import { opener } from "./briefing.js";
import { h, number, openSide, put, share } from "./dom.js";
import { bootstrapped, coefficients, estimated, inBrief } from "./estimate.js";
import { verdict } from "./explore.js";

const size = (bytes) => bytes > 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`;

export async function show(main) {
  document.title = "Runs – foedus studio";
  const { runs } = await ask("/api/runs");
  const shownKinds = new Set(["assess", "solve", "estimate", "bootstrap"]), chosen = new Set();
  const draws = h("input", { type: "checkbox", id: "all-kinds", onchange: () => { draws.checked ? shownKinds.add("draws") : shownKinds.delete("draws"); list(); } });
  const compare = h("button", { type: "button", id: "compare", disabled: true, onclick: () => beside([...chosen]) }, "Compare two");
  const place = h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Runs" });
  put(main, h("div.head", {}, h("h1", {}, "Runs"), h("span.row.push", {}, h("label.check", {}, draws, "also the draws behind them"), compare)), place);
  function list() {
    const some = runs.filter((r) => shownKinds.has(r.kind));
    put(place, some.length ? h("table.runs", {}, h("caption", {}, `${some.length} ${some.length === 1 ? "run" : "runs"}, the newest first`), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span.unseen", {}, "Choose")), ["What was run", "To read", "When", "Done", "Size"].map((w) => h("th", { scope: "col" }, w)))), h("tbody", {}, some.map((r) => h("tr", { "data-run": r.id },
      h("td", {}, ["draws", "bootstrap"].includes(r.kind) ? null : h("input", { type: "checkbox", "aria-label": `Choose run ${r.id}`, checked: chosen.has(r.id), onchange: (event) => { event.target.checked ? chosen.add(r.id) : chosen.delete(r.id); compare.disabled = chosen.size !== 2; } })),
      h("td", {}, h("b", {}, r.kind), ` ${r.title} `, h("small", {}, h("button.link", { type: "button", "aria-label": `Run ${r.id}, ${r.kind} ${r.title}`, onclick: () => look(r.id) }, h("code", {}, r.id))), r.about ? h("small", {}, inBrief(r)) : null), h("td", {}, toRead(r, true)), h("td", {}, new Date(r.started).toLocaleString()), h("td", {}, r.done >= r.chunks ? "all" : `${Math.floor(100 * r.done / r.chunks)} %`), h("td.num", {}, size(r.bytes)))))) : h("p.quiet", {}, "Nothing has been run yet. ", h("a", { href: "/" }, "Choose a scenario"), "."));
  }
  list();
  if (location.hash.length > 1) look(location.hash.slice(1));
}

// The briefing of an assessment, or the page that was kept with an estimate.
function toRead(run, short = false) {
  if (run.kind === "assess" && run.finished) return opener(run.id, short ? "Open" : undefined);
  return run.about?.page?.kept ? opener(run.id, short ? "Open" : "Open the page", "page") : null;
}

async function look(id) {
  try {
    const run = await ask(`/api/runs/${encodeURIComponent(id)}`);
    const origin = h("dl.pairs", {}, [["Command", run.command || "–"], ["Begun", new Date(run.started).toLocaleString()], ["Finished", run.finished ? new Date(run.finished).toLocaleString() : "no"], ["Failures", run.failures], ...Object.entries(run.versions)].flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
    const head = [h("p", {}, run.title), toRead(run)];
    if (run.estimate) return openSide(`Run ${run.id}`, head, estimated(run), origin);
    if (run.kind === "bootstrap") return openSide(`Run ${run.id}`, head, bootstrapped(run), origin);
    openSide(`Run ${run.id}`, head, origin, results(run),
      h("div.row", {}, run.source && run.kind !== "estimate" ? h("button", { type: "button", onclick: async () => { try { const made = await ask("/api/documents", { name: run.title, text: run.source, from: `run ${run.id}` }); location.href = `/explore/${made.name}`; } catch (error) { complain(error); } } }, "Open its scenario") : null),
      run.findings ? [h("h3", {}, "Its briefing"), h("p.quiet", {}, "The findings as pages to read and to pass on, written from this run. The same on the command line, for the files:"), h("pre", { tabindex: 0 }, `foedus brief --run ${run.id} -o briefing`)] : null);
  } catch (error) { complain(error); }
}
function results(run) {
  if (run.estimate) return coefficients(run.estimate);
  if (run.findings) return h("table", {}, h("caption", {}, `${run.findings.plausible} of ${run.findings.draws} draws count`), h("tbody", {}, run.findings.claims.map((c) => h("tr", {}, h("th", { scope: "row" }, `${c.id}  ${c.label}`), h("td", {}, verdict(c.verdict)), h("td.num", {}, share(c.share))))));
  if (run.answer) { const names = Object.keys(run.answer.regimes), all = [...new Set(names.flatMap((n) => Object.keys(run.answer.regimes[n].quantities)))]; return h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Quantities" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Quantity"), names.map((n) => h("th.num", { scope: "col" }, n)))), h("tbody", {}, all.map((q) => h("tr", {}, h("th", { scope: "row" }, q), names.map((n) => h("td.num", {}, number(run.answer.regimes[n].quantities[q])))))))); }
  return null;
}
async function beside(ids) {
  try {
    const [a, b] = await Promise.all(ids.map((id) => ask(`/api/runs/${id}`)));
    const flat = (value, at = "") => value !== null && typeof value === "object" ? Object.entries(value).flatMap(([k, v]) => flat(v, at ? `${at}.${k}` : k)) : [[at, value]];
    const [x, y] = [a, b].map((r) => new Map(flat({ ...r.settings, versions: undefined })));
    const differ = [...new Set([...x.keys(), ...y.keys()])].filter((k) => x.get(k) !== y.get(k) && !/^runs\b|digest/.test(k)).slice(0, 40);
    const claims = a.findings && b.findings ? a.findings.claims.map((c) => [c, b.findings.claims.find((d) => d.id === c.id)]).filter(([, d]) => d) : [];
    openSide(`${ids[0]} beside ${ids[1]}`, h("h3", {}, "What differs in the settings"), differ.length ? h("table", {}, h("tbody", {}, differ.map((k) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, String(x.get(k) ?? "–")), h("td", {}, String(y.get(k) ?? "–")))))) : h("p.quiet", {}, "Nothing."),
      claims.length ? [h("h3", {}, "Verdicts"), h("table", { id: "compared" }, h("tbody", {}, claims.map(([c, d]) => h("tr", { class: c.verdict === d.verdict ? "" : "marked" }, h("th", { scope: "row" }, `${c.id}  ${c.label}`), h("td", {}, verdict(c.verdict), ` ${share(c.share)}`), h("td", {}, verdict(d.verdict), ` ${share(d.share)}`)))))] : [a, b].map((r) => [h("h3", {}, r.title), results(r)]));
  } catch (error) { complain(error); }
}
